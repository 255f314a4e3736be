"""How a fact of the bank lies on Kafka: a CloudEvent in binary mode, keyed by its subject, in that one's partition."""

from datetime import UTC, date, datetime
from functools import lru_cache
from typing import NamedTuple

from rapport.events.base import Event
from rapport.messaging.partitions import partition_of

Header = tuple[str, bytes]
DAY_MS = 86_400_000
_EPOCH = date(1970, 1, 1).toordinal()
_SPECVERSION: Header = ("ce_specversion", b"1.0")
_CONTENT_TYPE: Header = ("content-type", b"application/json")


class Record(NamedTuple):
    """One record as it is to be published, in the order it is to be published."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes
    headers: tuple[Header, ...]
    time_ms: int
    """Business time, milliseconds since 1970."""
    trouble: str | None = None
    """What was done to it on request: `late`, `duplicate` or a kind of bad input; none in the bank's plain history."""


class Key(NamedTuple):
    """A subject, with what its records repeat: encoded once a customer instead of once an event."""

    text: str
    raw: bytes
    partition: int
    subject: Header
    partition_key: Header


class Stamp(NamedTuple):
    """What all records of one event class from one source repeat."""

    topic: str
    source: Header
    type: Header
    data_class: Header


class Wire:
    """The names and the number of partitions of the topics a bank writes to."""

    def __init__(self, *, prefix: str = "", partitions: int = 24) -> None:
        self.prefix = prefix
        self.partitions = partitions

    def key(self, subject: str) -> Key:
        """The key of a subject, in its partition."""
        raw = subject.encode()
        return Key(subject, raw, partition_of(subject, self.partitions), ("ce_subject", raw), ("ce_partitionkey", raw))

    def stamp(self, event_class: type[Event], source: str) -> Stamp:
        """What every event of this class from this source has in common."""
        return Stamp(
            self.prefix + event_class.name,
            ("ce_source", source.encode()),
            ("ce_type", event_class.wire_type().encode()),
            ("ce_dataclass", event_class.data_class.encode()),
        )

    def told(self, event: Event, stamp: Stamp, *, identifier: str, time_ms: int) -> Record:
        """The record of a validated event; the frequent ones are written by hand instead, see `bank/writing.py`."""
        value = event.model_dump_json(exclude_none=True).encode()
        return record(stamp, self.key(event.key), identifier, time_ms, value)


def record(stamp: Stamp, key: Key, identifier: str, time_ms: int, value: bytes) -> Record:
    """A record with its CloudEvents attributes."""
    headers = (
        _SPECVERSION,
        ("ce_id", identifier.encode()),
        stamp.source,
        stamp.type,
        ("ce_time", wire_time(time_ms).encode()),
        key.subject,
        key.partition_key,
        stamp.data_class,
        _CONTENT_TYPE,
    )
    return Record(stamp.topic, key.partition, key.raw, value, headers, time_ms)


@lru_cache(maxsize=1024)
def _date_text(day: int) -> str:
    return date.fromordinal(_EPOCH + day).isoformat()


def wire_time(time_ms: int) -> str:
    """`1735689600000` → "2025-01-01T00:00:00.000Z" (RFC 3339); a third of the cost of `datetime.isoformat`."""
    day, rest = divmod(time_ms, DAY_MS)
    seconds, ms = divmod(rest, 1000)
    minutes, second = divmod(seconds, 60)
    return f"{_date_text(day)}T{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}.{ms:03d}Z"


def moment(time_ms: int) -> datetime:
    """The same moment as an aware datetime."""
    return datetime.fromtimestamp(time_ms / 1000, UTC)


def header(of: Record, name: str) -> bytes | None:
    """The value of a record's header."""
    return next((value for found, value in of.headers if found == name), None)
