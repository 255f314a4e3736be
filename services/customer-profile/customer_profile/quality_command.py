"""`python -m customer_profile data-quality`: how good the data is, as a table, and as a page with pictures."""

import argparse
import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from rich.console import Console
from sqlalchemy import RowMapping

from customer_profile.quality import store
from customer_profile.quality.page import quality_page, quality_table, series_of
from customer_profile.settings import Settings
from rapport.clock import utc_now
from rapport.composition import Composition, Runtime
from rapport.messaging.observer import Observer
from rapport.service import Command, Refused


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--days", type=int, default=30, metavar="N", help="the last days (default: %(default)s)")
    parser.add_argument("--html", type=Path, metavar="FILE", help="a page with pictures as well")


def _act(composition: Composition, settings: Settings, asked: argparse.Namespace) -> None:
    if not 1 <= asked.days <= 3660:
        raise Refused("--days is a number from 1 to 3660")
    last = utc_now().date()
    days = [last - timedelta(days=back) for back in reversed(range(asked.days))]
    rows, waiting = asyncio.run(
        _read(Runtime(composition, settings, role="report", observer=Observer()), days[0], last)
    )
    if not rows:
        raise Refused(f"nothing was counted since {days[0]}: is a worker running? --days looks further back")
    found, console = series_of(rows), Console()
    console.print(quality_table(found, waiting))
    if asked.html is not None:
        asked.html.parent.mkdir(parents=True, exist_ok=True)
        asked.html.write_text(quality_page(found, waiting, days), "utf-8")
        console.print(f"pictures: {asked.html}")


async def _read(runtime: Runtime, first: date, last: date) -> tuple[Sequence[RowMapping], dict[str, int]]:
    try:
        async with runtime.engine.connect() as connection:
            return await store.series(connection, since=first, until=last), await store.waiting(connection)
    finally:
        await runtime.close()


QUALITY = Command("data-quality", "show how good the data is, by source and attribute over time", _add_options, _act)
