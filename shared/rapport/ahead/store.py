"""The table `events_ahead`: events that wait for their time, whole, as they are to be handled then.

Few, and each gone once it has come: it is apart from the wide rows that every event writes.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from pydantic_core import to_json
from sqlalchemy import Column, DateTime, Index, MetaData, SmallInteger, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.ahead.queue import NOWHERE
from rapport.database import execute, fetch
from rapport.events.base import AnyReceived, Event, Received
from rapport.privacy.catalogue.columns import entry

NEVER = datetime(2999, 12, 31, tzinfo=UTC)
"""The time of what was set aside: it cannot be handled, and is kept until somebody gives it a time again."""

_at = DateTime(timezone=True)
_KEEP = (
    "INSERT INTO events_ahead (event_id, customer_id, partition, due_at, event_type, told_at, document, reason) "
    "SELECT event_id, customer_id, partition, due_at, event_type, told_at, document::jsonb, reason "
    "FROM unnest($1::uuid[], $2::text[], $3::smallint[], $4::timestamptz[], $5::text[], $6::timestamptz[], $7::text[], "
    "$8::text[]) AS new(event_id, customer_id, partition, due_at, event_type, told_at, document, reason)"
)
_TAKE = (
    "DELETE FROM events_ahead e USING unnest($1::text[], $2::timestamptz[]) AS due(customer_id, clock) "
    "WHERE e.customer_id = due.customer_id AND e.due_at <= due.clock "
    "RETURNING e.event_id, e.customer_id, e.partition, e.due_at, e.event_type, e.told_at, e.document"
)
_LIST = (
    "SELECT event_id, event_type, partition, told_at, reason FROM events_ahead "
    "WHERE due_at = $1 AND event_id > $2 ORDER BY event_id LIMIT $3"
)
_COUNT = "SELECT count(*) AS events FROM events_ahead WHERE due_at = $1 AND event_id > $2"
# A clock that is behind takes what is due later than it is: so it comes by that clock, not by ours.
_GIVE_BACK = (
    "UPDATE events_ahead e SET reason = NULL, due_at = CASE WHEN $3 THEN "
    "(SELECT position FROM stream_clocks c WHERE c.partition = e.partition) ELSE now() END "
    "WHERE due_at = $1 AND ($2::uuid IS NULL OR event_id = $2) "
    "AND (NOT $3 OR EXISTS (SELECT FROM stream_clocks c WHERE c.partition = e.partition)) RETURNING e.event_id"
)
_FIRST = UUID(int=0)


def waiting(metadata: MetaData, *held: str) -> Table:
    """The table on a service's own metadata; a migration of the service makes it. `held`: entries of the catalogue."""
    return Table(
        "events_ahead",
        metadata,
        Column("event_id", Uuid, primary_key=True),
        Column("customer_id", Text, nullable=False),
        Column("partition", SmallInteger, nullable=False),
        Column("due_at", _at, nullable=False),
        Column("event_type", Text, nullable=False, info=entry("delivery-bookkeeping")),
        Column("told_at", _at, nullable=False, info=entry("delivery-bookkeeping")),
        Column("document", JSONB, nullable=False),
        Column("reason", Text, info=entry("delivery-bookkeeping")),
        Index("events_ahead_by_time", "partition", "due_at"),
        Index("events_ahead_by_customer", "customer_id"),
        info=entry(*held),
    )


async def keep(
    connection: AsyncConnection, ahead: Sequence[tuple[datetime, AnyReceived]], *, reason: str | None = None
) -> None:
    """Keep these until their time; `reason`: why they were set aside, without any value."""
    if ahead:
        rows = [
            (
                one.id,
                one.data.customer_id,
                one.partition,
                due_at,
                one.data.wire_type(),
                one.time,
                one.data.model_dump_json(exclude_unset=True),
                reason,
            )
            for due_at, one in ahead
        ]
        await execute(connection, _KEEP, *zip(*rows, strict=True))


async def take(
    connection: AsyncConnection, clocks: Mapping[str, datetime], hears: Mapping[str, type[Event]], prefix: str
) -> tuple[list[tuple[datetime, AnyReceived]], list[str]]:
    """Take out what of these customers, who are held, has come by their clocks. `hears`: classes by wire type.

    What this version of the service cannot read is set aside, and why is told beside the events.
    """
    rows = await fetch(connection, _TAKE, list(clocks), list(clocks.values())) if clocks else []
    come, unreadable, reasons = [], [], []
    for row in rows:
        try:
            come.append((row["due_at"], _event_of(row, hears[row["event_type"]], prefix)))
        except (KeyError, ValidationError) as error:
            unreadable.append(row)
            reasons.append(type(error).__name__)
    if unreadable:
        cells = [
            (
                row["event_id"],
                row["customer_id"],
                row["partition"],
                NEVER,
                row["event_type"],
                row["told_at"],
                to_json(row["document"]).decode(),
                reason,
            )
            for row, reason in zip(unreadable, reasons, strict=True)
        ]
        await execute(connection, _KEEP, *zip(*cells, strict=True))
    return come, reasons


async def set_aside(connection: AsyncConnection) -> Mapping[tuple[str, ...], float]:
    """How many events are kept that could not be handled when their time came."""
    return {(): float(await count_after(connection, _FIRST))}


async def listing(connection: AsyncConnection, *, after: UUID = _FIRST, limit: int) -> Sequence[Mapping[str, Any]]:
    """What was set aside and why, in order of the events' ids; never whose it is, nor its content."""
    return await fetch(connection, _LIST, NEVER, after, limit)


async def count_after(connection: AsyncConnection, after: UUID) -> int:
    """How much was set aside that a listing which ends with this id does not show."""
    (row,) = await fetch(connection, _COUNT, NEVER, after)
    return int(row["events"])


async def give_back(connection: AsyncConnection, event_id: UUID | None, *, is_stream_time: bool) -> list[UUID]:
    """Have one event that was set aside, or all for None, come at once by the clock of its partition; returns which.

    What a partition has that no stream has reached yet stays.
    """
    return [row["event_id"] for row in await fetch(connection, _GIVE_BACK, NEVER, event_id, is_stream_time)]


def _event_of(row: Mapping[str, Any], kind: type[Event], prefix: str) -> AnyReceived:
    """As a handler gets it; what it makes known is as fresh as its time is."""
    due_at = row["due_at"]
    return Received(
        row["event_id"],
        kind.model_validate(row["document"]),
        row["told_at"],
        due_at,
        prefix + kind.name,
        row["partition"],
        offset=NOWHERE,
        published_ms=int(due_at.timestamp() * 1000),
        fingerprint=b"",
    )
