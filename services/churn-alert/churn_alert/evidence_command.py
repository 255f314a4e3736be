"""`python -m churn_alert evidence`: what each version of the playbooks has brought about, for who writes the next."""

import argparse
import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from churn_alert.casebook.evidence_views import CellView, EvidenceView, PlaybookEvidence
from churn_alert.casebook.handlers import Trying, what_worked
from churn_alert.proof.asking import EVER, Period, asked_of
from churn_alert.proof.handlers import as_of
from churn_alert.proof.views import RateView
from churn_alert.settings import Settings
from rapport.clock import utc_now
from rapport.composition import Composition, Runtime
from rapport.messaging.observer import Observer
from rapport.row_security import ALL
from rapport.service import Command, Refused

_COLUMNS = ("by", "group", "treated", "stayed", "held out", "stayed", "difference", "conclusion")


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--playbook", help="only this one")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write it to this file instead of a table")


def _act(composition: Composition, settings: Settings, asked: argparse.Namespace) -> None:
    """Print or write what worked. Raises Refused where nothing was tried, or the playbook named never was."""
    runtime = Runtime(composition, settings, role="evidence", observer=Observer())
    found = asyncio.run(_found(runtime, asked.playbook))
    if not found.playbooks:
        raise Refused(
            f"no alert was dealt with by {asked.playbook or 'any playbook'} yet: see GET /playbooks for names"
        )
    if asked.json is not None:
        os.umask(0o077)  # a bank's own failures
        asked.json.write_text(found.model_dump_json(indent=2) + "\n", "utf-8")
        return
    console = Console()
    for one in found.playbooks:
        console.print(_table(one, found.least))


async def _found(runtime: Runtime, playbook: str | None) -> EvidenceView:
    trying: Trying = runtime.composition.state["trying"]
    try:
        async with runtime.engine.connect() as connection:
            at = await as_of(connection, runtime.transactions.service)
            asked = asked_of(Period(None, None), trying.measure.zone, at, ALL)
            found = await what_worked(connection, trying, asked, at or EVER, playbook=playbook)
    finally:
        await runtime.close()
    return EvidenceView.of(found, as_of=at, window_days=trying.measure.at(utc_now()).definition.window.days)


def _table(one: PlaybookEvidence, least: int) -> Table:
    steps = ", then ".join(f"{step.kind} {step.action}" for step in one.steps) or "no longer written"
    table = Table(*_COLUMNS, title=f"{one.playbook} {one.version}: {steps}", title_justify="left")
    for cell in one.cells:
        table.add_row(*_row(cell, least))
    for work in one.work:
        table.add_row("done", work.action, f"{work.begun:,} begun", f"{work.done:,} done", "", "", "", "")
    return table


def _row(cell: CellView, least: int) -> Iterator[str]:
    yield cell.by or "all"
    yield cell.group or ""
    if cell.effect is None:
        yield from ("", "", "", "", "", f"fewer than {least}, or told from the others")
        return
    for arm in (cell.effect.treated, cell.effect.held_out):
        yield f"{arm.drawn:,}"
        yield _rate(arm.rate)
    yield _rate(cell.effect.difference)
    yield cell.effect.conclusion


def _rate(rate: RateView | None) -> str:
    return "-" if rate is None else f"{rate.value:.1%} ({rate.low:.1%} to {rate.high:.1%})"


EVIDENCE: Command[Any] = Command("evidence", "what each playbook has brought about", _add_options, _act)
