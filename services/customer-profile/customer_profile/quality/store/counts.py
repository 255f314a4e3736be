"""Values seen and faults among them, by day, source, attribute and dimension.

Of records they are added up in the transaction that handles the record, in any order; of a state, the whole book as it
stands, a day's row is written once.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import BigInteger, Column, Date, RowMapping, SmallInteger, Table, Text, text
from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.quality.domain import EXPECTED, VALIDATED, Dimension
from customer_profile.tables import metadata
from rapport.database import execute
from rapport.privacy.catalogue.columns import entry

BOOK = "book"
"""The source of what is counted in the files themselves, whoever told them."""
Key = tuple[date, str, str, str, int]
"""Day, source, attribute, dimension, partition: one worker at a time has it, so none waits for another's row."""

quality_counts = Table(
    "quality_counts",
    metadata,
    Column("day", Date, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("attribute", Text, primary_key=True),
    Column("dimension", Text, primary_key=True),
    Column("partition", SmallInteger, primary_key=True),
    Column("seen", BigInteger, nullable=False),
    Column("faults", BigInteger, nullable=False),
    info=entry("data-quality"),
)

_ADD = (
    "INSERT INTO quality_counts (day, source, attribute, dimension, partition, seen, faults) SELECT * FROM "
    "unnest($1::date[], $2::text[], $3::text[], $4::text[], $5::smallint[], $6::bigint[], $7::bigint[]) "
    "ON CONFLICT (day, source, attribute, dimension, partition) DO UPDATE "
    "SET seen = quality_counts.seen + excluded.seen, faults = quality_counts.faults + excluded.faults"
)
_PUT = text(
    "INSERT INTO quality_counts (day, source, attribute, dimension, partition, seen, faults) "
    "VALUES (:day, :source, :attribute, :dimension, -1, :seen, :faults) "
    "ON CONFLICT (day, source, attribute, dimension, partition) DO UPDATE "
    "SET seen = excluded.seen, faults = excluded.faults"
)
_BEGIN = text(
    "SELECT pg_try_advisory_xact_lock(hashtext('quality_counts')) AND NOT EXISTS ("
    "SELECT FROM quality_counts WHERE day = :day AND source = 'book')"
)
_PATIENCE = text("SET LOCAL statement_timeout = '10min'")
_SERIES = text(
    "SELECT source, attribute, dimension, day, sum(seen)::bigint AS seen, sum(faults)::bigint AS faults "
    "FROM quality_counts WHERE day BETWEEN :since AND :until "
    "AND (CAST(:source AS text) IS NULL OR source = :source) "
    "AND (CAST(:attribute AS text) IS NULL OR attribute = :attribute) "
    "AND (CAST(:dimension AS text) IS NULL OR dimension = :dimension) "
    "GROUP BY source, attribute, dimension, day ORDER BY source, attribute, dimension, day"
)


def _missing(attribute: str) -> str:
    return "p.gender = 'unknown'" if attribute == "gender" else f"p.{attribute} IS NULL"


class _Measure(NamedTuple):
    """What is counted in the files: conditions on a file `p` in SQL, of who is looked at and of whom it is a fault."""

    attribute: str
    dimension: Dimension
    seen: str
    fault: str


def _of_types(attribute: str) -> str:
    types = [type_ for type_, expected in EXPECTED.items() if attribute in expected]
    return "p.type IN ({})".format(", ".join(f"'{type_}'" for type_ in types))


def _book() -> str:
    """One statement that looks at every file once. Names are our own columns."""
    expected = sorted({attribute for attributes in EXPECTED.values() for attribute in attributes})
    rows = [
        *(_Measure(a, "completeness", of := _of_types(a), f"{of} AND {_missing(a)}") for a in expected),
        *(_Measure(a, "accuracy", f"p.{a} IS NOT NULL", f"p.identity_faults ? '{a}'") for a in VALIDATED),
        _Measure("status", "consistency", "true", "p.status <> 'active' AND p.open_accounts > 0"),
        _Measure(
            "id_number", "uniqueness", "p.id_number_index IS NOT NULL", "p.id_number_index IS NOT NULL AND p.others > 0"
        ),
    ]
    counts = ", ".join(
        f"count(*) FILTER (WHERE {seen}) AS seen_{n}, count(*) FILTER (WHERE {fault}) AS faults_{n}"
        for n, (_, _, seen, fault) in enumerate(rows)
    )
    values = ", ".join(f"('{name}', '{kind}', seen_{n}, faults_{n})" for n, (name, kind, _, _) in enumerate(rows))
    return f"""
INSERT INTO quality_counts (day, source, attribute, dimension, partition, seen, faults)
SELECT $1::date, '{BOOK}', m.attribute, m.dimension, -1, m.seen, m.faults FROM (
    SELECT {counts} FROM (SELECT q.*, count(*) OVER (PARTITION BY q.id_number_index) - count(*) OVER (
        PARTITION BY q.id_number_index, coalesce(m.survivor, q.customer_id)) AS others
        FROM profiles q LEFT JOIN merged_files m USING (customer_id)) p
) b CROSS JOIN LATERAL (VALUES {values}, ('account_id', 'consistency',
    (SELECT count(*) FROM accounts) + (SELECT count(*) FROM parked WHERE topic LIKE '%account-changed'),
    (SELECT count(*) FROM parked WHERE topic LIKE '%account-changed'))
) AS m(attribute, dimension, seen, faults)
"""  # noqa: S608 - our own columns


_COUNT_BOOK = _book()


async def add(connection: AsyncConnection, counts: Mapping[Key, tuple[int, int]]) -> None:
    """Add what records showed: seen and faults. Sorted, as every writer does."""
    if counts:
        keys = sorted(counts)
        columns = [list(column) for column in zip(*keys, strict=True)]
        await execute(connection, _ADD, *columns, [counts[k][0] for k in keys], [counts[k][1] for k in keys])


async def put(
    connection: AsyncConnection, *, day: date, source: str, attribute: str, dimension: str, seen: int, faults: int
) -> None:
    """Write what a comparison of a day found; the same again replaces it."""
    values = {"day": day, "source": source, "attribute": attribute, "dimension": dimension}
    await connection.execute(_PUT, {**values, "seen": seen, "faults": faults})


async def begin_day(connection: AsyncConnection, day: date) -> bool:
    """Whether the book is yet to be counted on this day, and nobody is at it; a look at all files may take its time."""
    await connection.execute(_PATIENCE)
    return bool((await connection.execute(_BEGIN, {"day": day})).scalar_one())


async def count_book(connection: AsyncConnection, day: date) -> None:
    """Count the state of all files, as it is, for this day."""
    await execute(connection, _COUNT_BOOK, day)


async def series(
    connection: AsyncConnection,
    *,
    since: date,
    until: date,
    source: str | None = None,
    attribute: str | None = None,
    dimension: str | None = None,
) -> Sequence[RowMapping]:
    """Counts by source, attribute, dimension and day, in this order, both days included."""
    asked = {"since": since, "until": until, "source": source, "attribute": attribute, "dimension": dimension}
    return (await connection.execute(_SERIES, asked)).mappings().all()
