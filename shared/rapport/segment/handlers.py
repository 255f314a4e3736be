"""Keeps the copy: what scoring told last, by revision and not by arrival."""

from collections.abc import Sequence

from sqlalchemy import Table

from rapport.database import upsert_many
from rapport.events.base import Received
from rapport.events.scoring import SegmentChanged
from rapport.messaging.transaction import Transaction


async def on_segments_changed(tx: Transaction, events: Sequence[Received[SegmentChanged]], *, table: Table) -> None:
    """A segment changes nothing that was done by one before: it counts for what is begun from now on."""
    told = sorted((event.data for event in events), key=lambda fact: fact.revision)
    rows = {fact.customer_id: {name: getattr(fact, name) for name in table.columns.keys()} for fact in told}  # noqa: SIM118
    await upsert_many(tx.connection, table, [rows[customer_id] for customer_id in sorted(rows)], only_newer="revision")
