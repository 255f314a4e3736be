"""`python -m customer_profile audit`: who did what with personal data in a period, as tables and as a page."""

import argparse
import asyncio
from datetime import date
from pathlib import Path

from rich.console import Console

from customer_profile.audit.domain import Report
from customer_profile.audit.handlers import draw_up
from customer_profile.audit.page import audit_page, tables_of
from customer_profile.settings import Settings
from rapport.composition import Composition, Runtime
from rapport.messaging.observer import Observer
from rapport.service import Command, Refused


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--from", dest="first", type=date.fromisoformat, required=True, metavar="DAY", help="first day")
    parser.add_argument("--to", dest="last", type=date.fromisoformat, required=True, metavar="DAY", help="last day")
    parser.add_argument("--html", type=Path, metavar="FILE", help="a page with pictures as well")


def _act(composition: Composition, settings: Settings, asked: argparse.Namespace) -> None:
    if asked.last < asked.first:
        raise Refused("--to is before --from")
    runtime = Runtime(composition, settings, role="report", observer=Observer())
    report, console = asyncio.run(_read(runtime, settings, asked.first, asked.last)), Console()
    for table in tables_of(report):
        console.print(table)
    if asked.html is not None:
        asked.html.parent.mkdir(parents=True, exist_ok=True)
        asked.html.write_text(audit_page(report), "utf-8")
        console.print(f"pictures: {asked.html}")


async def _read(runtime: Runtime, settings: Settings, first: date, last: date) -> Report:
    try:
        async with runtime.engine.connect() as connection:
            state = runtime.composition.state
            return await draw_up(connection, first, last, zone=settings.bank.zone, state=state)
    finally:
        await runtime.close()


AUDIT = Command("audit", "show who did what with personal data in a period, and what is overdue", _add_options, _act)
