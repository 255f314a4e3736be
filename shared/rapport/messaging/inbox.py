"""Which events a service has seen: a second arrival changes nothing, a second arrival with other content is told.

The table is range-partitioned by the id itself, whose first bits are its time: any other partition key would let a
duplicate through at a day boundary.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.database import execute, fetch
from rapport.events.base import Received

ALTERED = "ce_id: seen before with other content"
"""Why an event is a dead letter whose id was seen with something else in it."""
_REMEMBER = (
    "WITH new AS (INSERT INTO inbox (event_id, fingerprint) SELECT * FROM unnest($1::uuid[], $2::bytea[]) "
    "ON CONFLICT DO NOTHING RETURNING event_id) "
    "SELECT id FROM unnest($1::uuid[]) AS id WHERE id NOT IN (SELECT event_id FROM new)"
)
_KNOWN = "SELECT event_id, fingerprint FROM inbox WHERE event_id = ANY($1::uuid[])"
_FORGET = "DELETE FROM inbox WHERE event_id = ANY($1::uuid[])"


@dataclass(slots=True)
class Sorted:
    """A poll's events: `fresh` to handle, `duplicates` to count, `altered` (same id, other content) to tell of."""

    fresh: list[Received[Any]] = field(default_factory=list)
    duplicates: list[Received[Any]] = field(default_factory=list)
    altered: list[Received[Any]] = field(default_factory=list)


class Inbox:
    """Event ids of one service's database."""

    async def sort(self, connection: AsyncConnection, events: Sequence[Received[Any]]) -> Sorted:
        """Remember the ids of a poll and tell apart what was seen before, also within the poll itself."""
        answer = Sorted()
        if not events:
            return answer
        ids, prints = [event.id for event in events], [event.fingerprint for event in events]
        seen = [row["id"] for row in await fetch(connection, _REMEMBER, ids, prints)]
        known: dict[UUID, bytes] = dict(await fetch(connection, _KNOWN, seen)) if seen else {}
        for event in events:
            if event.id not in known:
                known[event.id] = event.fingerprint
                answer.fresh.append(event)
            elif known[event.id] == event.fingerprint:
                answer.duplicates.append(event)
            else:
                answer.altered.append(event)
        return answer

    async def forget(self, connection: AsyncConnection, ids: Sequence[UUID]) -> None:
        """Take ids out again, so that the replay of a dead letter is no duplicate."""
        if ids:
            await execute(connection, _FORGET, list(ids))


async def keep_partitions(connection: AsyncConnection, *, days_ahead: int = 7, keep_days: int = 14) -> None:
    """Make the inbox's daily partitions ahead of time, drop those past the window, prune the default one by arrival.

    Done by functions of the tables' owner, since the application role may not alter tables. They wait for no lock for
    long: a busy moment is tried again at the next call.
    """
    await connection.execute(text("SELECT inbox_make_partitions(CAST(:days AS int))"), {"days": days_ahead})
    await connection.execute(text("SELECT inbox_drop_partitions(CAST(:days AS int))"), {"days": keep_days})
