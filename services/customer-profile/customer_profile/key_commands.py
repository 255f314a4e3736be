"""`python -m customer_profile index`, and what every service that encrypts has: long work that goes on where it was."""

import argparse

from rich.progress import Progress

from customer_profile.customer import store
from customer_profile.customer.handlers import index_customers
from customer_profile.customer.identity import Locks
from customer_profile.settings import Settings
from rapport.composition import Composition, Runtime
from rapport.key_commands import KEY_COMMANDS, no_options, with_bar
from rapport.service import Command

_PAGE = 500
"""Customers a transaction, and so locked together: who wants one of them waits for the page."""


def _locks(composition: Composition) -> Locks:
    found: Locks = composition.state["locks"]
    return found


def _index(composition: Composition, settings: Settings, _: argparse.Namespace) -> None:
    with_bar(composition, settings, index, role="index")


async def index(runtime: Runtime, progress: Progress) -> None:
    """Index every file that is not under the newest key of look-ups; each page is a transaction of its own."""
    locks = _locks(runtime.composition)
    async with runtime.engine.begin() as connection:
        await store.forget_erased(connection)
        total = await store.count_unindexed(connection, locks.index.current)
    bar = progress.add_task("indexing", total=total)
    after = ""
    while customers := await _next_unindexed(runtime, locks.index.current, after):
        async with runtime.transactions.begin() as tx:
            await tx.lock(customers)
            await index_customers(tx, customers, locks=locks)
        progress.advance(bar, len(customers))
        after = customers[-1]


async def _next_unindexed(runtime: Runtime, current: bytes, after: str) -> list[str]:
    async with runtime.engine.connect() as connection:
        return await store.unindexed(connection, current, after=after, limit=_PAGE)


COMMANDS = [
    Command(
        "index", "index the numbers by which customers are found, after a new key or a migration", no_options, _index
    ),
    *KEY_COMMANDS,
]
