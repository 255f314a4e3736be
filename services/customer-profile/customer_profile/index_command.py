"""`python -m customer_profile index`: long work that goes on where it was interrupted, while the service runs."""

import argparse
import asyncio

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from customer_profile.customer import store
from customer_profile.customer.handlers import index_customers
from customer_profile.customer.identity import Locks
from customer_profile.settings import Settings
from rapport.composition import Composition, Runtime
from rapport.messaging.observer import Observer
from rapport.service import Command

_PAGE = 500
"""Customers a transaction: they are locked for some 0.3 s."""
_COLUMNS = (
    TextColumn("{task.description}"),
    BarColumn(),
    MofNCompleteColumn(),
    TimeElapsedColumn(),
    TimeRemainingColumn(),
)


def _nothing(_: argparse.ArgumentParser) -> None:
    """A command without options."""


def _index(composition: Composition, settings: Settings, _: argparse.Namespace) -> None:
    runtime = Runtime(composition, settings, role="index", observer=Observer())
    asyncio.run(_closing(runtime, Console()))


async def _closing(runtime: Runtime, console: Console) -> None:
    try:
        with Progress(*_COLUMNS, console=console) as progress:
            await index(runtime, progress)
    finally:
        await runtime.close()


async def index(runtime: Runtime, progress: Progress) -> None:
    """Index every file that is not under the newest key of look-ups; each page is a transaction of its own."""
    locks: Locks = runtime.composition.state["locks"]
    async with runtime.engine.begin() as connection:
        await store.forget_erased(connection)
        total = await store.count_unindexed(connection, locks.index.current)
    bar = progress.add_task("indexing", total=total)
    after = ""
    while customers := await _next(runtime, locks.index.current, after):
        async with runtime.transactions.begin() as tx:
            await tx.lock(customers)
            await index_customers(tx, customers, locks=locks)
        progress.advance(bar, len(customers))
        after = customers[-1]


async def _next(runtime: Runtime, current: bytes, after: str) -> list[str]:
    async with runtime.engine.connect() as connection:
        return await store.unindexed(connection, current, after=after, limit=_PAGE)


COMMANDS = [
    Command("index", "index the numbers by which customers are found, after a new key or a migration", _nothing, _index)
]
