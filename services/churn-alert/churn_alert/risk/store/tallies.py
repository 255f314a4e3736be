"""Tallies of customers' behaviour: a row a part, to which a batch adds in one statement without reading any.

A document a customer had to be read and written whole, and was two to three times as slow:
docs/decisions/0082-behaviour-is-added-up-where-it-lies.md.
"""

from collections.abc import Collection, Mapping

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, Double, Integer, Table, Text, any_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import bindparam

from churn_alert.risk.domain.parts import Part, Parts, count
from churn_alert.risk.domain.tallies import MONTH, QUARTER, Tally
from churn_alert.tables import metadata
from rapport.database import execute
from rapport.privacy.catalogue.columns import entry

_PACES = {"month": MONTH, "month_minor": MONTH, "quarter": QUARTER, "quarter_minor": QUARTER}

behaviour_tallies = Table(
    "behaviour_tallies",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("stream", Text, primary_key=True, info=entry("posting-sums", "interaction")),
    Column("channel", Text, primary_key=True),
    # Of a key no part may be null: empty where none is named.
    Column("product", Text, primary_key=True),
    Column("account_id", Text, primary_key=True),
    Column("times", Integer, nullable=False),
    Column("minor", BigInteger, nullable=False),
    Column("first_at", DateTime(timezone=True), nullable=False),
    Column("last_at", DateTime(timezone=True), nullable=False),
    *(Column(name, Double, nullable=False) for name in ("month", "quarter", "month_minor", "quarter_minor")),
    CheckConstraint(f"{' + '.join(_PACES)} BETWEEN -1e300 AND 1e300", name="behaviour_tallies_finite"),
    info=entry("posting-sums", "interaction"),
)

_NAMES = tuple(column.name for column in behaviour_tallies.columns)
_TYPES = ("text",) * 5 + ("integer", "bigint") + ("timestamptz",) * 2 + ("double precision",) * 4
_MOST = 2**63 - 1
"""What eight bytes hold, which 93 of the largest postings come to: beyond it a sum stays what it is, and its posting no
dead letter."""
_OF = select(behaviour_tallies).where(behaviour_tallies.c.customer_id == any_(bindparam("ids", type_=ARRAY(Text))))


def _left(half_life: float, of: str, until: str) -> str:
    """What is left at the later time; PostgreSQL refuses what is too small for a double, so after 30 half-lives 0."""
    days = f"extract(epoch FROM {until}.last_at - {of}.last_at)::float8 / 86400"
    return (
        f"CASE WHEN {days} <= 0 THEN 1 WHEN {days} > {30 * half_life} THEN 0 ELSE power(0.5, {days} / {half_life}) END"
    )


def _added(name: str, half_life: float) -> str:
    mine, new = (_left(half_life, *of) for of in (("t", "excluded"), ("excluded", "t")))
    return f"{name} = t.{name} * {mine} + excluded.{name} * {new}"


_ADD = (
    f"INSERT INTO behaviour_tallies AS t ({', '.join(_NAMES)}) SELECT * FROM "  # noqa: S608 - our own names
    f"unnest({', '.join(f'${place}::{kind}[]' for place, kind in enumerate(_TYPES, start=1))}) "
    "ON CONFLICT (customer_id, stream, channel, product, account_id) DO UPDATE SET times = t.times + excluded.times, "
    f"minor = greatest(-{_MOST}, least({_MOST}, t.minor::numeric + excluded.minor))::bigint, "
    "first_at = least(t.first_at, excluded.first_at), "
    "last_at = greatest(t.last_at, excluded.last_at), "
    + ", ".join(_added(name, half_life) for name, half_life in _PACES.items())
)


async def add(connection: AsyncConnection, counted: Mapping[str, Parts]) -> None:
    """Add what was counted of each customer to what is there."""
    rows = [
        (customer_id, part.stream, part.channel, part.product or "", part.account_id or "", *_kept(tally))
        for customer_id, parts in counted.items()
        for part, tally in parts.items()
    ]
    if rows:
        await execute(connection, _ADD, *zip(*rows, strict=True))


def _kept(tally: Tally) -> Tally:
    return tally if -_MOST <= tally.minor <= _MOST else tally._replace(minor=_MOST if tally.minor > 0 else -_MOST)


async def parts_of(connection: AsyncConnection, customer_ids: Collection[str]) -> Parts:
    """All that was counted of these files, added up."""
    parts: Parts = {}
    for row in (await connection.execute(_OF, {"ids": sorted(customer_ids)})).all():
        _, stream, channel, product, account_id, *cells = row
        count(parts, Part(stream, channel, product or None, account_id or None), Tally(*cells))
    return parts
