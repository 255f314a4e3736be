"""Records that can never have their effect, kept whole with the reason, listed by coordinates, replayed on request."""

import json
from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.ids import derived_id
from rapport.messaging import outbox
from rapport.messaging.records import MAX_VALUE_BYTES, RawRecord
from rapport.privacy.encryption import CannotDecrypt, KeyUnknown

WINDOW = 1000
SHARE = 0.05
RUN = 100


@dataclass(slots=True)
class DeadLetter:
    """One record that failed for good. The reason names fields and rules, never a value."""

    raw: RawRecord
    reason: str
    handler: str

    def identifier(self) -> UUID:
        """The same for the same record, so that keeping it twice keeps it once."""
        moment = datetime.fromtimestamp(max(self.raw.timestamp, 0) / 1000).astimezone()
        return derived_id(moment, self.raw.topic, self.raw.partition, self.raw.offset)


class DeadLetterLimit:
    """Stops a consumer that would drain a topic into its dead letters: 5 % of 1,000 records, or 100 in a row."""

    def __init__(self) -> None:
        self._recent: deque[bool] = deque(maxlen=WINDOW)
        self._dead = 0
        self._run = 0

    def record(self, *, is_dead: bool) -> bool:
        """Count one record's outcome; True when the limit is passed."""
        if len(self._recent) == WINDOW:
            self._dead -= self._recent[0]
        self._recent.append(is_dead)
        self._dead += is_dead
        self._run = self._run + 1 if is_dead else 0
        return self._run >= RUN or (len(self._recent) == WINDOW and self._dead > WINDOW * SHARE)

    def room(self, deaths: Sequence[bool]) -> int:
        """How many of the records to come may be handled before the limit is passed, that one included."""
        if not any(deaths):
            return len(deaths)
        trial = DeadLetterLimit()
        trial._recent, trial._dead, trial._run = self._recent.copy(), self._dead, self._run
        return next((i + 1 for i, is_dead in enumerate(deaths) if trial.record(is_dead=is_dead)), len(deaths))


_FIRST = UUID(int=0)
_KEEP = text(
    "INSERT INTO dead_letters "
    '(dead_letter_id, topic, partition, "offset", reason, handler, record, is_encrypted, died_at) '
    "SELECT *, true, CAST(:died AS timestamptz) FROM unnest(CAST(:ids AS uuid[]), CAST(:topics AS text[]), "
    "CAST(:partitions AS smallint[]), CAST(:offsets AS bigint[]), CAST(:reasons AS text[]), "
    "CAST(:handlers AS text[]), CAST(:records AS bytea[])) ON CONFLICT (dead_letter_id) DO UPDATE "
    "SET reason = excluded.reason, handler = excluded.handler, died_at = excluded.died_at, replay_requested_at = NULL, "
    "record = excluded.record, is_encrypted = true"
)
_LIST = text(
    'SELECT dead_letter_id, topic, partition, "offset", reason, handler, died_at, replay_requested_at '
    "FROM dead_letters "
    "WHERE dead_letter_id > :after ORDER BY dead_letter_id LIMIT :limit"
)
_RECORDS = text(
    "SELECT dead_letter_id, record, is_encrypted FROM dead_letters "
    "WHERE dead_letter_id > :after ORDER BY dead_letter_id LIMIT :limit"
)
_COUNT = text("SELECT count(*) FROM dead_letters WHERE dead_letter_id > :after")
_REQUEST = text(
    "UPDATE dead_letters SET replay_requested_at = now() "
    "WHERE (CAST(:id AS uuid) IS NULL OR dead_letter_id = :id) RETURNING dead_letter_id"
)
_REQUESTED = text(
    "SELECT dead_letter_id, record, is_encrypted FROM dead_letters "
    "WHERE replay_requested_at IS NOT NULL ORDER BY dead_letter_id LIMIT 1 FOR UPDATE SKIP LOCKED"
)
_REFUSED = text("UPDATE dead_letters SET reason = :reason, replay_requested_at = NULL WHERE dead_letter_id = :id")
_REMOVE = text("DELETE FROM dead_letters WHERE dead_letter_id = :id")


async def keep(connection: AsyncConnection, rows: Sequence[tuple[DeadLetter, bytes]], died_at: datetime) -> None:
    """Keep dead letters, each with its record packed and sealed."""
    if not rows:
        return
    await connection.execute(
        _KEEP,
        {
            "ids": [letter.identifier() for letter, _ in rows],
            "topics": [letter.raw.topic for letter, _ in rows],
            "partitions": [letter.raw.partition for letter, _ in rows],
            "offsets": [letter.raw.offset for letter, _ in rows],
            "reasons": [letter.reason for letter, _ in rows],
            "handlers": [letter.handler for letter, _ in rows],
            "records": [sealed for _, sealed in rows],
            "died": died_at,
        },
    )


async def listing(connection: AsyncConnection, *, after: UUID = _FIRST, limit: int = 100) -> Sequence[RowMapping]:
    """Coordinates, reason and handler of dead letters, in order of their id; never their content."""
    return (await connection.execute(_LIST, {"after": after, "limit": limit})).mappings().all()


async def count_after(connection: AsyncConnection, after: UUID) -> int:
    """How many dead letters a listing that ends with this id does not show."""
    return int((await connection.execute(_COUNT, {"after": after})).scalar_one())


async def request_replay(connection: AsyncConnection, dead_letter_id: UUID | None = None) -> int:
    """Ask the worker to handle one dead letter (or all, for None) once more; returns how many were asked for."""
    return len((await connection.execute(_REQUEST, {"id": dead_letter_id})).all())


async def next_requested(connection: AsyncConnection) -> tuple[UUID, bytes, bool] | None:
    """The next dead letter whose replay was asked for, locked: id, packed record, whether that is encrypted."""
    row = (await connection.execute(_REQUESTED)).one_or_none()
    return None if row is None else (row.dead_letter_id, row.record, row.is_encrypted)


async def keep_refused(connection: AsyncConnection, dead_letter_id: UUID, reason: str) -> None:
    """Its replay failed: it stays, with its present reason, and is not tried again before it is asked for again."""
    await connection.execute(_REFUSED, {"id": dead_letter_id, "reason": reason})


async def remove(connection: AsyncConnection, dead_letter_id: UUID) -> None:
    """Its replay had its effect: it is no dead letter any more."""
    await connection.execute(_REMOVE, {"id": dead_letter_id})


async def forget(connection: AsyncConnection, keys: Collection[bytes], *, unsealed: Callable[..., RawRecord]) -> int:
    """Delete those of records with these keys; returns how many there were. A key lies sealed with its record, so each
    letter is opened. `unsealed(record, is_encrypted=…)`: the record that was kept.
    """
    gone, after = 0, _FIRST if keys else None
    while after is not None and (page := (await connection.execute(_RECORDS, {"after": after, "limit": 500})).all()):
        for row in page:
            if _key_of(row, unsealed) in keys:
                await remove(connection, row.dead_letter_id)
                gone += 1
        after = page[-1].dead_letter_id
    return gone


def _key_of(row: Any, unsealed: Callable[..., RawRecord]) -> bytes | None:
    try:
        return unsealed(row.record, is_encrypted=row.is_encrypted).key
    except KeyUnknown:
        raise
    except CannotDecrypt:
        # Altered: nobody reads it, and it must keep nobody else from being forgotten.
        return None


def told_of(letter: DeadLetter, sealed: bytes, topic: str) -> outbox.Told:
    """A dead letter as it goes to the service's own topic, with its record packed and sealed."""
    raw = letter.raw
    facts = {"topic": raw.topic, "partition": raw.partition, "offset": raw.offset}
    facts |= {"reason": letter.reason, "handler": letter.handler, "encrypted": True}
    headers = [["dl_" + name, str(value)] for name, value in facts.items()]
    # The database keeps the whole; a record this topic cannot take would hold up the relay for ever.
    value = sealed if len(sealed) <= MAX_VALUE_BYTES else b""
    # The raw key can be anything; the record goes where its own row's partition is relayed.
    return outbox.Told(
        raw.partition, letter.identifier(), topic, f"{raw.partition}".encode(), value, json.dumps(headers), None
    )
