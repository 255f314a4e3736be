"""Up to when each partition of the raw topics is closed."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import Column, Date, DateTime, SmallInteger, Table, Text
from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.tables import metadata
from rapport.database import fetch, upsert_many
from rapport.privacy.catalogue.columns import entry

_at = DateTime(timezone=True)

core_days = Table(
    "core_days",
    metadata,
    Column("tells", Text, primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("partition", SmallInteger, primary_key=True),
    Column("closed_at", _at, nullable=False),
    Column("business_date", Date, nullable=False),
    info=entry("delivery-bookkeeping"),
)

_LOCK_DAYS = "SELECT pg_advisory_xact_lock(hashtext('core_days:' || $1))"
_DAYS = "SELECT topic, partition, closed_at, business_date FROM core_days WHERE tells = $1"
Closed = tuple[datetime, date]


async def closed_days(connection: AsyncConnection, tells: str) -> dict[tuple[str, int], Closed]:
    """Up to when each partition of the raw topics that tell this is closed; one transaction at a time may know."""
    await fetch(connection, _LOCK_DAYS, tells)
    rows = await fetch(connection, _DAYS, tells)
    return {(topic, partition): (closed_at, day) for topic, partition, closed_at, day in rows}


async def save_days(connection: AsyncConnection, tells: str, changed: Mapping[tuple[str, int], Closed]) -> None:
    """Write up to when these partitions are closed."""
    rows = [
        {"tells": tells, "topic": topic, "partition": partition, "closed_at": closed_at, "business_date": day}
        for (topic, partition), (closed_at, day) in changed.items()
    ]
    await upsert_many(connection, core_days, rows)
