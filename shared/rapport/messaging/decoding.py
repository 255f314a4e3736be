"""From a record to an event: CloudEvents 1.0, binary mode and structured mode.

Decoding never raises: what cannot be an event of its contract comes back with the fault, named by field and without the
value, and becomes a dead letter.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from rapport.clock import utc_now
from rapport.events.base import Event, Received, Time
from rapport.ids import derived_id
from rapport.messaging.partitions import partition_of
from rapport.messaging.records import END_OF_DAY, MAX_VALUE_BYTES, OUR_SOURCE, Arrival, RawRecord
from rapport.messaging.unknown_fields import all_named, unknown_fields
from rapport.traceparent import well_formed

_TIME = TypeAdapter(Time).validator
_AHEAD = timedelta(days=1)


class Undecodable(Exception):
    """Why a record is not an event of its contract; names fields, never values."""


class Foreign(NamedTuple):
    """A record of a core that does not speak the contract, as its reader understood it: an event of our own making.
    Its id is a function of `time`, `source` and `identifier`; `fingerprint` is of what makes two records the same fact.
    """

    event: Event
    time: datetime
    source: str
    identifier: str
    fingerprint: bytes
    unknown: frozenset[str] = frozenset()  # fields that its reader does not know


Reader = Callable[[RawRecord], Foreign | None]
"""Understands the records of one raw topic; None: no fact for us. Raises Undecodable, which names no value."""


class _Envelope(NamedTuple):
    type: str
    id: str
    source: str
    time: str
    traceparent: str
    data: bytes


def decode(raw: RawRecord, classes: Mapping[str, type[Event]], *, partitions: int) -> Arrival:
    """An arrival for any record whatever. `classes`: by wire type (`transaction-recorded.v1`).

    Skipped are unknown types and versions, end-of-day marks (their time still counts) and tombstones.
    """
    try:
        if raw.value is None:
            return Arrival(raw, None)
        if len(raw.value) > MAX_VALUE_BYTES:
            raise Undecodable(f"record: {len(raw.value)} bytes, the limit is {MAX_VALUE_BYTES}")
        envelope = _envelope(raw, raw.value)
        event_class = classes.get(envelope.type)
        if event_class is None:
            return _skipped(raw, envelope)
        return _event(raw, envelope, event_class, partitions)
    except Undecodable as fault:
        return Arrival(raw, None, fault=str(fault))
    except ValidationError as invalid:
        faults = [f"{'.'.join(map(str, e['loc'])) or 'data'}: {e['msg']}" for e in invalid.errors(include_input=False)]
        return Arrival(raw, None, fault="; ".join(faults)[:500])
    except (ValueError, UnicodeDecodeError, RecursionError) as fault:
        return Arrival(raw, None, fault=f"record: {type(fault).__name__}")


def decode_foreign(raw: RawRecord, read: Reader) -> Arrival:
    """`decode` for a raw topic: neither envelope nor key is ours, so its reader says what the record is."""
    try:
        if raw.value is None:
            return Arrival(raw, None)
        if len(raw.value) > MAX_VALUE_BYTES:
            raise Undecodable(f"record: {len(raw.value)} bytes, the limit is {MAX_VALUE_BYTES}")
        found = read(raw)
    except Undecodable as fault:
        return Arrival(raw, None, fault=str(fault))
    except (ValueError, ArithmeticError, RecursionError) as fault:
        return Arrival(raw, None, fault=f"record: {type(fault).__name__}")
    if found is None:
        return Arrival(raw, None)
    event, time, source, identifier, content, unknown = found
    made = derived_id(time, source, identifier)
    place = (raw.topic, raw.partition, raw.offset, raw.timestamp)
    return Arrival(raw, time, Received(made, event, time, time, *place, content, None, raw), unknown=all_named(unknown))


def _envelope(raw: RawRecord, value: bytes) -> _Envelope:
    headers = dict(raw.headers)
    content_type = headers.get("content-type") or b""
    if content_type.startswith(b"application/cloudevents+json"):
        return _structured(value, headers)
    return _Envelope(
        (headers.get("ce_type") or b"").decode(),
        (headers.get("ce_id") or b"").decode(),
        (headers.get("ce_source") or b"").decode(),
        (headers.get("ce_time") or b"").decode(),
        (headers.get("traceparent") or b"").decode(),
        value,
    )


def _structured(value: bytes, headers: Mapping[str, bytes]) -> _Envelope:
    document = json.loads(value)
    if not isinstance(document, dict):
        raise Undecodable("record: a structured CloudEvent is a JSON object")
    document.setdefault("traceparent", (headers.get("traceparent") or b"").decode())
    attributes = [document.get(name, "") for name in ("type", "id", "source", "time", "traceparent")]
    if not all(isinstance(attribute, str) for attribute in attributes):
        raise Undecodable("record: the attributes of a CloudEvent are strings")
    kind, identifier, source, time, traceparent = attributes
    return _Envelope(kind, identifier, source, time, traceparent, json.dumps(document.get("data")).encode())


def _skipped(raw: RawRecord, envelope: _Envelope) -> Arrival:
    if not envelope.type:
        raise Undecodable("ce_type: missing")
    is_mark = envelope.type == END_OF_DAY
    return Arrival(raw, _time(envelope) if is_mark else None, is_mark=is_mark)


def _time(envelope: _Envelope) -> datetime:
    if not envelope.time:
        raise Undecodable("ce_time: missing")
    try:
        moment: datetime = _TIME.validate_python(envelope.time)
    except ValidationError as invalid:
        raise Undecodable(f"ce_time: {invalid.errors(include_input=False)[0]['msg']}") from None
    if moment > utc_now() + _AHEAD:
        raise Undecodable("ce_time: more than a day in the future")
    return moment


def _event(raw: RawRecord, envelope: _Envelope, event_class: type[Event], partitions: int) -> Arrival:
    moment = _time(envelope)
    if not envelope.id:
        raise Undecodable("ce_id: missing")
    if raw.key is None:
        raise Undecodable("key: missing")
    event: Event = event_class.__pydantic_validator__.validate_json(envelope.data)
    key = raw.key.decode()
    if key != event.key:
        raise Undecodable(f"key: differs from {event_class.subject}")
    if raw.partition != partition_of(key, partitions):
        raise Undecodable("partition: not murmur2 of the key; the producer must use Kafka's default partitioner")
    latest = moment + _AHEAD
    for name in _times_of(event_class):
        if getattr(event, name) > latest:
            raise Undecodable(f"{name}: more than a day after ce_time")
    received = Received(
        event_id(envelope.source, envelope.id, moment),
        event,
        moment,
        moment,
        raw.topic,
        raw.partition,
        raw.offset,
        raw.timestamp,
        fingerprint(event),
        # It goes into the facts this event causes: what is not of the form of W3C Trace Context could be personal data.
        well_formed(envelope.traceparent),
        raw,
    )
    return Arrival(raw, moment, received, unknown=unknown_fields(event, envelope.data))


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
    """A hash of what an event says: equal for equal content, whatever the order of its JSON fields.

    Only of fields that were on the wire: a contract that gains an optional one must not make a duplicate another event.
    """
    return hashlib.blake2b(event.__pydantic_serializer__.to_json(event, exclude_unset=True), digest_size=16).digest()
