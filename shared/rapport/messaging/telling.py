"""A fact as a row of the outbox, and a tombstone: what ends the states of one key on a compacted topic."""

import json
from datetime import UTC, datetime
from uuid import UUID

from rapport.events.base import AnyReceived, Event
from rapport.ids import new_id
from rapport.messaging.outbox import Told
from rapport.messaging.partitions import partition_of
from rapport.messaging.records import headers_of
from rapport.messaging.service import Service


def told(
    fact: Event, service: Service, *, identifier: UUID, time: datetime, received: AnyReceived | None, trace: str | None
) -> Told:
    """`received`: the event that caused it. `trace`: the traceparent of a fact that no event did."""
    traceparent = received.traceparent if received else trace
    headers = headers_of(fact, identifier=identifier, source=service.name, time=time, traceparent=traceparent)
    return Told(
        partition=partition_of(fact.key, service.partitions),
        event_id=identifier,
        topic=service.topic_prefix + fact.name,
        key=fact.key.encode(),
        value=fact.model_dump_json().encode(),
        headers=json.dumps(headers),
        caused_at=datetime.fromtimestamp(received.published_ms / 1000, UTC) if received else None,
    )


def tombstone(state: type[Event], key: str, service: Service) -> Told:
    """A record without a value: compaction takes every state before it, and after a while itself."""
    topic = service.topic_prefix + state.name
    return Told(partition_of(key, service.partitions), new_id(), topic, key.encode(), None, "[]", None)
