"""When each customer is decided again: apart from the wide row of the standing, all whose index entries thus stay."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Column, Index, SmallInteger, Table, Text
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.database import execute, update_columns
from scoring.tables import MOMENT, metadata

due_times = Table(
    "due_times",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("partition", SmallInteger, nullable=False),
    Column("due_at", MOMENT, nullable=False),
    Index("due_times_by_time", "partition", "due_at"),
)

# Not a join: of a page out of the whole book, or of a few customers, each has to cost one look into the index.
DUE_AT = "(SELECT d.due_at FROM due_times d WHERE d.customer_id = s.customer_id)"
"""The due time of a standing `s`, for the statement that reads the row: both are of one moment."""

# What is the same is not even locked: an upsert would write the row to lock it.
_KEEP = (
    "INSERT INTO due_times (customer_id, partition, due_at) SELECT new.* "
    "FROM unnest($1::text[], $2::smallint[], $3::timestamptz[]) AS new(customer_id, partition, due_at) "
    "LEFT JOIN due_times old USING (customer_id) WHERE old.due_at IS DISTINCT FROM new.due_at "
    "ON CONFLICT (customer_id) DO UPDATE SET due_at = excluded.due_at"
)


async def keep(connection: AsyncConnection, due: Sequence[tuple[str, int, datetime | None]]) -> None:
    """Write the due times that changed, new ones too: customer, partition, moment. The customers are held already."""
    await execute(connection, _KEEP, *zip(*due, strict=True))


async def move(connection: AsyncConnection, due: Sequence[tuple[str, datetime | None]]) -> None:
    """Set due times of customers who have one, each to another."""
    if due:
        await update_columns(connection, due_times, ("due_at",), due)
