"""How far each topic was heard in each partition: read and written once a poll."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from struct import Struct
from typing import Any

from sqlalchemy import Column, DateTime, LargeBinary, SmallInteger, Table, Text, text
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.feed.domain.hearing import Heard
from churn_alert.feed.domain.usual import GROUPS, WEEKS, Usual
from churn_alert.tables import metadata
from rapport.privacy.catalogue.columns import entry

_at = DateTime(timezone=True)

activity_feeds = Table(
    "activity_feeds",
    metadata,
    Column("topic", Text, primary_key=True),
    Column("partition", SmallInteger, primary_key=True),
    Column("heard_until", _at, nullable=False),
    Column("returned_at", _at),
    Column("own_returned_at", _at),
    Column("usual", LargeBinary),
    info=entry("delivery-bookkeeping"),
)

_READ = text(
    "SELECT f.topic, f.partition, f.heard_until, f.returned_at, coalesce(o.next_offset < o.log_end_offset, false), "
    "f.own_returned_at, f.usual "
    "FROM activity_feeds f LEFT JOIN consumer_offsets o ON o.topic = :prefix || f.topic AND o.partition = f.partition"
)
_NOTE = text(
    "INSERT INTO activity_feeds AS f (topic, partition, heard_until, usual) "
    "SELECT * FROM unnest(CAST(:topics AS text[]), CAST(:partitions AS smallint[]), "
    "CAST(:untils AS timestamptz[]), CAST(:usuals AS bytea[])) ON CONFLICT (topic, partition) DO UPDATE "
    "SET heard_until = greatest(f.heard_until, excluded.heard_until), usual = excluded.usual"
)
_PLACES = "(topic, partition) IN (SELECT * FROM unnest(CAST(:topics AS text[]), CAST(:partitions AS smallint[])))"
_RETURN = text(f"UPDATE activity_feeds SET returned_at = :now WHERE {_PLACES}")  # noqa: S608 - our own words
_RETURN_ALONE = text(f"UPDATE activity_feeds SET own_returned_at = :now WHERE {_PLACES}")  # noqa: S608 - our own words
_USUAL = Struct(f">I{WEEKS * 21}s{GROUPS}H")
Place = tuple[str, int]
"""Topic and partition."""


async def heard_by(connection: AsyncConnection, prefix: str = "") -> list[Heard]:
    """Every topic and partition of which something was heard; `prefix`: of topics' names, to know which are behind."""
    rows = (await connection.execute(_READ, {"prefix": prefix})).all()
    return [Heard(*row[:-1])._replace(usual=_usual_of(row.usual)) for row in rows]


async def note(connection: AsyncConnection, until: Mapping[Place, datetime], usual: Mapping[Place, Usual]) -> None:
    """Keep how far these were heard, and what is usual of them with it: of a partition the poll that holds its offsets
    writes alone.
    """
    places = sorted(until)
    untils, usuals = [until[place] for place in places], [_cells(usual[place]) for place in places]
    await connection.execute(_NOTE, _named(places) | {"untils": untils, "usuals": usuals})


async def note_return(connection: AsyncConnection, places: Sequence[Place], now: datetime) -> None:
    """These are heard again after a stop of the whole topic."""
    await connection.execute(_RETURN, _named(places) | {"now": now})


async def note_own_return(connection: AsyncConnection, places: Sequence[Place], now: datetime) -> None:
    """These are heard again after a stop of their own."""
    await connection.execute(_RETURN_ALONE, _named(places) | {"now": now})


def _named(places: Sequence[Place]) -> dict[str, Any]:
    return {"topics": [topic for topic, _ in places], "partitions": [partition for _, partition in places]}


def _usual_of(cell: bytes | None) -> Usual:
    if cell is None:
        return Usual()
    last, hours, *days = _USUAL.unpack(cell)
    return Usual(last, int.from_bytes(hours), tuple(days))


def _cells(one: Usual) -> bytes:
    return _USUAL.pack(one.last, one.hours.to_bytes(WEEKS * 21), *one.days)
