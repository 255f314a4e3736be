"""The reference page for people: every event, who tells and who hears it, its fields, and one sample."""

import json
from collections.abc import Iterator
from typing import Any

from rapport.events.base import Code, Event, Token
from rapport.events.catalogue import carries_marks, events, topic_configuration, topics
from rapport.events.money import Amount, Currency, SignedAmount
from rapport.events.reference.asyncapi import Hears, Samples
from rapport.events.reference.schemas import Schema, described, json_schema, schema_name

_ALIASES = {"token": Token, "code": Code, "amount": Amount, "signed amount": SignedAmount, "currency": Currency}
_MEANINGS = {
    "token": "made at the edge; never a bank's own number",
    "code": "of a list the bank keeps",
    "amount": "a decimal string, not negative, no more digits than its currency has",
    "signed amount": "the same, may be below zero",
    "currency": "an active ISO 4217 code",
}
_DAY_MS = 24 * 60 * 60 * 1000


def events_page(hears: Hears, samples: Samples) -> str:
    """The page in Markdown; deterministic for equal arguments."""
    return "\n".join(
        [
            *_head(),
            *_table(hears),
            "",
            *_types(),
            *(line for event in events() for line in _section(event, hears, samples)),
        ]
    )


def _head() -> Iterator[str]:
    yield "# Events"
    yield ""
    yield "Generated from `shared/rapport/events` by `make contracts`; do not edit. Machine-readable beside it:"
    yield "[asyncapi.json](asyncapi.json) and one JSON Schema each in [events/](events/)."
    yield ""


def _table(hears: Hears) -> Iterator[str]:
    yield "| event | told by | kind | class | heard by |"
    yield "|---|---|---|---|---|"
    for event in events():
        heard = ", ".join(_hearers(event, hears)) or "–"
        yield f"| [{event.name}](#{event.name}) | {event.producer} | {_kind(event)} | {event.data_class} | {heard} |"


def _kind(event: type[Event]) -> str:
    if event not in topics():
        return "mark"
    return "state" if event.is_state else "history"


def _hearers(event: type[Event], hears: Hears) -> list[str]:
    return sorted(service for service, heard in hears.items() if event in heard)


def _types() -> Iterator[str]:
    yield "Types used below; a time is RFC 3339 with its zone, a date is ISO 8601."
    yield ""
    yield "| type | form | meaning |"
    yield "|---|---|---|"
    for name, pattern in _patterns().items():
        yield f"| {name} | `{pattern.replace('|', chr(92) + '|')}` | {_MEANINGS[name]} |"
    yield ""


def _patterns() -> dict[str, str]:
    return {name: alias.__metadata__[0].pattern for name, alias in _ALIASES.items()}  # type: ignore[attr-defined]


def _section(event: type[Event], hears: Hears, samples: Samples) -> Iterator[str]:
    schema = json_schema(event)
    yield f"## {event.name}"
    yield ""
    yield described(event)
    yield ""
    yield f"* {_where(event)}; [schema](events/{schema_name(event)})"
    yield f"* key: `{event.subject}`; `ce_type`: `{event.wire_type()}`"
    tellers, hearers = ", ".join((event.producer, *event.also_told_by)), ", ".join(_hearers(event, hears))
    yield f"* told by {tellers}; heard by {hearers or 'nobody yet'}"
    if event.is_for_compliance:
        yield "* for compliance alone: the bank's own system reads the topic, and no service may"
    elif event.is_confidential:
        yield "* carries identity or free text: only its reader may read the topic"
    yield ""
    yield from _fields(schema)
    for name, part in schema.get("$defs", {}).items():
        yield f"`{name}`: {part.get('description', '')}"
        yield ""
        yield from _fields(part)
    if event.name in samples:
        yield from ("```json", json.dumps(samples[event.name], indent=2, ensure_ascii=False), "```", "")


def _where(event: type[Event]) -> str:
    if event not in topics():
        return f"in every topic of {', '.join(sorted({other.producer for other in topics() if carries_marks(other)}))}"
    configuration = topic_configuration(event)
    if event.is_state:
        return f"topic `{event.name}`, compacted: the last of each key stays"
    return f"topic `{event.name}`, kept {int(configuration['retention.ms']) // _DAY_MS} days"


def _fields(part: Schema) -> Iterator[str]:
    yield "| field | type | |"
    yield "|---|---|---|"
    for name, field in part.get("properties", {}).items():
        note = "required" if name in part.get("required", ()) else _default(field)
        yield f"| `{name}` | {_type_of(field).replace('|', chr(92) + '|')} | {note} |"
    yield ""


def _default(field: Schema) -> str:
    default = field.get("default")
    return "optional" if default is None else f"`{json.dumps(default, ensure_ascii=False)}` if absent"


def _type_of(field: Schema) -> str:  # noqa: PLR0911 - one answer for each form of schema
    match field:
        case {"$ref": reference}:
            return f"`{reference.rpartition('/')[2]}`"
        case {"anyOf": options}:
            return " or ".join(_type_of(option) for option in options)
        case {"enum": values}:
            return " | ".join(f"`{value}`" for value in values)
        case {"const": value}:
            return f"`{value}`"
        case {"type": "array", "items": items}:
            return f"list of {_type_of(items)}"
        case {"type": "object", "additionalProperties": dict(values)}:
            return f"map of {_type_of(field.get('propertyNames', {'type': 'string'}))} to {_type_of(values)}"
        case _:
            return _simple(field)


def _simple(field: Schema) -> str:
    named: dict[Any, str] = {pattern: name for name, pattern in _patterns().items()}
    formats = {"date-time": "time", "date": "date"}
    if "pattern" in field:
        return named.get(field["pattern"], f"string `{field['pattern']}`")
    if field.get("format") in formats:
        return formats[field["format"]]
    limits = [f"{sign} {field[key]}" for key, sign in (("minimum", "≥"), ("maximum", "≤")) if key in field]
    longest = [f"up to {field['maxLength']} characters"] if "maxLength" in field else []
    return ", ".join([str(field.get("type", "any")), *limits, *longest])
