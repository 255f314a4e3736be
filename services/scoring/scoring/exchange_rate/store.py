"""Every exchange rate that was told, appended and never altered: a correction is one more row."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Date, Identity, RowMapping, Table, Text, Uuid, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.privacy.catalogue.columns import entry
from scoring.tables import MOMENT, metadata

exchange_rates = Table(
    "exchange_rates",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("number", BigInteger, Identity(), nullable=False),
    Column("base", Text, nullable=False),
    Column("quote", Text, nullable=False),
    # As told: what is reckoned from it must be the same wherever it is read.
    Column("rate", Text, nullable=False),
    Column("rate_date", Date, nullable=False),
    Column("told_at", MOMENT, nullable=False),
    Column("known_at", MOMENT, nullable=False),
    info=entry("currency-and-rate"),
)

# Told at an infinite moment, a row of an earlier release compares with no other and would stop every decision.
_IS_DATED = func.isfinite(exchange_rates.c.told_at)
_STATE = select(func.count(), func.coalesce(func.max(exchange_rates.c.number), 0)).where(_IS_DATED)


async def keep(connection: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Append rates; one that is there already stays as it is."""
    if rows:
        await connection.execute(insert(exchange_rates).on_conflict_do_nothing(), list(rows))


async def state(connection: AsyncConnection) -> tuple[int, int]:
    """How many rates there are, and the number of the last. Both: rows of several transactions commit in any order."""
    count, last = (await connection.execute(_STATE)).one()
    return count, last


async def following(connection: AsyncConnection, number: int) -> Sequence[RowMapping]:
    """The rates after this number; after 0 all."""
    statement = select(exchange_rates).where(_IS_DATED, exchange_rates.c.number > number)
    return (await connection.execute(statement.order_by(exchange_rates.c.number))).mappings().all()


async def those_stored(connection: AsyncConnection, event_ids: Collection[UUID]) -> set[UUID]:
    """Those of these events whose rate is stored."""
    statement = select(exchange_rates.c.event_id).where(exchange_rates.c.event_id.in_(event_ids))
    return set((await connection.execute(statement)).scalars())
