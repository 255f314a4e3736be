"""End-of-day marks that a service tells in band on a topic it tells facts on: readers in stream time wait for them."""

import json
from datetime import datetime

from rapport.events.base import Event
from rapport.ids import derived_id
from rapport.messaging.outbox import Told
from rapport.messaging.records import headers_of
from rapport.messaging.service import Service


def marks_of(mark: Event, topic: type[Event], service: Service, time: datetime) -> list[Told]:
    """The mark as a record of each partition; its id is a function of service, topic, partition and `time`."""
    told = []
    for partition in range(service.partitions):
        identifier = derived_id(time, service.name, topic.name, partition, mark.wire_type())
        headers = headers_of(mark, identifier=identifier, source=service.name, time=time, traceparent=None)
        value, key, name = mark.model_dump_json().encode(), mark.key.encode(), service.topic_prefix + topic.name
        told.append(Told(partition, identifier, name, key, value, json.dumps(headers), None))
    return told
