"""The record codec: CloudEvents 1.0 on Kafka, binary mode written, binary and structured mode read.

Decoding never raises: what cannot be an event of its contract comes back with the fault, named by field and without the
value, and becomes a dead letter.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from rapport.clock import utc_now
from rapport.events.base import Event, Received, Time
from rapport.ids import derived_id
from rapport.messaging.partitions import partition_of

MAX_VALUE_BYTES = 1 << 20
"""A larger record is a dead letter: no fact of the contracts comes near it."""

OUR_SOURCE = "rapport/"
END_OF_DAY = "day-closed.v1"
"""The mark every source sends in band on each of its partitions: moves stream time and carries no fact."""
_TIME: TypeAdapter[datetime] = TypeAdapter(Time)
_AHEAD = timedelta(days=1)
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
Headers = Sequence[tuple[str, bytes]]


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
        """The record as bytes for a table; `unpack` is the inverse."""
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
    return None if value is None else value.decode("latin-1")


def _bytes(value: str | None) -> bytes | None:
    return None if value is None else value.encode("latin-1")


@dataclass(slots=True)
class Arrival:
    """One record after decoding: an event, or the fault that makes it a dead letter, or neither: skipped.

    `begins_at`: the offset after the record before it, which differs from its own where compaction left a gap.
    `position`: where stream time stands once it is handled; none in wall time.
    """

    raw: RawRecord
    time: datetime | None
    event: Received[Any] | None = None
    fault: str | None = None
    is_mark: bool = False
    is_refused: bool = False
    begins_at: int = -1
    position: datetime | None = None


class Undecodable(Exception):
    """Why a record is not an event of its contract; names fields, never values."""


def decode(raw: RawRecord, classes: Mapping[str, type[Event]], *, partitions: int) -> Arrival:
    """An arrival for any record whatever. `classes`: by wire type (`transaction-recorded.v1`).

    Skipped are unknown types and versions, end-of-day marks (their time still counts) and tombstones.
    """
    try:
        if raw.value is None:
            return Arrival(raw, None)
        if len(raw.value) > MAX_VALUE_BYTES:
            raise Undecodable(f"record: {len(raw.value)} bytes, the limit is {MAX_VALUE_BYTES}")
        attributes, data = _envelope(raw)
        event_class = classes.get(attributes.get("type", ""))
        if event_class is None:
            return _skipped(raw, attributes)
        return _event(raw, attributes, data, event_class, partitions)
    except Undecodable as fault:
        return Arrival(raw, None, fault=str(fault))
    except ValidationError as invalid:
        faults = [f"{'.'.join(map(str, e['loc'])) or 'data'}: {e['msg']}" for e in invalid.errors(include_input=False)]
        return Arrival(raw, None, fault="; ".join(faults)[:500])
    except (ValueError, UnicodeDecodeError, RecursionError) as fault:
        return Arrival(raw, None, fault=f"record: {type(fault).__name__}")


def _envelope(raw: RawRecord) -> tuple[Mapping[str, str], bytes]:
    headers = {name: value for name, value in raw.headers if value is not None}
    if headers.get("content-type", b"").startswith(b"application/cloudevents+json"):
        return _structured(raw.value or b"", headers)
    return {name[3:]: value.decode() for name, value in headers.items() if name[:3] == "ce_"} | {
        "traceparent": headers.get("traceparent", b"").decode()
    }, raw.value or b""


def _structured(value: bytes, headers: Mapping[str, bytes]) -> tuple[Mapping[str, str], bytes]:
    document = json.loads(value)
    if not isinstance(document, dict):
        raise Undecodable("record: a structured CloudEvent is a JSON object")
    attributes = {name: cell for name, cell in document.items() if name != "data" and isinstance(cell, str)}
    attributes.setdefault("traceparent", headers.get("traceparent", b"").decode())
    return attributes, json.dumps(document.get("data")).encode()


def _skipped(raw: RawRecord, attributes: Mapping[str, str]) -> Arrival:
    if not attributes.get("type"):
        raise Undecodable("ce_type: missing")
    is_mark = attributes["type"] == END_OF_DAY
    return Arrival(raw, _time(attributes) if is_mark else None, is_mark=is_mark)


def _time(attributes: Mapping[str, str]) -> datetime:
    if "time" not in attributes:
        raise Undecodable("ce_time: missing")
    try:
        moment = _TIME.validate_python(attributes["time"])
    except ValidationError as invalid:
        raise Undecodable(f"ce_time: {invalid.errors(include_input=False)[0]['msg']}") from None
    if moment > utc_now() + _AHEAD:
        raise Undecodable("ce_time: more than a day in the future")
    return moment


def _event(raw: RawRecord, attributes: Mapping[str, str], data: bytes, event_class: type[Event], partitions: int) -> Arrival:
    moment = _time(attributes)
    if not attributes.get("id"):
        raise Undecodable("ce_id: missing")
    if raw.key is None:
        raise Undecodable("key: missing")
    event = event_class.model_validate_json(data)
    key = raw.key.decode()
    if key != event.key:
        raise Undecodable(f"key: differs from {event_class.subject}")
    if raw.partition != partition_of(key, partitions):
        raise Undecodable("partition: not murmur2 of the key; the producer must use Kafka's default partitioner")
    for name in _times_of(event_class):
        if getattr(event, name) > moment + _AHEAD:
            raise Undecodable(f"{name}: more than a day after ce_time")
    received = Received(
        id=event_id(attributes["source"] if "source" in attributes else "", attributes["id"], moment),
        data=event,
        time=moment,
        at=moment,
        topic=raw.topic,
        partition=raw.partition,
        offset=raw.offset,
        published_ms=raw.timestamp,
        fingerprint=fingerprint(event),
        traceparent=_traceparent(attributes),
        raw=raw,
    )
    return Arrival(raw, moment, event=received)


def _traceparent(attributes: Mapping[str, str]) -> str | None:
    """It goes into the facts this event causes: anything but the form of W3C Trace Context could be personal data."""
    given = attributes.get("traceparent", "")
    return given if _TRACEPARENT.fullmatch(given) else None


@lru_cache
def _times_of(event_class: type[Event]) -> tuple[str, ...]:
    moments = ("occurred_at", "submitted_at", "recorded_at", "as_of")
    return tuple(name for name in moments if name in event_class.model_fields)


def event_id(source: str, identifier: str, moment: datetime) -> UUID:
    """Our own ids as they are; a foreign one becomes a UUIDv8 of its time, source and id, the same in every service."""
    if source.startswith(OUR_SOURCE):
        return UUID(identifier)
    return derived_id(moment, source, identifier)


def fingerprint(event: Event) -> bytes:
    """A hash of what an event says: equal for equal content, whatever the order of its JSON fields."""
    return hashlib.blake2b(event.model_dump_json().encode(), digest_size=16).digest()


def headers_of(event: Event, *, identifier: UUID, source: str, time: datetime, traceparent: str | None) -> list[list[str]]:
    """The CloudEvents attributes of a fact as record headers, in the outbox's JSON form."""
    pairs = [
        ["ce_specversion", "1.0"],
        ["ce_id", str(identifier)],
        ["ce_source", OUR_SOURCE + source],
        ["ce_type", event.wire_type()],
        ["ce_time", time.isoformat()],
        ["ce_subject", event.key],
        ["ce_partitionkey", event.key],
        ["ce_dataclass", event.data_class],
        ["content-type", "application/json"],
    ]
    return [*pairs, ["traceparent", traceparent]] if traceparent else pairs
