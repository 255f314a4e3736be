"""Standings in PostgreSQL: one query and one upsert a batch, whatever its size."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Double,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)  # fmt: skip
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.behaviour.daily_counts import DailyCounts
from rapport.behaviour.decay import DecayedSums, column_names
from rapport.database import fetch, upsert_columns
from scoring.standing.domain.assets import Movements, rows_of, valuation_of
from scoring.standing.domain.foreign import accounts_of, documents_of
from scoring.standing.domain.holdings import NOTHING_HELD, Holdings, ProductsOfKind
from scoring.standing.domain.people import Override
from scoring.standing.domain.state import SUMS, Standing
from scoring.standing.store import due_times
from scoring.standing.store.due_times import DUE_AT
from scoring.tables import MOMENT, metadata

standings = Table(
    "standings",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("partition", SmallInteger, nullable=False),
    Column("transactions", Integer, nullable=False),
    Column("foreign_currency_transactions", Integer, nullable=False),
    Column("credits_minor", BigInteger, nullable=False),
    Column("debits_minor", BigInteger, nullable=False),
    Column("opening_minor", BigInteger, nullable=False),
    Column("own_minor", BigInteger, nullable=False),
    Column("penalty_interests", Integer, nullable=False),
    Column("overdrafts", Integer, nullable=False),
    Column("sums_as_of", MOMENT),
    *(Column(name, Double, nullable=False) for name in column_names(*SUMS)),
    Column("active_days_from", Date),
    Column("active_days", LargeBinary),
    Column("active_day_repeats", LargeBinary),
    Column("month", Integer, nullable=False),
    *(Column(f"month_{name}", BigInteger, nullable=False) for name in Movements._fields[1:]),
    Column("first_days", JSONB, nullable=False),
    Column("holdings", JSONB, nullable=False),
    Column("holdings_revision", BigInteger, nullable=False),
    Column("holdings_as_of", MOMENT),
    Column("loan_class", SmallInteger),
    Column("valuations", JSONB, nullable=False),
    Column("foreign_accounts", JSONB),
    Column("tier", Text, nullable=False),
    Column("tier_since", MOMENT, nullable=False),
    Column("below_since", MOMENT),
    Column("points", Integer, nullable=False),
    Column("decided_at", MOMENT, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("scorecard_tier", Text),
    Column("scorecard_since", MOMENT),
    Column("override_id", Uuid),
    Column("override_tier", Text),
    Column("override_until", MOMENT),
    Column("people_only", Boolean, nullable=False, server_default="false"),
    Column("people_since", MOMENT),
    Column("profile_revision", BigInteger, nullable=False, server_default="0"),
    Index("standings_by_tier", "tier", "customer_id"),
    Index("standings_for_people", "customer_id", postgresql_where=text("people_only")),
)

_WIDTH = 4 * len(SUMS)
OF_PEOPLE = 8
"""The last cells: what people had a hand in, of which the log of events knows nothing."""
_OWN = tuple(column.name for column in standings.columns if column.name != "partition")
STATE = (*(f"s.{name}" for name in _OWN[:-OF_PEOPLE]), DUE_AT, *(f"s.{name}" for name in _OWN[-OF_PEOPLE:]))
"""What to select of `standings s`."""
_LOAD = f"SELECT {', '.join(STATE)} FROM standings s WHERE customer_id = ANY($1::text[])"  # noqa: S608


async def load(connection: AsyncConnection, customer_ids: Iterable[str]) -> dict[str, Standing]:
    """The standings of these customers; one who has none yet gets an empty one."""
    ids = list(customer_ids)
    found = {row[0]: standing_of(tuple(row)) for row in await fetch(connection, _LOAD, ids)}
    for customer_id in ids:
        if customer_id not in found:
            found[customer_id] = Standing(customer_id)
    return found


def standing_of(row: Sequence[Any]) -> Standing:
    """A row of the cells `STATE` as the rules take it; what follows them in the row is not read."""
    cells: tuple[Any, ...] = tuple(row[: len(STATE)])
    after = 10 + _WIDTH
    since, days, repeats = cells[after : after + 3]
    first_days, by_kind, revision, as_of, loan_class, told, foreign = cells[after + 8 : after + 15]
    whole = (
        *cells[:9],
        DecayedSums(cells[9], cells[10:after]),
        DailyCounts.from_bytes(since, days, repeats) if since else None,
        Movements(*cells[after + 3 : after + 8]),
        first_days,
        _holdings(by_kind, revision, as_of, loan_class, told) if told else NOTHING_HELD,
        accounts_of(foreign),
        *cells[after + 15 : -6],
        None if cells[-6] is None else Override(*cells[-6:-3]),
        *cells[-3:],
    )
    return Standing(*whole)


def _holdings(
    by_kind: dict[str, list[int]], revision: int, as_of: datetime, loan_class: int | None, told: list[list[Any]]
) -> Holdings:
    kinds = {kind: ProductsOfKind(*held) for kind, held in by_kind.items()}
    return Holdings(kinds, revision, as_of, loan_class, tuple(valuation_of(*one) for one in told))


async def save(connection: AsyncConnection, changed: Sequence[Standing], *, partition_of: Callable[[str], int]) -> None:
    """Write standings back, new ones too."""
    if changed:
        rows, due = [], []
        for one in changed:
            cells, partition = cells_of(one), partition_of(one.customer_id)
            rows.append((*cells[: -OF_PEOPLE - 1], *cells[-OF_PEOPLE:], partition))
            due.append((one.customer_id, partition, one.due_at))
        await upsert_columns(connection, standings, (*_OWN, "partition"), rows)
        await due_times.keep(connection, due)


def cells_of(one: Standing) -> tuple[Any, ...]:
    """The inverse of `standing_of`."""
    days = one.active_days
    return (
        one.customer_id,
        one.transactions,
        one.foreign_currency_transactions,
        one.credits_minor,
        one.debits_minor,
        one.opening_minor,
        one.own_minor,
        one.penalty_interests,
        one.overdrafts,
        one.sums.as_of,
        *one.sums.values,
        days.first if days else None,
        days.bits_to_bytes() if days else None,
        days.more_to_bytes() if days else None,
        *one.movements,
        one.first_days,
        one.holdings.by_kind,
        one.holdings.revision,
        one.holdings.as_of,
        one.holdings.loan_class,
        rows_of(one.holdings.valuations),
        documents_of(one.foreign) or None,
        one.tier,
        one.tier_since,
        one.below_since,
        one.points,
        one.decided_at,
        one.revision,
        one.due_at,
        one.scorecard_tier,
        one.scorecard_since,
        *(one.override or (None, None, None)),
        one.people_only,
        one.people_since,
        one.profile_revision,
    )
