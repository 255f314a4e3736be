"""The AsyncAPI 3 document of the whole system: topics, what lies in them, who tells and who hears."""

from collections.abc import Mapping, Sequence
from typing import Any

from rapport.events.bank import DayClosed
from rapport.events.base import Event
from rapport.events.catalogue import PARTITIONS, carries_marks, events, topic_configuration, topics
from rapport.events.reference.schemas import component_schemas, described

Hears = Mapping[str, Sequence[type[Event]]]
"""Which events each service subscribes to."""

Samples = Mapping[str, Mapping[str, Any]]
"""One valid payload by event name."""

Document = dict[str, Any]

_KAFKA = "0.5.0"
_ABOUT = """Facts a bank's systems tell Rapport, and facts its services tell each other and the bank.

A topic bears the name of its event; the key is the customer id (or the subject named). Attributes travel as
CloudEvents 1.0 in binary mode; structured mode is accepted too. The partition is murmur2 of the key, Kafka's default.
Within a major version only optional fields are added; readers ignore fields and skip events they do not know."""


def asyncapi_document(version: str, hears: Hears, samples: Samples) -> Document:
    """The document; deterministic for equal arguments."""
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Rapport events", "version": version, "description": _ABOUT},
        "defaultContentType": "application/json",
        "channels": {event.name: _channel(event) for event in topics()},
        "operations": {**_sendings(), **_receivings(hears)},
        "components": {
            "messages": {event.__name__: _message(event, samples) for event in events()},
            "schemas": component_schemas(events()),
        },
    }


def _channel(event: type[Event]) -> Document:
    carried: list[type[Event]] = [event, DayClosed] if carries_marks(event) else [event]
    configuration: Document = dict(topic_configuration(event))
    configuration["cleanup.policy"] = [configuration["cleanup.policy"]]
    kafka = {"partitions": PARTITIONS, "topicConfiguration": configuration, "bindingVersion": _KAFKA}
    return {
        "address": event.name,
        "title": event.name,
        "description": described(event),
        "messages": {kind.__name__: {"$ref": f"#/components/messages/{kind.__name__}"} for kind in carried},
        "bindings": {"kafka": kafka},
        "x-state": event.is_state,
        "x-data-class": event.data_class,
        "x-confidential": event.is_confidential,
        "x-for-compliance": event.is_for_compliance,
    }


def _message(event: type[Event], samples: Samples) -> Document:
    key = {"type": "string", "description": f"{event.subject}, in UTF-8"}
    message: Document = {
        "name": event.wire_type(),
        "title": event.__name__,
        "summary": described(event).partition("\n")[0],
        "contentType": "application/json",
        "headers": _headers(event),
        "payload": {"$ref": f"#/components/schemas/{event.__name__}"},
        "bindings": {"kafka": {"key": key, "bindingVersion": _KAFKA}},
    }
    if event.name in samples:
        message["examples"] = [{"payload": samples[event.name]}]
    return message


def _headers(event: type[Event]) -> Document:
    text = {"type": "string", "minLength": 1}
    properties: Document = {
        "ce_specversion": {"const": "1.0"},
        "ce_id": {**text, "description": "unique within ce_source; a repeated id is a duplicate"},
        "ce_source": text,
        "ce_type": {"const": event.wire_type()},
        "ce_time": {"type": "string", "format": "date-time", "description": "business time, with its zone"},
        "ce_subject": {**text, "description": event.subject},
        "ce_partitionkey": {**text, "description": event.subject},
        "ce_dataclass": {"const": event.data_class},
        "traceparent": {**text, "description": "W3C Trace Context"},
        "content-type": {"const": "application/json"},
    }
    return {"type": "object", "properties": properties, "required": ["ce_id", "ce_source", "ce_type", "ce_time"]}


def _sendings() -> Document:
    return {
        f"{teller}.tells.{event.name}": _operation("send", event, f"{teller} tells {event.name}")
        for event in topics()
        for teller in (event.producer, *event.also_told_by)
    }


def _receivings(hears: Hears) -> Document:
    return {
        f"{service}.hears.{event.name}": {
            **_operation("receive", event, f"{service} hears {event.name}"),
            "bindings": {"kafka": {"groupId": {"type": "string", "const": service}, "bindingVersion": _KAFKA}},
        }
        for service in sorted(hears)
        for event in sorted(hears[service], key=lambda event: event.name)
    }


def _operation(action: str, event: type[Event], summary: str) -> Document:
    return {
        "action": action,
        "summary": summary,
        "channel": {"$ref": f"#/channels/{event.name}"},
        "messages": [{"$ref": f"#/channels/{event.name}/messages/{event.__name__}"}],
    }
