"""Keeps the copy of who is one person, by the number of the act and not by arrival."""

from collections.abc import Sequence

from sqlalchemy import Table

from rapport.events.base import Received
from rapport.events.customer_profile import CustomersMerged, CustomersUnmerged
from rapport.messaging.transaction import Transaction
from rapport.person import store

Grouped = Received[CustomersMerged | CustomersUnmerged]


async def on_files_grouped(tx: Transaction, events: Sequence[Grouped], *, table: Table) -> None:
    """One record says the whole act; its repeats under the other files change nothing."""
    await store.keep(tx.connection, table, (event.data for event in events))


async def regroup(tx: Transaction, events: Sequence[Grouped], *, table: Table) -> dict[str, tuple[str, ...]]:
    """`on_files_grouped`, for who has something to decide on it.

    Returns the persons who are of other files than before: survivor → files. All of these are locked.
    """
    files = {file for event in events for file in event.data.customers}
    before = await store.persons_of(tx.connection, files)
    await on_files_grouped(tx, events, table=table)
    after = await store.persons_of(tx.connection, files)
    return {survivor: now for survivor, now in after.items() if before.get(survivor) != now}
