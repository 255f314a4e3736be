"""What was wrong with raw records, by topic, field and fault, and what became of them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import BigInteger, Column, DateTime, RowMapping, SmallInteger, Table, Text, text
from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.tables import metadata
from rapport.database import execute
from rapport.privacy.catalogue.columns import entry

_at = DateTime(timezone=True)

core_faults = Table(
    "core_faults",
    metadata,
    Column("topic", Text, primary_key=True),
    Column("partition", SmallInteger, primary_key=True),
    Column("field", Text, primary_key=True),
    Column("fault", Text, primary_key=True),
    Column("records", BigInteger, nullable=False),
    Column("last_at", _at, nullable=False),
    info=entry("delivery-bookkeeping"),
)

_COUNT = (
    "INSERT INTO core_faults (topic, partition, field, fault, records, last_at) "
    "SELECT *, $6 FROM unnest($1::text[], $2::smallint[], $3::text[], $4::text[], $5::bigint[]) "
    "ON CONFLICT (topic, partition, field, fault) DO UPDATE "
    "SET records = core_faults.records + excluded.records, last_at = excluded.last_at"
)
_FAULTS = text(
    "SELECT topic, field, fault, sum(records)::bigint AS records, max(last_at) AS last_at FROM core_faults "
    "GROUP BY topic, field, fault ORDER BY topic, field, fault"
)
_ACCOUNTS = text(
    "SELECT o.topic, sum(o.received)::bigint AS received, sum(o.applied)::bigint AS applied, "
    "sum(o.duplicate)::bigint AS duplicate, sum(o.skipped)::bigint AS skipped, "
    "sum(o.dead_lettered)::bigint AS dead_lettered, "
    "(SELECT count(*) FROM parked p WHERE p.topic = o.topic) AS parked "
    "FROM consumer_offsets o WHERE o.topic = ANY(CAST(:topics AS text[])) GROUP BY o.topic"
)


async def count_faults(
    connection: AsyncConnection, faults: Mapping[tuple[str, int, str, str], int], now: datetime
) -> None:
    """Add to the counts by topic, partition, field and fault; sorted, as every writer does."""
    if faults:
        keys = sorted(faults)
        columns = (list(column) for column in zip(*keys, strict=True))
        await execute(connection, _COUNT, *columns, [faults[key] for key in keys], now)


async def faults(connection: AsyncConnection) -> Sequence[RowMapping]:
    """Counts by topic, field and fault."""
    return (await connection.execute(_FAULTS)).mappings().all()


async def outcomes(connection: AsyncConnection, topics: Collection[str]) -> dict[str, RowMapping]:
    """What became of the records of each of these topics."""
    rows = (await connection.execute(_ACCOUNTS, {"topics": sorted(topics)})).mappings()
    return {row["topic"]: row for row in rows}
