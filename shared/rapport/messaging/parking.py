"""Events that came before what they need: kept whole until it arrives, then handled as if they had just come."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.events.base import AnyReceived

_PARK = text(
    'INSERT INTO parked (event_id, waiting_for, topic, partition, "offset", record, is_encrypted, parked_at) '
    "VALUES (:event_id, :waiting_for, :topic, :partition, :offset, :record, true, :parked_at)"
)
_WAKE = text(
    "DELETE FROM parked WHERE waiting_for = ANY(CAST(:causes AS text[])) "
    'RETURNING event_id, topic, partition, "offset", record, is_encrypted, parked_at'
)


async def park(
    connection: AsyncConnection, event: AnyReceived, sealed: bytes, *, waiting_for: str, now: datetime
) -> None:
    """Keep one event, its record sealed, until `wake` names what it waits for. Rare, so one statement an event."""
    await connection.execute(
        _PARK,
        {
            "event_id": event.id,
            "waiting_for": waiting_for,
            "topic": event.topic,
            "partition": event.partition,
            "offset": event.offset,
            "record": sealed,
            "parked_at": now,
        },
    )


async def wake(connection: AsyncConnection, causes: Sequence[str]) -> list[RowMapping]:
    """Take out the rows that waited for any of these, by topic and offset."""
    rows = (await connection.execute(_WAKE, {"causes": list(causes)})).mappings().all()
    return sorted(rows, key=lambda row: (row["topic"], row["partition"], row["offset"]))
