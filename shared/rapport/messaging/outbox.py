"""Facts told inside a transaction: they are on Kafka if and only if the transaction committed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

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


_PUT = text(
    "INSERT INTO outbox (partition, event_id, topic, key, value, headers, caused_at) "
    "SELECT t.partition, t.event_id, t.topic, t.key, t.value, CAST(t.headers AS jsonb), t.caused_at FROM unnest("
    "CAST(:partitions AS smallint[]), CAST(:ids AS uuid[]), CAST(:topics AS text[]), CAST(:keys AS bytea[]), "
    "CAST(:values AS bytea[]), CAST(:headers AS text[]), CAST(:caused AS timestamptz[])) WITH ORDINALITY "
    "AS t(partition, event_id, topic, key, value, headers, caused_at, position) ORDER BY t.position"
)
# In order of id, from the start: a cursor (`id > last`) passes over rows that a slower transaction commits later.
_NEXT = text(
    "SELECT outbox_id, partition, topic, key, value, headers, caused_at FROM outbox "
    "WHERE partition = ANY(CAST(:partitions AS smallint[])) ORDER BY outbox_id LIMIT :limit"
)
_DONE = text("DELETE FROM outbox WHERE outbox_id = ANY(CAST(:ids AS bigint[]))")


async def put(connection: AsyncConnection, facts: Sequence[Told]) -> None:
    """Write the facts of a transaction in one statement, in the order they were told."""
    if not facts:
        return
    await connection.execute(
        _PUT,
        {
            "partitions": [fact.partition for fact in facts],
            "ids": [fact.event_id for fact in facts],
            "topics": [fact.topic for fact in facts],
            "keys": [fact.key for fact in facts],
            "values": [fact.value for fact in facts],
            "headers": [fact.headers for fact in facts],
            "caused": [fact.caused_at for fact in facts],
        },
    )


async def waiting(connection: AsyncConnection, partitions: Sequence[int], *, limit: int) -> list[Waiting]:
    """The next rows of these partitions, oldest first."""
    rows = await connection.execute(_NEXT, {"partitions": list(partitions), "limit": limit})
    return [
        Waiting(
            row.outbox_id,
            row.partition,
            row.topic,
            row.key,
            row.value,
            [(name, value.encode()) for name, value in row.headers],
            row.caused_at,
        )
        for row in rows
    ]


async def done(connection: AsyncConnection, ids: Sequence[int]) -> None:
    """Delete rows that Kafka has acknowledged."""
    await connection.execute(_DONE, {"ids": list(ids)})
