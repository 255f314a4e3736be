"""`python -m scoring refit-lifetime-value`: a new model of the whole book, or one line why the former stays."""

import argparse
import asyncio
from datetime import datetime

from rich.console import Console
from rich.progress import Progress
from sqlalchemy.ext.asyncio import AsyncEngine

from rapport.clock import utc_now
from rapport.composition import Composition, Runtime
from rapport.messaging.observer import Observer
from rapport.messaging.offsets import stream_positions
from rapport.progress import COLUMNS
from rapport.service import Refused
from scoring.lifetime_value.card import card_of
from scoring.lifetime_value.domain.fitting import STEPS, Book, terms_of
from scoring.lifetime_value.domain.model import LifetimeModel
from scoring.lifetime_value.handlers.refitting import RefitRefused, refit
from scoring.lifetime_value.handlers.taking_up import take_up_fitted
from scoring.settings import Settings
from scoring.standing.domain.rules import Rules
from scoring.standing.store import book as standings

_PAGE = 5_000


def act(composition: Composition, settings: Settings, _: argparse.Namespace) -> None:
    """Refit and print the card. Raises Refused."""
    runtime = Runtime(composition, settings, role="refit", observer=Observer())
    asyncio.run(_refit(Console(), runtime, settings))


async def _refit(console: Console, runtime: Runtime, settings: Settings) -> None:
    rules: Rules = runtime.composition.state["rules"]
    try:
        async with runtime.engine.connect() as connection:
            await take_up_fitted(rules.models, connection, at_once=True)
        former = rules.models.latest
        with Progress(*COLUMNS, console=console) as progress:
            book = await _read(runtime, progress)
            model = await _fit(runtime.engine, book, settings, progress)
        console.print(card_of(model, former, book, rules.bank.currency, rules.bank.minor_digits))
    except RefitRefused as refusal:
        raise Refused(f"no new lifetime model, {_stays(rules.models.latest)}: {refusal}") from None
    finally:
        await runtime.close()


def _stays(former: LifetimeModel | None) -> str:
    return "and there is none yet" if former is None else f"version {former.version} stays in force"


async def _read(runtime: Runtime, progress: Progress) -> Book:
    """Each batch in a transaction of its own: none is held while customers are looked at."""
    async with runtime.engine.connect() as connection:
        total = await standings.count(connection)
    book = Book(total, await _now(runtime), runtime.composition.state["rules"].bank.zone)
    bar = progress.add_task("reading the book", total=total)
    after, is_over = "", False
    while not is_over:
        async with runtime.engine.connect() as connection:
            page = await standings.activities(connection, after=after, limit=_PAGE)
        for customer_id, activity in page:
            after = customer_id
            if activity is not None:
                book.add(customer_id, activity)
        progress.advance(bar, len(page))
        is_over = len(page) < _PAGE
    return book


async def _now(runtime: Runtime) -> datetime:
    """What customers' clocks stand at; in stream time that of the partition that is furthest."""
    if not runtime.transactions.service.is_stream_time:
        return utc_now()
    async with runtime.engine.connect() as connection:
        positions = await stream_positions(connection)
    if not positions:
        raise RefitRefused("nothing has happened in the stream yet: let the worker read first")
    return max(positions.values())


async def _fit(engine: AsyncEngine, book: Book, settings: Settings, progress: Progress) -> LifetimeModel:
    bar = progress.add_task("fitting", total=len(STEPS))

    def show(step: str) -> None:
        progress.update(bar, description=step, completed=STEPS.index(step))

    terms = terms_of(settings.bank.lifetime_margin, settings.bank.lifetime_discount)
    model = await refit(engine, book, terms, show)
    progress.update(bar, description="fitted", completed=len(STEPS))
    return model
