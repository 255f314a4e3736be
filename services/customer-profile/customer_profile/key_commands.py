"""`python -m customer_profile index | rotate-…`: long work that goes on where it was, while the service runs."""

import argparse
import asyncio
from datetime import datetime, timedelta

from rich.progress import Progress

from customer_profile.customer import store
from customer_profile.customer.handlers import index_customers, seal_anew
from customer_profile.customer.identity import Locks
from customer_profile.settings import Settings
from rapport.clock import utc_now
from rapport.composition import Composition, Runtime
from rapport.key_commands import no_options, rotate_master_keys, with_bar
from rapport.privacy import rotation
from rapport.service import Command

_PAGE = 500
"""Customers a transaction, and so locked together: who wants one of them waits for the page."""
_GRACE = timedelta(seconds=60)
"""An old generation stays so long after it was replaced: no request or poll that began before lasts longer."""


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


def _moment(word: str) -> datetime:
    moment = datetime.fromisoformat(word)
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError("has no offset from UTC, such as +08:00")
    return moment


def _add_moment(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--made-before",
        metavar="TIME",
        type=_moment,
        help="replace data keys made before this; the same again goes on after an interruption (now)",
    )


def _rotate(composition: Composition, settings: Settings, asked: argparse.Namespace) -> None:
    made_before: datetime = asked.made_before or utc_now()

    async def work(runtime: Runtime, progress: Progress) -> None:
        progress.console.print(f"to go on after an interruption: --made-before {made_before.isoformat()}")
        await rotate_data_keys(runtime, progress, made_before=made_before)

    with_bar(composition, settings, work, role="keys")


async def rotate_data_keys(
    runtime: Runtime, progress: Progress, *, made_before: datetime, grace: timedelta = _GRACE
) -> None:
    """A new data key for each customer whose newest is older than this, and every value under it; then the old ones go.

    Each page is a transaction of its own: a customer is under the new key whole, or not at all.
    """
    locks = _locks(runtime.composition)
    async with runtime.engine.connect() as connection:
        total = await rotation.count_made_before(connection, made_before)
    bar = progress.add_task("new data keys", total=total)
    after = ""
    while customers := await _next_of_before(runtime, made_before, after):
        async with runtime.transactions.begin() as tx:
            await tx.lock(customers)
            await seal_anew(tx, customers, locks=locks)
        progress.advance(bar, len(customers))
        after = customers[-1]
    await asyncio.sleep(grace.total_seconds() if total else 0)
    async with runtime.engine.begin() as connection:
        await rotation.retire(connection, grace=grace)


async def _next_of_before(runtime: Runtime, made_before: datetime, after: str) -> list[str]:
    async with runtime.engine.connect() as connection:
        return await rotation.customers_of_before(connection, made_before, after=after, limit=_PAGE)


COMMANDS = [
    Command(
        "index", "index the numbers by which customers are found, after a new key or a migration", no_options, _index
    ),
    rotate_master_keys(Settings, lambda composition: _locks(composition).keyring),
    Command(
        "rotate-data-keys",
        "give every customer a new data key and seal the identity anew, while the service runs",
        _add_moment,
        _rotate,
    ),
]
