"""`python -m scoring report`: drift, fairness and the challenger as tables, and as a page with pictures."""

import argparse
import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.composition import Composition, Runtime
from rapport.messaging.observer import Observer
from rapport.pages import page
from rapport.service import Command, Refused
from scoring.challenger.domain.contest import Challenger
from scoring.challenger.page import challenger_section, challenger_table
from scoring.challenger.store.challengers import latest
from scoring.drift.domain import Drift
from scoring.drift.handlers import drifts, take_snapshot_now
from scoring.drift.page import drift_section, drift_table
from scoring.fairness.domain import NOT_KNOWN, Finding
from scoring.fairness.handlers import count_groups, latest_findings
from scoring.fairness.page import fairness_section, fairness_table
from scoring.fairness.store import Counting
from scoring.scorecard.documents import ThresholdsDocument
from scoring.scorecard.domain import Tier
from scoring.scorecard.store import scorecards
from scoring.settings import Settings
from scoring.version.documents import readable

_DAYS = 400
"""Of history on the page: a year and a month, one snapshot a day."""


class _Found(NamedTuple):
    history: Sequence[Drift]
    fairness: tuple[Counting, Sequence[Finding]] | None
    challenger: Challenger | None
    ladder: Sequence[Tier]
    """Of the version in force, the lowest tier first, then what the challenger has besides."""


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--now", action="store_true", help="count the book at this moment, else as last counted")
    parser.add_argument("--out", type=Path, default=Path("report.html"), help="the page (default: %(default)s)")


def _act(composition: Composition, settings: Settings, asked: argparse.Namespace) -> None:
    runtime = Runtime(composition, settings, role="report", observer=Observer())
    found = asyncio.run(_find(runtime, now=asked.now))
    if not found.history:
        raise Refused("nobody was counted yet: --now counts the book, once there are customers in it")
    console = Console()
    console.print(drift_table(found.history[0]))
    sections = [drift_section(found.history)]
    if found.fairness is not None:
        console.print(fairness_table(*found.fairness))
        console.print("not known here:", *(f"\n  {sentence}" for sentence in NOT_KNOWN))
        sections.append(fairness_section(*found.fairness))
    if found.challenger is not None and found.challenger.comparison is not None:
        console.print(challenger_table(found.challenger, found.challenger.comparison, found.ladder))
        sections.append(challenger_section(found.challenger, found.challenger.comparison, found.ladder))
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(page("Drift and fairness", f"<h1>Drift and fairness</h1>{''.join(sections)}"), "utf-8")
    console.print(f"pictures: {asked.out}")


async def _find(runtime: Runtime, *, now: bool) -> _Found:
    try:
        if now:
            rules = runtime.composition.state["rules"]
            await take_snapshot_now(runtime.transactions, rules=rules)
            await count_groups(runtime.transactions, rules=rules)
        async with runtime.engine.connect() as connection:
            challenger = await latest(connection)
            return _Found(
                await drifts(connection, limit=_DAYS),
                await latest_findings(connection),
                challenger,
                await _ladder(connection, challenger),
            )
    finally:
        await runtime.close()


async def _ladder(connection: AsyncConnection, challenger: Challenger | None) -> list[Tier]:
    """Of a version that this release cannot read no tier is known."""
    if challenger is None or challenger.comparison is None:
        return []
    found: list[Tier] = []
    for version in (challenger.comparison.against, challenger.version):
        document = await scorecards.document(connection, version)
        ladder = readable(ThresholdsDocument, document["thresholds"])
        found += ladder.thresholds().tiers if ladder else ()
    return found


REPORT = Command("report", "print drift, fairness and the challenger, and draw them", _add_options, _act)
