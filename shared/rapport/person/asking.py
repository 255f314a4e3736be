"""The table `person_due_times`: survivors to be decided, each for an event that came on another of the person's files.

Appended by whoever holds that file, who does not hold the survivor: a row that two could write would have them wait for
each other. The sweep of the survivor's partition takes the rows, under the survivor's lock.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from asyncpg import Record
from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, MetaData, SmallInteger, Table, Text, Uuid
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.database import execute, fetch
from rapport.privacy.catalogue.columns import entry

_ASK = (
    "INSERT INTO person_due_times (customer_id, partition, due_at, event_id) "
    "SELECT * FROM unnest($1::text[], $2::smallint[], $3::timestamptz[], $4::uuid[])"
)
_TAKE = (
    "DELETE FROM person_due_times d USING unnest($1::text[], $2::timestamptz[]) AS due(customer_id, clock) "
    "WHERE d.customer_id = due.customer_id AND d.due_at <= due.clock RETURNING d.*"
)


class Asked(NamedTuple):
    """To be decided as of `at`, for the latest event of those that asked for it."""

    at: datetime
    event_id: UUID


def asking(metadata: MetaData, *more: Column[Any]) -> Table:
    """The table on a service's own metadata; a migration of the service makes it. `more`: what else a service notes of
    what asks, in columns that may be null.
    """
    return Table(
        "person_due_times",
        metadata,
        Column("id", BigInteger, Identity(), primary_key=True),
        Column("customer_id", Text, nullable=False),
        Column("partition", SmallInteger, nullable=False),
        Column("due_at", DateTime(timezone=True), nullable=False),
        Column("event_id", Uuid, nullable=False),
        *more,
        Index("person_due_times_by_time", "partition", "due_at"),
        Index("person_due_times_by_customer", "customer_id"),
        info=entry("one-customer"),
    )


async def ask(connection: AsyncConnection, asked: Sequence[tuple[str, int, datetime, UUID]]) -> None:
    """Have these survivors decided: customer, partition, as of when, for which event."""
    if asked:
        await execute(connection, _ASK, *zip(*asked, strict=True))


async def take_asked(connection: AsyncConnection, clocks: Mapping[str, datetime]) -> dict[str, Asked]:
    """Who of these, who are held, was to be decided by now. The states of their files are to be read after it: the
    event that asked was committed with its effect.
    """
    rows = await take_rows(connection, clocks)
    return {row["customer_id"]: Asked(row["due_at"], row["event_id"]) for row in rows}


async def take_rows(connection: AsyncConnection, clocks: Mapping[str, datetime]) -> list[Record]:
    """The same, all that asked, the earliest first."""
    taken = await fetch(connection, _TAKE, list(clocks), list(clocks.values()))
    return sorted(taken, key=lambda row: row["due_at"])
