"""What is done about cores by hand: `check-adapter` shows what a mapping makes of records, `reconcile` finds gaps."""

import argparse
import asyncio
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from customer_profile.adapter.balances import BalanceReconciliation
from customer_profile.adapter.domain.mapping import Adapter
from customer_profile.adapter.mappings import MappingInvalid, read_file
from customer_profile.adapter.reconciliation import Reconciliation
from customer_profile.adapter.records import NOBODY, RawReader
from customer_profile.quality.store import put
from customer_profile.settings import Settings
from rapport.composition import Composition, Runtime
from rapport.messaging.observer import Observer
from rapport.messaging.records import RawRecord
from rapport.service import Command, Refused, Tool

_SHOWN = 20
"""Numbers of each kind that are printed; `--all` prints every one."""
_RUNBOOK = "docs/runbooks/cores.md"
Work = Reconciliation | BalanceReconciliation
_NO_KEY = bytes(32)
"""Tokens of a check are no one's: the key is not needed to see whether a mapping fits."""


def _add_check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="the mapping")
    parser.add_argument("--sample", type=Path, metavar="FILE", help="raw records, one a line")


def _check(asked: argparse.Namespace) -> None:
    try:
        reader = RawReader(read_file(asked.file, _NO_KEY))
    except MappingInvalid as invalid:
        raise Refused(str(invalid)) from None
    console = Console()
    adapter = reader.adapter
    console.print(f"{asked.file}: {adapter.topic} of {adapter.source} tells {adapter.tells}", highlight=False)
    lines = _lines(asked.sample) if asked.sample else []
    faulty = sum(not _show(console, reader, number, line) for number, line in enumerate(lines, start=1))
    if faulty:
        raise Refused(f"{faulty} of {len(lines)} sample records do not fit: see their faults above")


def _show(console: Console, reader: RawReader, number: int, line: bytes) -> bool:
    """Prints what becomes of one record, field by field; whether it fits."""
    mapped, foreign = reader.mapped(line), reader(RawRecord(reader.adapter.topic, 0, number, 0, None, line, []))
    shown = Table(title=f"record {number}", title_justify="left", box=None, pad_edge=False, show_header=False)
    faults = [] if foreign is None else list(getattr(foreign.event, "faults", ()))
    for name, value in (mapped.fields or {}).items():
        if name != "source":
            shown.add_row(name, str(value))
    if mapped.original is not None:
        shown.add_row("takes back", mapped.original)
    if mapped.day is not None:
        shown.add_row("closes the day", str(mapped.day))
    if foreign is None:
        shown.add_row("no fact for us", "passed over")
    if mapped.fields is not None and "customer_id" not in mapped.fields and reader.adapter.tells != "account-changed":
        shown.add_row("customer_id", f"{NOBODY} yet: that of the account")
    for name, fault in faults:
        shown.add_row(name, f"[red]{fault}[/]")
    console.print(shown)
    return not faults


def _add_reconcile(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="SOURCE", help="the core, as its mapping names it")
    parser.add_argument("file", type=Path, metavar="FILE", help="its own list: raw records, one a line")
    of = parser.add_mutually_exclusive_group(required=True)
    of.add_argument("--day", type=date.fromisoformat, metavar="YYYY-MM-DD", help="of the postings of this day")
    of.add_argument("--balances", action="store_true", help="of all accounts with their balances, at one moment")
    parser.add_argument("--publish", action="store_true", help="put what the stream missed on the raw topic again")
    parser.add_argument("--all", action="store_true", help=f"print every number, not {_SHOWN} of a kind")


def _reconcile(composition: Composition, settings: Settings, asked: argparse.Namespace) -> None:
    tells = "account-changed" if asked.balances else "transaction-recorded"
    topic, adapter = _adapter_of(composition.state["adapters"], asked.source, tells)
    lines = _lines(asked.file)
    console = Console()
    runtime = Runtime(composition, settings, role="operator", observer=Observer())
    reader = RawReader(adapter)
    work: Work = (
        BalanceReconciliation(runtime, reader, topic)
        if asked.balances
        else Reconciliation(runtime, reader, topic, asked.day)
    )
    findings, published = asyncio.run(_run(work, console, lines, asked))
    _report(console, work, findings, limit=None if asked.all else _SHOWN)
    if published:
        console.print(f"{published} missed records are on {topic} again", highlight=False)
    elif findings.untold:
        raise Refused(f"the stream missed {len(findings.untold)} records of {asked.file}; --publish tells them again")
    if findings.is_disputed or work.faulty:
        raise Refused(f"what else {asked.file} says otherwise is not mended by telling it again: see {_RUNBOOK}")


async def _run(work: Work, console: Console, lines: Sequence[bytes], asked: argparse.Namespace) -> tuple[Any, int]:
    try:
        await work.runtime.check_keys()  # by another key every account would be another
        findings: Any = await work.compare(console, lines)
        await _count(work.runtime, findings, asked)
        return findings, await work.publish(findings.untold) if asked.publish else 0
    finally:
        await work.runtime.close()


async def _count(runtime: Runtime, findings: Any, asked: argparse.Namespace) -> None:
    """What the comparison found as data quality of the core; comparing the same day again replaces it."""
    faults = sum(map(len, findings.shown.values()))
    async with runtime.transactions.begin() as tx:
        await put(
            tx.connection,
            day=asked.day or tx.now.date(),
            source=asked.source,
            attribute="balance" if asked.balances else "transaction_no",
            dimension="consistency",
            seen=findings.equal + faults,
            faults=faults,
        )


def _report(console: Console, work: Work, findings: Any, *, limit: int | None) -> None:
    shown = Table(title=work.title, title_justify="left", box=None, pad_edge=False)
    for kind in ("", "records", "numbers"):
        shown.add_column(kind, justify="right" if kind == "records" else "left")
    shown.add_row("equal", f"{findings.equal:,}", "")
    for kind, numbers in findings.shown.items():
        more = " …" if limit is not None and len(numbers) > limit else ""
        shown.add_row(kind, f"{len(numbers):,}", ", ".join(numbers[:limit]) + more)
    shown.add_row("of no matter here", f"{work.passed_over:,}", "")
    shown.add_row("unreadable", f"{len(work.faulty):,}", ", ".join(f"line {n}" for n in work.faulty[:limit]))
    console.print(shown)


def _adapter_of(adapters: dict[str, Adapter], source: str, tells: str) -> tuple[str, Adapter]:
    found = [(t, a) for t, a in adapters.items() if a.source == source and a.tells == tells]
    if len(found) != 1:
        known = ", ".join(sorted({a.source for a in adapters.values() if a.tells == tells})) or "none"
        raise Refused(f"there is no core {source} with one topic that tells {tells}; the settings name {known}")
    return found[0]


def _lines(file: Path) -> list[bytes]:
    try:
        return [line for line in file.read_bytes().splitlines() if line.strip()]
    except OSError as error:
        raise Refused(f"{file} cannot be read ({type(error).__name__})") from None


CHECK = Tool("check-adapter", "show what a mapping makes of raw records, field by field", _add_check, _check)
RECONCILE = Command("reconcile", "find what the stream missed of a core's day or balances", _add_reconcile, _reconcile)
