"""What was refused of what came in, by where it came in and field: counted in the transaction that refuses it.

Fields that no contract knows, and fields that held authentication data; never a value. The names of one place are a
bounded number: who sends them chooses them.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.messaging.records import Arrival, TopicPartition
from rapport.messaging.unknown_fields import UNNAMED

UNKNOWN = "unknown-field"
NAMED = 40
"""Names of one partition's records, or of one operation; what comes after them is counted without its name."""
_NO_PARTITION = -1

_KNOWN = text(
    "SELECT r.topic, r.partition, r.field FROM refused_fields r "
    "JOIN unnest(CAST(:topics AS text[]), CAST(:partitions AS smallint[])) AS p(topic, partition) "
    "ON r.topic = p.topic AND r.partition = p.partition"
)
_NOTE = text(
    "INSERT INTO refused_fields (topic, partition, field, kind, records, first_at, last_at) "
    "SELECT topic, partition, field, kind, records, :now, :now FROM unnest(CAST(:topics AS text[]), "
    "CAST(:partitions AS smallint[]), CAST(:fields AS text[]), CAST(:kinds AS text[]), CAST(:records AS bigint[])) "
    "AS new(topic, partition, field, kind, records) ON CONFLICT (topic, partition, field, kind) "
    "DO UPDATE SET records = refused_fields.records + excluded.records, last_at = excluded.last_at"
)
_LIST = text(
    "SELECT topic, field, kind, sum(records)::bigint AS records, min(first_at) AS first_at, max(last_at) AS last_at "
    "FROM refused_fields GROUP BY topic, field, kind ORDER BY topic, field, kind"
)


class Refused(NamedTuple):
    """One field that was refused. `log`: of an operation over REST its method and route, as a log of no partition."""

    log: TopicPartition
    field: str
    kind: str


async def note(connection: AsyncConnection, arrivals: Iterable[Arrival], now: datetime) -> Mapping[str, int]:
    """Count what was refused of these records; returns how many fields by topic.

    By partition, of which one worker at a time has each: workers never wait for each other's rows.
    """
    found = Counter[Refused]()
    # Most records of a core have the same fields: they are counted as a whole first.
    alike = Counter((arrival.log, arrival.unknown) for arrival in arrivals if arrival.unknown)
    for (log, names), records in alike.items():
        found.update({Refused(log, name, UNKNOWN): records for name in names})
    found.update(Refused(arrival.log, *arrival.withheld) for arrival in arrivals if arrival.withheld)
    return await _add(connection, found, now)


async def note_request(
    connection: AsyncConnection, operation: str, fields: Iterable[str], kind: str, now: datetime
) -> None:
    """Count what one request was refused for. `operation`: `POST /customers`, with the template of its route."""
    log = TopicPartition(operation, _NO_PARTITION)
    await _add(connection, Counter({Refused(log, field, kind) for field in fields}), now)


async def _add(connection: AsyncConnection, found: Counter[Refused], now: datetime) -> Mapping[str, int]:
    if not found:
        return {}
    rows, by_topic = Counter[Refused](), Counter[str]()
    named = await _named(connection, sorted({refused.log for refused in found}))
    for refused, count in sorted(found.items()):
        names = named.setdefault(refused.log, set())
        place = refused.field if refused.field in names or len(names) < NAMED else UNNAMED
        names.add(place)
        rows[refused._replace(field=place)] += count
        by_topic[refused.log.topic] += count
    values = {
        "topics": [refused.log.topic for refused in rows],
        "partitions": [refused.log.partition for refused in rows],
        "fields": [refused.field for refused in rows],
        "kinds": [refused.kind for refused in rows],
        "records": list(rows.values()),
        "now": now,
    }
    await connection.execute(_NOTE, values)
    return by_topic


async def _named(connection: AsyncConnection, logs: Sequence[TopicPartition]) -> dict[TopicPartition, set[str]]:
    values = {"topics": [log.topic for log in logs], "partitions": [log.partition for log in logs]}
    named: dict[TopicPartition, set[str]] = {}
    for topic, partition, name in await connection.execute(_KNOWN, values):
        named.setdefault(TopicPartition(topic, partition), set()).add(name)
    return named


async def listing(connection: AsyncConnection) -> Sequence[RowMapping]:
    """By topic or operation, field and kind: how many records held it, first and last when. Some hundred rows."""
    return (await connection.execute(_LIST)).mappings().all()
