"""`python -m scoring replay`: each partition in a process of its own, with a bar, resumed where it was left."""

import argparse
import asyncio
import hashlib
import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.progress import Progress

from rapport.composition import Composition, Runtime
from rapport.documents import DocumentInvalid, read_document
from rapport.erasure.store import destroyed_in
from rapport.messaging.history import History, lengths
from rapport.messaging.log import HistoryMissing, KafkaLog, Log
from rapport.messaging.observer import Observer
from rapport.progress import COLUMNS
from rapport.service import Command, Refused
from scoring.main import compose
from scoring.replay import store
from scoring.replay.documents import read_shock
from scoring.replay.domain import Comparison
from scoring.replay.exposure import Models
from scoring.replay.handlers import deciding, replay
from scoring.replay.options import add_options, demand_possible
from scoring.replay.page import (
    Asked,
    AtRisk,
    migration_table,
    opening,
    reservations,
    risk_tables,
    tier_table,
    write_page,
)
from scoring.replay.persons import Groups, by_person, persons_at_end, strike_apart, strike_person
from scoring.replay.shock import Shock
from scoring.scorecard.documents import ScorecardDocument
from scoring.scorecard.files import scorecards_of
from scoring.segment.handlers.taking_up import take_up_segments
from scoring.settings import Settings
from scoring.standing.domain.rules import Rules
from scoring.standing.store.file_acts import persons_known
from scoring.standing.store.hands import hands_in
from scoring.standing.taking_up import take_up

_LOOK_SECONDS = 0.2
_SUMMED = (
    "read", "applied", "duplicate", "skipped", "dead_lettered", "compacted", "passed_over", "differing_from_live",
    "lost_minor", "spent_minor",
)  # fmt: skip
_read: Any = None
"""In a child: the counters of records read, one a partition, that the parent shows."""


class _What(NamedTuple):
    """What is asked, of every partition alike. `by`: what a shock is measured by; the models of its beginning."""

    until: datetime
    folder: Path
    scorecard: Path | None
    shock: Shock | None
    by: Models
    with_live: bool
    archive: Path | None
    persons: Groups


def _act(composition: Composition, settings: Settings, asked: argparse.Namespace) -> None:
    demand_possible(asked)
    os.umask(0o077)  # where every customer stands; the children have it from here
    console = Console()
    runtime = Runtime(composition, settings, role="replay", observer=Observer())
    try:
        rules: Rules = composition.state["rules"]
        used = _what_if(rules, asked.scorecard) if asked.scorecard else rules
        log = _log(settings, asked.archive)
        until = _until(asked, log)
        by, persons = asyncio.run(_take_up(runtime, until))
        shock = read_shock(asked.shock, used.cards.at(until).thresholds.tiers, by.segments) if asked.shock else None
        by = by if shock else Models()
        what = _What(until, asked.out, asked.scorecard, shock, by, asked.compare_live, asked.archive, persons)
        store.begin(asked.out, _question(asked, what))
        spans = asyncio.run(lengths(log, deciding(runtime.transactions.service), what.until))
        _replay_missing(console, what, spans, asked.processes)
        _report(console, what, spans, (rules, used))
    except (HistoryMissing, store.OtherReplay, DocumentInvalid, FileNotFoundError) as refusal:
        raise Refused(str(refusal)) from None


def _log(settings: Settings, folder: Path | None) -> Log:
    if folder is None:
        return KafkaLog(settings.kafka)
    from rapport.messaging.archive import Archive  # noqa: PLC0415 - pyarrow, that nobody else needs

    return Archive(folder)


def _until(asked: argparse.Namespace, log: Log) -> datetime:
    """Without --to a replay that was left goes on to the moment it was begun for, and one of an archive to its end."""
    before = store.begun(asked.out)
    if asked.to is None and before is not None:
        return datetime.fromisoformat(before["to"])
    moment: datetime = asked.to or log.complete_to
    return moment


async def _take_up(runtime: Runtime, until: datetime) -> tuple[Models, Groups]:
    """The rules as they are stored; the latest models of segments and of lifetime values, and who was of several files
    by then, the same for every partition."""
    rules, segments = runtime.composition.state["rules"], runtime.composition.state["segments"]
    async with runtime.engine.connect() as connection:
        await take_up(rules, connection, at_once=True)
        await take_up_segments(segments, connection, at_once=True)
        persons = await persons_known(connection, until)
    await runtime.engine.dispose()
    return Models(segments.latest, rules.models.latest), persons


def _question(asked: argparse.Namespace, what: _What) -> dict[str, Any]:
    files = {"scorecard": asked.scorecard, "shock": asked.shock}
    hashes = {name: hashlib.sha256(path.read_bytes()).hexdigest() if path else None for name, path in files.items()}
    versions = {f"{name}_model": model.version for name, model in what.by._asdict().items() if model}
    source = {"archive": str(asked.archive)} if asked.archive else {}
    return {"to": what.until.isoformat(), **hashes, **versions, "compare_live": what.with_live, **source}


def _replay_missing(console: Console, what: _What, spans: Sequence[int], processes: int) -> None:
    left = store.missing(what.folder, len(spans))
    context = multiprocessing.get_context("spawn")
    read: Any = context.Array("q", len(spans))
    done_before = sum(span for number, span in enumerate(spans) if number not in left)
    with (
        Progress(*COLUMNS, console=console) as progress,
        ProcessPoolExecutor(processes, context, initializer=_share, initargs=(read,)) as pool,
    ):
        bar = progress.add_task("replaying", total=sum(spans), completed=done_before)
        running: set[Future[None]] = {pool.submit(_replay_partition, number, what) for number in left}
        while running:
            ended, running = wait(running, timeout=_LOOK_SECONDS, return_when="FIRST_COMPLETED")
            progress.update(bar, completed=done_before + sum(read))
            for one in ended:
                if error := one.exception():
                    pool.shutdown(wait=False, cancel_futures=True)
                    raise error


def _share(read: Any) -> None:
    global _read  # noqa: PLW0603 - what a child of the pool is given once
    _read = read


def _replay_partition(partition: int, what: _What) -> None:
    settings = Settings.read()
    runtime = Runtime(compose(settings), settings, role="replay", observer=Observer())
    asyncio.run(_replay(runtime, settings, partition, what))


async def _replay(runtime: Runtime, settings: Settings, partition: int, what: _What) -> None:
    rules: list[Rules] = [runtime.composition.state["rules"]]
    if what.scorecard is not None:
        rules.append(_what_if(rules[0], what.scorecard))
    elif what.shock is not None:
        rules.append(rules[0])
    history = History(_log(settings, what.archive), deciding(runtime.transactions.service), partition)

    def show(count: int) -> None:
        _read[partition] = count

    try:
        async with runtime.engine.connect() as connection:
            await take_up(rules[0], connection, at_once=True)
            hands = await hands_in(connection, partition, what.until)
            erased = await destroyed_in(connection, partition)
        part = await replay(history, rules, what.until, hands, erased, read=show)
        grouped = {file for files in what.persons.values() for file in files}
        figures = asdict(history.passed) | {"position": part.until.isoformat() if part.until else None}
        if what.shock is not None and part.until is not None:
            figures |= store.told(strike_apart(part.books[-1], grouped, what.shock, part.until, what.by))
        end = part.until or what.until
        in_force, limits = rules[0].cards.at(end), rules[-1].cards.at(end).thresholds
        figures["in_force"] = f"{in_force.name} {in_force.version}"
        figures["ladder"] = dict(zip(limits.tiers, (None, *limits.starts), strict=True))
        async with runtime.engine.connect() as connection:
            figures["passed_over"] = await store.passed_over(connection, partition)
            if what.with_live:
                figures["differing_from_live"] = await store.differing_from_live(
                    connection, partition, part.books[0].standings
                )
        store.keep(part, what.folder, figures, grouped)
    finally:
        await runtime.close()


def _what_if(rules: Rules, path: Path) -> Rules:
    """The bank by one scorecard, as if it had been in force from the beginning."""
    return replace(rules, cards=scorecards_of([read_document(path, ScorecardDocument, noun=ScorecardDocument.noun)]))


def _report(console: Console, what: _What, spans: Sequence[int], rules: Sequence[Rules]) -> None:
    """`rules`: before and after."""
    bank = rules[0].bank
    files_as_customers, files, parts = store.results(what.folder, len(spans))
    persons = persons_at_end(files, what.persons, rules)
    if what.shock is not None:
        parts += [store.told(strike_person(one, rules[-1], what.shock, what.by)) for one in persons]
    customers = by_person(files_as_customers, persons, what.persons)
    comparison = Comparison.of((one.before, one.after) for one in customers)
    figures: dict[str, Any] = {"to": what.until.isoformat()}
    figures["scorecard"] = what.scorecard.name if what.scorecard else None
    figures["shock"] = what.shock.name if what.shock else None
    for name in _SUMMED:
        if any(name in part for part in parts):
            figures[name] = sum(part.get(name, 0) for part in parts)
    risk = AtRisk(store.exposures_in(parts), parts[0]["ladder"], 10**bank.minor_digits, bank.currency)
    asked = Asked(parts[0]["in_force"], figures["scorecard"], what.shock)
    console.print(opening(asked), soft_wrap=True)
    console.print((migration_table if asked.compares else tier_table)(comparison, risk.ladder))
    if "differing_from_live" in figures:
        console.print(f"{figures['differing_from_live']:,} customers differ from the live table")
    for reservation in reservations(figures):
        console.print(reservation, soft_wrap=True)
    for table in risk_tables(risk):
        console.print(table)
    store.write_summary(what.folder, comparison, figures, risk.exposures)
    differences = store.write_differences(what.folder, customers)
    page = write_page(what.folder, comparison, figures, risk, asked)
    console.print(f"pictures: {page}\nby customer: {differences}")


REPLAY = Command("replay", "read the log again, to any date, by any scorecard", add_options, _act)
