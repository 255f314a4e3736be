"""A fact as a row of the outbox, and a tombstone: what ends the states of one key on a compacted topic."""

from datetime import UTC, datetime
from uuid import UUID

from pydantic_core import to_json

from rapport.events.base import AnyReceived, Event
from rapport.ids import new_id
from rapport.messaging.outbox import Told
from rapport.messaging.partitions import partition_of
from rapport.messaging.records import headers_of
from rapport.messaging.service import Service


def told(
    fact: Event,
    value: bytes,
    service: Service,
    *,
    identifier: UUID,
    time: datetime,
    received: AnyReceived | None,
    trace: str | None,
) -> Told:
    """`value`: the fact as JSON. `received`: the event that caused it. `trace`: the traceparent of a fact that no event
    did."""
    traceparent = received.traceparent if received else trace
    key = fact.key
    headers = headers_of(fact, identifier=identifier, source=service.name, time=time, traceparent=traceparent)
    return Told(
        partition=partition_of(key, service.partitions),
        event_id=identifier,
        topic=service.topic_prefix + fact.name,
        key=key.encode(),
        value=value,
        headers=to_json(headers).decode(),
        caused_at=datetime.fromtimestamp(received.published_ms / 1000, UTC) if received else None,
    )


def tombstone(state: type[Event], key: str, service: Service) -> Told:
    """A record without a value: compaction takes every state before it, and after a while itself."""
    topic = service.topic_prefix + state.name
    return Told(partition_of(key, service.partitions), new_id(), topic, key.encode(), None, "[]", None)
