"""`python -m scoring refit-segments`: the segments of the whole book anew, or one line why the former stay."""

import argparse
import asyncio
from datetime import datetime

from rich.console import Console
from rich.progress import Progress

from rapport.composition import Composition, Runtime
from rapport.messaging.observer import Observer
from rapport.progress import COLUMNS
from rapport.service import Refused
from scoring.drift.handlers import clock_of_book
from scoring.exchange_rate.handlers import take_up_told
from scoring.segment.card import card_of
from scoring.segment.domain.fitting import STEPS, Book
from scoring.segment.domain.model import SegmentModel, SegmentModels
from scoring.segment.handlers.refitting import RefitRefused, refit
from scoring.segment.handlers.taking_up import take_up_segments
from scoring.settings import Settings
from scoring.standing.domain.evidence import values_of
from scoring.standing.domain.rules import Rules
from scoring.standing.store import book as standings

_PAGE = 2_000


def act(composition: Composition, settings: Settings, _: argparse.Namespace) -> None:
    """Refit and print the card. Raises Refused."""
    runtime = Runtime(composition, settings, role="refit", observer=Observer())
    asyncio.run(_refit(Console(), runtime))


async def _refit(console: Console, runtime: Runtime) -> None:
    segments: SegmentModels = runtime.composition.state["segments"]
    rules: Rules = runtime.composition.state["rules"]
    try:
        async with runtime.engine.connect() as connection:
            await take_up_segments(segments, connection, at_once=True)
        with Progress(*COLUMNS, console=console) as progress:
            book = await _read(runtime, rules, progress)
            model = await _fit(runtime, book, segments.latest, progress)
        console.print(card_of(model, segments.latest, rules.bank.currency))
    except RefitRefused as refusal:
        raise Refused(f"no new segments, {_stay(segments.latest)}: {refusal}") from None
    finally:
        await runtime.close()


def _stay(former: SegmentModel | None) -> str:
    return "and there are none yet" if former is None else f"those of version {former.version} stay"


async def _read(runtime: Runtime, rules: Rules, progress: Progress) -> Book:
    """Each customer as a request would be shown at that moment; each batch in a transaction of its own."""
    async with runtime.engine.connect() as connection:
        total = await standings.count(connection)
    book = Book(total, await _now(runtime), 10**rules.bank.minor_digits)
    bar = progress.add_task("reading the book", total=total)
    after, is_over = "", False
    while not is_over:
        async with runtime.transactions.begin() as tx:
            await take_up_told(rules.rates, tx.connection, rules.bank.currency)
            found = await standings.load_page(tx.connection, after=after, limit=_PAGE)
            clocks = [tx.clock_of(one.customer_id) for one in found]
        for standing, at in zip(found, clocks, strict=True):
            values = values_of(standing, at, rules.bank, rules.rates)
            book.add(standing.customer_id, values, standing.holdings.loans_minor)
            after = standing.customer_id
        progress.advance(bar, len(found))
        is_over = len(found) < _PAGE
    return book


async def _now(runtime: Runtime) -> datetime:
    async with runtime.transactions.begin() as tx:
        now = clock_of_book(tx, is_stream_time=runtime.transactions.service.is_stream_time)
    if now is None:
        raise RefitRefused("nothing has happened in the stream yet: let the worker read first")
    return now


async def _fit(runtime: Runtime, book: Book, former: SegmentModel | None, progress: Progress) -> SegmentModel:
    bar = progress.add_task("fitting", total=len(STEPS))

    def show(step: str) -> None:
        progress.update(bar, description=step, completed=STEPS.index(step))

    model = await refit(runtime.engine, book, former, show)
    progress.update(bar, description="fitted", completed=len(STEPS))
    return model
