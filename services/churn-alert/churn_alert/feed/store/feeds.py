"""How far each topic was heard in each partition: read and written once a poll."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Column, DateTime, SmallInteger, Table, Text, text
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.feed.domain.hearing import Heard
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
    info=entry("delivery-bookkeeping"),
)

_READ = text(
    "SELECT f.topic, f.partition, f.heard_until, f.returned_at, coalesce(o.next_offset < o.log_end_offset, false) "
    "FROM activity_feeds f LEFT JOIN consumer_offsets o ON o.topic = :prefix || f.topic AND o.partition = f.partition"
)
_NOTE = text(
    "INSERT INTO activity_feeds AS f (topic, partition, heard_until, returned_at) "
    "SELECT *, CAST(NULL AS timestamptz) FROM unnest(CAST(:topics AS text[]), CAST(:partitions AS smallint[]), "
    "CAST(:untils AS timestamptz[])) ON CONFLICT (topic, partition) DO UPDATE "
    "SET heard_until = greatest(f.heard_until, excluded.heard_until)"
)
_RETURN = text(
    "UPDATE activity_feeds SET returned_at = :now WHERE topic = ANY(CAST(:topics AS text[])) "
    "AND partition = ANY(CAST(:partitions AS smallint[]))"
)


async def heard_by(connection: AsyncConnection, prefix: str = "") -> list[Heard]:
    """Every topic and partition of which something was heard; `prefix`: of topics' names, to know which are behind."""
    return [Heard(*row) for row in (await connection.execute(_READ, {"prefix": prefix})).all()]


async def note(
    connection: AsyncConnection, until: Mapping[tuple[str, int], datetime], back: Collection[str], now: datetime
) -> None:
    """Keep how far these were heard; `back`: the topics among them that had stopped before."""
    if not until:
        return
    places = sorted(until)
    topics, partitions = [topic for topic, _ in places], [partition for _, partition in places]
    await connection.execute(
        _NOTE, {"topics": topics, "partitions": partitions, "untils": [until[place] for place in places]}
    )
    if back:
        own = sorted({partition for topic, partition in places if topic in back})
        await connection.execute(_RETURN, {"now": now, "topics": sorted(back), "partitions": own})
