"""Fields on the wire that a contract does not know: never kept, but counted and named, so that a producer's new field
or a misspelt one is seen.

Named are only names of a harmless form, and a bounded number of them: a field's name can be anything, a person's too.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic_core import from_json
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.events.base import Event
from rapport.messaging.records import Arrival, TopicPartition
from rapport.privacy.catalogue.fields import parts_of

UNNAMED = "?"
NAMED = 40
"""Names of one partition's records; what comes after them is counted without its name."""
# No digits: of eleven a telephone number could be made.
_HARMLESS = re.compile(r"[a-z][a-z_]{0,39}(\.[a-z][a-z_]{0,39})?")

_KNOWN = text(
    "SELECT r.topic, r.partition, r.field FROM refused_fields r "
    "JOIN unnest(CAST(:topics AS text[]), CAST(:partitions AS smallint[])) AS p(topic, partition) "
    "ON r.topic = p.topic AND r.partition = p.partition"
)
_NOTE = text(
    "INSERT INTO refused_fields (topic, partition, field, records, first_at, last_at) "
    "SELECT topic, partition, field, records, :now, :now FROM unnest(CAST(:topics AS text[]), "
    "CAST(:partitions AS smallint[]), CAST(:fields AS text[]), CAST(:records AS bigint[])) "
    "AS new(topic, partition, field, records) ON CONFLICT (topic, partition, field) "
    "DO UPDATE SET records = refused_fields.records + excluded.records, last_at = excluded.last_at"
)
_LIST = text(
    "SELECT topic, field, sum(records)::bigint AS records, min(first_at) AS first_at, max(last_at) AS last_at "
    "FROM refused_fields GROUP BY topic, field ORDER BY topic, field"
)


def unknown_fields(event: Event, data: bytes) -> tuple[str, ...]:
    """The fields of `data` that are not of the event's contract, each once.

    Reading every record twice would cost a tenth of decoding it, so keys are counted first. A known key with a blank
    before its colon could hide an unknown one from that: it would not be counted, and not be kept either.
    """
    if data.count(b'":') == _keys_of(event):
        return ()
    return tuple(sorted(set(_unknown_in(type(event), from_json(data), ""))))


@cache
def _fields_of(model: type[BaseModel]) -> dict[str, type[BaseModel] | None]:
    """Its fields, each with the model that its value is one of or a list of, if any."""
    return {name: next(parts_of(field.annotation), None) for name, field in model.model_fields.items()}


@cache
def _parts_of(model: type[BaseModel]) -> tuple[str, ...]:
    return tuple(name for name, part in _fields_of(model).items() if part is not None)


def _keys_of(model: BaseModel) -> int:
    count = len(model.__pydantic_fields_set__)
    for name in _parts_of(type(model)):
        part = getattr(model, name)
        if part is not None:
            count += sum(map(_keys_of, part)) if isinstance(part, tuple | list) else _keys_of(part)
    return count


def _unknown_in(model: type[BaseModel], content: Any, path: str) -> Iterator[str]:
    known = _fields_of(model)
    for name, value in content.items() if isinstance(content, dict) else ():
        if name not in known:
            place = f"{path}{name}"
            yield place if _HARMLESS.fullmatch(place) else UNNAMED
        elif part := known[name]:
            for inner in value if isinstance(value, list) else [value]:
                yield from _unknown_in(part, inner, f"{name}.")


async def note(connection: AsyncConnection, arrivals: Iterable[Arrival], now: datetime) -> Mapping[str, int]:
    """Count what these records held beside their contracts; returns how many fields by topic.

    By partition, of which one worker at a time has each: workers never wait for each other's rows.
    """
    found = Counter((arrival.log, name) for arrival in arrivals for name in arrival.unknown)
    if not found:
        return {}
    rows = Counter[tuple[TopicPartition, str]]()
    named = await _named(connection, sorted({log for log, _ in found}))
    for (log, name), count in sorted(found.items()):
        names = named.setdefault(log, set())
        place = name if name in names or len(names) < NAMED else UNNAMED
        names.add(place)
        rows[log, place] += count
    values = {
        "topics": [log.topic for log, _ in rows],
        "partitions": [log.partition for log, _ in rows],
        "fields": [name for _, name in rows],
        "records": list(rows.values()),
        "now": now,
    }
    await connection.execute(_NOTE, values)
    by_topic = Counter[str]()
    for (log, _), count in found.items():
        by_topic[log.topic] += count
    return by_topic


async def _named(connection: AsyncConnection, logs: Sequence[TopicPartition]) -> dict[TopicPartition, set[str]]:
    values = {"topics": [log.topic for log in logs], "partitions": [log.partition for log in logs]}
    named: dict[TopicPartition, set[str]] = {}
    for topic, partition, name in await connection.execute(_KNOWN, values):
        named.setdefault(TopicPartition(topic, partition), set()).add(name)
    return named


async def listing(connection: AsyncConnection) -> Sequence[RowMapping]:
    """By topic and field: how many records held it, first and last when. At most a few hundred rows."""
    return (await connection.execute(_LIST)).mappings().all()
