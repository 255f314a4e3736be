"""`python -m churn_alert backtest`: were the alerts right, in time, and better than counting silent days?"""

import argparse
import asyncio
import multiprocessing
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, wait
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.progress import Progress

from churn_alert.main import compose
from churn_alert.proof.backtest import Tested, compare, departures_of
from churn_alert.proof.documents import DepartureDocument
from churn_alert.proof.domain.held_out import unacted
from churn_alert.proof.experiments import Experiment, experiments
from churn_alert.proof.figures import Proof, proof
from churn_alert.proof.handlers import Measuring
from churn_alert.proof.replaying import Part, behaving, replayed
from churn_alert.proof.report import backtest_page, tables
from churn_alert.proof.store.courses import Asked
from churn_alert.proof.store.issued import book, furthest_whole, issued, left_out
from churn_alert.proof.told import TruthUnreadable, read_told
from churn_alert.risk.domain.crossing import Rules
from churn_alert.settings import Settings
from rapport.clock import utc_now
from rapport.composition import Composition, Runtime
from rapport.documents import in_force
from rapport.erasure.store import destroyed_in
from rapport.messaging.history import History, lengths
from rapport.messaging.log import HistoryMissing, KafkaLog, Log
from rapport.messaging.observer import Observer
from rapport.progress import COLUMNS
from rapport.row_security import ALL
from rapport.service import Command, Refused

_LOOK_SECONDS = 0.2
_EPILOG = """
Without --replay or --archive it judges the alerts that were really issued, as the database has them. With one of them
it lives the bank's log again by today's rules, as if nobody had acted, and also looks at everybody on the first of each
month. A model that was fitted on that time is flattered by it: what it is worth shows in the time after.
"""
_HELD_OUT = "The alerts that were issued on the held out, and as large a share of who was not warned of"
_ALL = (
    "The alerts that were issued, on the treated too since too few are held out: who stayed for it counts as "
    "a false alarm"
)
_read: Any = None
"""In a child: the counters of records read, one a partition, that the parent shows."""


class _Found(NamedTuple):
    """What is shown, and of what; `lived`: how the alerts that were issued fared."""

    source: str
    tested: Tested
    tried: Sequence[Experiment]
    lived: Proof | None


class _What(NamedTuple):
    """What is asked of every partition alike."""

    archive: Path | None
    until: datetime


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EPILOG
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--replay", action="store_true", help="live the log on Kafka again")
    source.add_argument("--archive", type=Path, metavar="FOLDER", help="the same from an archive of these topics")
    parser.add_argument("--truth", type=Path, metavar="FILE", help="who really left, as the simulator writes it")
    parser.add_argument(
        "--from", dest="since", type=_day, metavar="DAY", help="alerts from this day on (default: the first possible)"
    )
    parser.add_argument(
        "--page", "--out", dest="out", type=Path, default=Path("backtest.html"), help="the page (default: %(default)s)"
    )
    parser.add_argument("--processes", type=int, default=os.cpu_count(), help="of a replay (default: one a core)")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no day; one is, for example, 2025-03-01") from None


def _act(composition: Composition, settings: Settings, asked: argparse.Namespace) -> None:
    os.umask(0o077)  # a page of a bank's own failures
    console = Console()
    try:
        runtime = Runtime(composition, settings, role="backtest", observer=Observer())
        is_lived_again = asked.replay or asked.archive is not None
        act = _of_replay if is_lived_again else _of_issued
        source, found, tried, lived = act(console, runtime, settings, asked)
    except (HistoryMissing, TruthUnreadable) as refusal:
        raise Refused(str(refusal)) from None
    for one in tables(found, source):
        console.print(one)
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(backtest_page(found, source, tried, lived), "utf-8")
    console.print(f"pictures: {asked.out}", soft_wrap=True)


def _of_issued(console: Console, runtime: Runtime, _: Settings, asked: argparse.Namespace) -> _Found:
    return asyncio.run(_judge_issued(console, runtime, asked))


async def _judge_issued(console: Console, runtime: Runtime, asked: argparse.Namespace) -> _Found:
    state, is_stream_time = runtime.composition.state, runtime.transactions.service.is_stream_time
    measure = _measure_of(state)
    try:
        with console.status("reading alerts and everybody's days"):
            async with runtime.engine.connect() as connection:
                until = await furthest_whole(connection, measure.zone, utc_now(), is_stream_time=is_stream_time)
                everybody = await book(connection)
                alarms = await issued(connection, everybody.persons, measure.zone, is_stream_time=is_stream_time)
                of = Asked(str(measure.zone), None, None, ALL)
                share = state["share_of_experiment"]
                end = datetime.combine(until or date.min, time(), measure.zone)
                tried = await experiments(connection, of, end, measure=measure, held_out_share=share)
                lived = await proof(connection, of, measure, end)
        if until is None or not alarms:
            raise Refused("no alert was issued yet: --replay or --archive lives the log again and judges that")
        since = asked.since or min(one.day for one in alarms)
        chosen = unacted([one for one in alarms if one.day >= since], everybody.days)
        source = _HELD_OUT if chosen else _ALL
        issued_on, days = chosen or ([one for one in alarms if one.day >= since], dict(everybody.days))
        part = Part(issued_on, [], days)
        with console.status("judging"):
            return _Found(source, _tested(part, _departure_of(state), asked.truth, since, until), tried, lived)
    finally:
        await runtime.close()


def _measure_of(state: Mapping[str, Any]) -> Measuring:
    """What is measured by today."""
    measure: Measuring = state["measure"]
    return measure.at(utc_now())


def _departure_of(state: Mapping[str, Any]) -> DepartureDocument:
    documents: Sequence[DepartureDocument] = state["departures"]
    return in_force(documents, utc_now().astimezone(state["measure"].zone).date())


def _tested(part: Part, document: DepartureDocument, truth: Path | None, since: date, until: date) -> Tested:
    """Of a truth file only the customers count who are in the book: of others nobody could have warned."""
    if truth is None:
        definition = document.definition()
        found = departures_of(part.days, definition, until)
    else:
        definition = document.definition_of_told()
        found = {key: those for key, those in read_told(truth).items() if key in part.days}
    return compare(part.alarms, part.said, part.days, found, definition, since, until)


def _of_replay(console: Console, runtime: Runtime, settings: Settings, asked: argparse.Namespace) -> _Found:
    state, log = runtime.composition.state, _log(settings, asked.archive)
    rules: Rules = state["rules"]
    what = _What(asked.archive, log.complete_to)
    spans = asyncio.run(lengths(log, behaving(runtime.transactions.service), what.until))
    parts = [part for part in _replay(console, what, spans, asked.processes) if part.first and part.until]
    if not parts:
        raise Refused("the log holds nothing of customers yet: publish the bank's history first")
    whole = Part(first=min(part.first for part in parts if part.first))
    for part in parts:
        whole.alarms += part.alarms
        whole.said += part.said
        whole.days |= part.days
    assert whole.first is not None
    since = asked.since or whole.first + rules.model.least_history
    whole.alarms = [one for one in whole.alarms if one.day >= since]
    whole.said = [one for one in whole.said if one.day >= since]
    until = min(part.until for part in parts if part.until).astimezone(rules.bank.zone).date()
    if since >= until:
        raise Refused(_too_short(since, until, is_stream_time=runtime.transactions.service.is_stream_time))
    tested = _tested(whole, _departure_of(state), asked.truth, since, until)
    return _Found("The log lived again, as if nobody had acted", tested, (), None)


def _too_short(since: date, until: date, *, is_stream_time: bool) -> str:
    told = f"the log ends on {until}, and the first alert could come on {since}: there is nothing to judge"
    remedy = "a history that was published at one go is lived by its own time with CHURN_ALERT_TIME__MODE=stream"
    return told if is_stream_time else f"{told}; {remedy}"


def _log(settings: Settings, folder: Path | None) -> Log:
    if folder is None:
        return KafkaLog(settings.kafka)
    from rapport.messaging.archive import Archive  # noqa: PLC0415 - pyarrow, that nobody else needs

    return Archive(folder)


def _replay(console: Console, what: _What, spans: Sequence[int], processes: int) -> list[Part]:
    context = multiprocessing.get_context("spawn")
    read: Any = context.Array("q", len(spans))
    with (
        Progress(*COLUMNS, console=console) as progress,
        ProcessPoolExecutor(processes, context, initializer=_share, initargs=(read,)) as pool,
    ):
        bar = progress.add_task("living the log again", total=sum(spans))
        parts = [pool.submit(_replay_partition, number, what) for number in range(len(spans))]
        running = set(parts)
        while running:
            ended, running = wait(running, timeout=_LOOK_SECONDS, return_when="FIRST_COMPLETED")
            progress.update(bar, completed=sum(read))
            for one in ended:
                if error := one.exception():
                    pool.shutdown(wait=False, cancel_futures=True)
                    raise error
        return [part.result() for part in parts]


def _share(read: Any) -> None:
    global _read  # noqa: PLW0603 - what a child of the pool is given once
    _read = read


def _replay_partition(partition: int, what: _What) -> Part:
    settings = Settings.read()
    runtime = Runtime(compose(settings), settings, role="backtest", observer=Observer())
    return asyncio.run(_lived_again(runtime, settings, partition, what))


async def _lived_again(runtime: Runtime, settings: Settings, partition: int, what: _What) -> Part:
    history = History(_log(settings, what.archive), behaving(runtime.transactions.service), partition)

    def show(count: int) -> None:
        _read[partition] = count

    try:
        async with runtime.engine.connect() as connection:
            out = await left_out(connection, frozenset(await destroyed_in(connection, partition)))
        return await replayed(history, runtime.composition.state["rules"], what.until, out, read=show)
    finally:
        await runtime.close()


BACKTEST = Command("backtest", "judge the alerts beside who left, print it and draw it", _add_options, _act)
