"""Keeps the copy of who is one person, by the number of the act and not by arrival."""

from collections.abc import Sequence

from sqlalchemy import Table

from rapport.events.base import Received
from rapport.events.customer_profile import CustomersMerged, CustomersUnmerged
from rapport.messaging.transaction import Transaction
from rapport.person import store


async def on_files_grouped(
    tx: Transaction, events: Sequence[Received[CustomersMerged | CustomersUnmerged]], *, table: Table
) -> None:
    """One record says the whole act; its repeats under the other files change nothing."""
    await store.keep(tx.connection, table, (event.data for event in events))
