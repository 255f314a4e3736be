"""Records as they lie on Kafka: CloudEvents 1.0 in binary mode, kept whole where one has to wait or has died."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from rapport.events.base import Event, Received

MAX_VALUE_BYTES = 1 << 20
"""A larger record is a dead letter: no fact of the contracts comes near it."""

OUR_SOURCE = "rapport/"
END_OF_DAY = "day-closed.v1"
"""The mark every source sends in band on each of its partitions: moves stream time and carries no fact."""
Headers = Sequence[tuple[str, bytes]]


class TopicPartition(NamedTuple):
    """One log. Sorted by topic, then partition: the order in which rows are locked."""

    topic: str
    partition: int


_log = cache(TopicPartition)


@dataclass(slots=True)
class RawRecord:
    """A record as it lay on Kafka; what a dead letter keeps, so that nothing of it is lost."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers

    def pack(self) -> bytes:
        """The record as bytes for a table, a third larger than itself whatever it holds; `unpack` is the inverse."""
        head = [self.topic, self.partition, self.offset, self.timestamp]
        cells = [_text(self.key), _text(self.value), [[name, _text(value)] for name, value in self.headers]]
        return json.dumps(head + cells).encode()

    @classmethod
    def unpack(cls, packed: bytes) -> "RawRecord":
        """The record that `pack` packed."""
        topic, partition, offset, timestamp, key, value, headers = json.loads(packed)
        pairs = [(name, _bytes(cell) or b"") for name, cell in headers]
        return cls(topic, partition, offset, timestamp, _bytes(key), _bytes(value), pairs)


def _text(value: bytes | None) -> str | None:
    return None if value is None else base64.b64encode(value).decode()


def _bytes(value: str | None) -> bytes | None:
    return None if value is None else base64.b64decode(value)


class Withheld(NamedTuple):
    """Authentication data that a record held: the kind, and the field as a JSON pointer; never the value."""

    field: str
    kind: str

    @property
    def reason(self) -> str:
        """Why the record is a dead letter."""
        return f"{self.field}: {self.kind} is never kept, so the record is withheld; its producer must leave it out"


@dataclass(slots=True)
class Arrival:
    """One record after decoding: an event, or the fault that makes it a dead letter, or neither: skipped.

    `log`: where it lay. `begins_at`: the offset after the record before it; compaction can leave a gap between.
    `position`: where stream time stands once it is handled; none in wall time. `unknown`: fields its contract does not
    know, see `unknown_fields`. `withheld`: see `door`.
    """

    raw: RawRecord
    time: datetime | None
    event: Received[Any] | None = None
    fault: str | None = None
    handler: str = "decode"
    is_mark: bool = False
    is_refused: bool = False
    begins_at: int = -1
    position: datetime | None = None
    unknown: tuple[str, ...] = ()
    withheld: Withheld | None = None
    log: TopicPartition = field(init=False)

    def __post_init__(self) -> None:
        self.log = _log(self.raw.topic, self.raw.partition)


def headers_of(
    event: Event, *, identifier: UUID, source: str, time: datetime, traceparent: str | None
) -> list[list[str]]:
    """The CloudEvents attributes of a fact as record headers, in the outbox's JSON form."""
    key = event.key
    pairs = [
        ["ce_specversion", "1.0"],
        ["ce_id", str(identifier)],
        ["ce_source", OUR_SOURCE + source],
        ["ce_type", event.wire_type()],
        ["ce_time", time.isoformat()],
        ["ce_subject", key],
        ["ce_partitionkey", key],
        ["ce_dataclass", event.data_class],
        ["content-type", "application/json"],
    ]
    return [*pairs, ["traceparent", traceparent]] if traceparent else pairs
