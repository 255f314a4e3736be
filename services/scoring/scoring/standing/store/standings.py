"""Standings in PostgreSQL: one query and one upsert a batch, whatever its size."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.behaviour.active_days import ActiveDays
from rapport.behaviour.decay import DecayedSums, column_names
from rapport.database import fetch, upsert_columns
from scoring.standing.domain.state import NOTHING_HELD, SUMS, Holdings, ProductsOfKind, Standing
from scoring.tables import metadata

_at = DateTime(timezone=True)
_TIERS = "tier IN ('low', 'middle', 'high')"

standings = Table(
    "standings",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("partition", SmallInteger, nullable=False),
    Column("transactions", Integer, nullable=False),
    Column("reversals", Integer, nullable=False),
    Column("foreign_currency_transactions", Integer, nullable=False),
    Column("credits_minor", BigInteger, nullable=False),
    Column("debits_minor", BigInteger, nullable=False),
    Column("opening_minor", BigInteger, nullable=False),
    Column("penalty_interests", Integer, nullable=False),
    Column("overdrafts", Integer, nullable=False),
    Column("sums_as_of", _at),
    *(Column(name, Double, nullable=False) for name in column_names(*SUMS)),
    Column("active_days_from", Date),
    Column("active_days", LargeBinary),
    Column("first_activity_at", _at),
    Column("last_activity_at", _at),
    Column("first_days", JSONB, nullable=False),
    Column("holdings", JSONB, nullable=False),
    Column("holdings_revision", Integer, nullable=False),
    Column("holdings_as_of", _at),
    Column("tier", Text, nullable=False),
    Column("tier_since", _at, nullable=False),
    Column("below_since", _at),
    Column("points", Integer, nullable=False),
    Column("decided_at", _at, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("due_at", _at, nullable=False),
    CheckConstraint(_TIERS, name="standings_tier"),
    Index("standings_by_due_time", "partition", "due_at"),
    Index("standings_by_tier", "tier", "customer_id"),
)

_WIDTH = 4 * len(SUMS)
STATE = tuple(column for column in standings.columns if column.name != "partition")
_NAMES = (*(column.name for column in STATE), "partition")
_LOAD = (
    f"SELECT {', '.join(column.name for column in STATE)} FROM standings "  # noqa: S608 - our own columns
    "WHERE customer_id = ANY($1::text[])"
)


async def load(connection: AsyncConnection, customer_ids: Iterable[str]) -> dict[str, Standing]:
    """The standings of these customers; one who has none yet gets an empty one."""
    ids = list(customer_ids)
    found = {row[0]: standing_of(tuple(row)) for row in await fetch(connection, _LOAD, ids)}
    for customer_id in ids:
        if customer_id not in found:
            found[customer_id] = Standing(customer_id)
    return found


def standing_of(row: Sequence[Any]) -> Standing:
    """A row of the columns `STATE` as the rules take it; what follows them in the row is not read."""
    cells: tuple[Any, ...] = tuple(row[: len(STATE)])
    after = 10 + _WIDTH
    since, days, first, last, first_days, holdings, revision, as_of = cells[after : after + 8]
    whole = (
        *cells[:9],
        DecayedSums(cells[9], cells[10:after]),
        ActiveDays.from_bytes(since, days) if since else None,
        first,
        last,
        first_days,
        Holdings({kind: ProductsOfKind(*held) for kind, held in holdings.items()}, revision, as_of)
        if revision
        else NOTHING_HELD,
        *cells[after + 8 :],
    )
    return Standing(*whole)


async def save(connection: AsyncConnection, changed: Sequence[Standing], *, partition_of: Callable[[str], int]) -> None:
    """Write standings back, new ones too."""
    if changed:
        rows = [(*_cells(one), partition_of(one.customer_id)) for one in changed]
        await upsert_columns(connection, standings, _NAMES, rows)


def _cells(one: Standing) -> tuple[Any, ...]:
    days = one.active_days
    return (
        one.customer_id,
        one.transactions,
        one.reversals,
        one.foreign_currency_transactions,
        one.credits_minor,
        one.debits_minor,
        one.opening_minor,
        one.penalty_interests,
        one.overdrafts,
        one.sums.as_of,
        *one.sums.values,
        days.first if days else None,
        days.to_bytes() if days else None,
        one.first_activity_at,
        one.last_activity_at,
        one.first_days,
        one.holdings.by_kind,
        one.holdings.revision,
        one.holdings.as_of,
        one.tier,
        one.tier_since,
        one.below_since,
        one.points,
        one.decided_at,
        one.revision,
        one.due_at,
    )
