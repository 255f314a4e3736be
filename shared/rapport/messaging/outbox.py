"""Facts told inside a transaction: they are on Kafka if and only if the transaction committed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asyncpg import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.database import execute
from rapport.messaging.records import Headers


@dataclass(slots=True)
class Told:
    """One record to be relayed. `caused_at`: when the record that caused it was published, for the reaction time."""

    partition: int
    event_id: UUID
    topic: str
    key: bytes
    value: bytes | None
    headers: str
    caused_at: datetime | None


@dataclass(slots=True)
class Waiting:
    """An outbox row that is not on Kafka yet."""

    outbox_id: int
    partition: int
    topic: str
    key: bytes
    value: bytes | None
    headers: Headers
    caused_at: datetime | None


_PUT = (
    "INSERT INTO outbox (partition, event_id, topic, key, value, headers, caused_at) "
    "SELECT t.partition, t.event_id, t.topic, t.key, t.value, t.headers::jsonb, t.caused_at FROM unnest("
    "$1::smallint[], $2::uuid[], $3::text[], $4::bytea[], $5::bytea[], $6::text[], $7::timestamptz[]) WITH ORDINALITY "
    "AS t(partition, event_id, topic, key, value, headers, caused_at, position) ORDER BY t.position"
)
# In order of id, from the start: a cursor (`id > last`) passes over rows that a slower transaction commits later.
_NEXT = (
    "SELECT outbox_id, partition, topic, key, value, headers, caused_at FROM outbox "
    "WHERE partition = ANY($1::smallint[]) ORDER BY outbox_id LIMIT $2"
)
_DONE = "DELETE FROM outbox WHERE outbox_id = ANY($1::bigint[])"


async def put(connection: AsyncConnection, facts: Sequence[Told]) -> None:
    """Write the facts of a transaction in one statement, in the order they were told."""
    if not facts:
        return
    await execute(
        connection,
        _PUT,
        [fact.partition for fact in facts],
        [fact.event_id for fact in facts],
        [fact.topic for fact in facts],
        [fact.key for fact in facts],
        [fact.value for fact in facts],
        [fact.headers for fact in facts],
        [fact.caused_at for fact in facts],
    )


async def waiting(driver: Connection, partitions: Sequence[int], *, limit: int) -> list[Waiting]:
    """The next rows of these partitions, oldest first."""
    rows = await driver.fetch(_NEXT, list(partitions), limit)
    return [
        Waiting(number, partition, topic, key, value, [(name, text.encode()) for name, text in headers], caused_at)
        for number, partition, topic, key, value, headers, caused_at in rows
    ]


async def done(driver: Connection, ids: Sequence[int]) -> None:
    """Delete rows that Kafka has acknowledged."""
    await driver.execute(_DONE, list(ids))
