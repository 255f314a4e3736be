"""Keeps the copy of who is one person, by the number of the act and not by arrival."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Table

from rapport.events.base import AnyReceived, Received
from rapport.events.customer_profile import CustomersMerged, CustomersUnmerged
from rapport.messaging.transaction import Transaction
from rapport.person import asking, store

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


async def ask_for_persons(tx: Transaction, merged_into: Mapping[str, str], events: Iterable[AnyReceived]) -> None:
    """Have those decided whose other files these events came on, in the transaction that holds these files.

    `merged_into`: file → survivor, of files that are no survivors.
    """
    if merged_into:
        found = ((merged_into.get(event.data.customer_id), event) for event in events)
        await ask_for(tx, {(survivor, event.at): event.id for survivor, event in found if survivor is not None})


async def ask_for(tx: Transaction, asked: Mapping[tuple[str, datetime], UUID]) -> None:
    """Have these survivors decided as of these moments, for these events."""
    rows = [(survivor, tx.partition_of(survivor), at, event_id) for (survivor, at), event_id in asked.items()]
    await asking.ask(tx.connection, rows)
