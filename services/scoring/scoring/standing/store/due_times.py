"""When each customer is decided again, and what silence decided last: apart from the wide row of the standing.

So the wide row is written by events and by changes of tier alone, and all its index entries stay.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Column, Index, Integer, SmallInteger, Table, Text
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.database import execute, update_columns
from rapport.privacy.catalogue.columns import entry
from scoring.tables import MOMENT, metadata

due_times = Table(
    "due_times",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("partition", SmallInteger, nullable=False),
    Column("due_at", MOMENT, nullable=False),
    Column("points", Integer),
    Column("decided_at", MOMENT),
    Index("due_times_by_time", "partition", "due_at"),
    info=entry("tier-decision"),
)
"""`points`, `decided_at`: of a decision that silence made since the wide row was written, else null."""

# Not a join that may be turned about: of a page out of the whole book, or of a few customers, each has to cost one look
# into the index.
BESIDE = (
    "LEFT JOIN LATERAL (SELECT due_at, points, decided_at FROM due_times WHERE customer_id = s.customer_id OFFSET 0) d "
    "ON true"
)
"""What is kept of a standing `s` here, as `d`, for the statement that reads the row: both are of one moment."""
DUE_AT = "d.due_at"
LATEST = {"points": "coalesce(d.points, s.points)", "decided_at": "coalesce(d.decided_at, s.decided_at)"}
"""How cells of the last decision are read of both."""

# What is the same is not even locked: an upsert would write the row to lock it.
_KEEP = (
    "INSERT INTO due_times (customer_id, partition, due_at) SELECT new.* "
    "FROM unnest($1::text[], $2::smallint[], $3::timestamptz[]) AS new(customer_id, partition, due_at) "
    "LEFT JOIN due_times old USING (customer_id) "
    "WHERE old.due_at IS DISTINCT FROM new.due_at OR old.decided_at IS NOT NULL "
    "ON CONFLICT (customer_id) DO UPDATE SET due_at = excluded.due_at, points = NULL, decided_at = NULL"
)


async def keep(connection: AsyncConnection, due: Sequence[tuple[str, int, datetime]]) -> None:
    """Write the due times that changed, new ones too: customer, partition, moment. The customers are held already, and
    their wide rows are written with it."""
    await execute(connection, _KEEP, *zip(*due, strict=True))


async def forget(connection: AsyncConnection, customer_ids: Sequence[str]) -> None:
    """Let these customers, who are held, fall due no more. Their wide rows are written with it."""
    if customer_ids:
        await execute(connection, "DELETE FROM due_times WHERE customer_id = ANY($1::text[])", list(customer_ids))


async def move(connection: AsyncConnection, due: Sequence[tuple[str, datetime | None]]) -> None:
    """Set due times of customers who have one, each to another."""
    if due:
        await update_columns(connection, due_times, ("due_at",), due)


async def keep_decided(
    connection: AsyncConnection, decided: Sequence[tuple[str, datetime | None, int, datetime | None]]
) -> None:
    """Write what silence decided of customers who have a due time: the next one, points, and as of when."""
    if decided:
        await update_columns(connection, due_times, ("due_at", "points", "decided_at"), decided)
