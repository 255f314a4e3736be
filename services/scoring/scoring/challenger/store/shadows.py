"""Shadows in PostgreSQL, one query and one upsert a batch, whatever its size; and both courses side by side."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import fields

from sqlalchemy import Column, Index, Integer, RowMapping, SmallInteger, Table, Text, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.database import execute, fetch, upsert_columns
from rapport.person.store import MERGED, is_customer
from rapport.privacy.catalogue.columns import entry
from rapport.row_security import Sight
from rapport.sight.store import in_sight
from scoring.challenger.domain.comparison import Cell
from scoring.challenger.domain.course import Shadow
from scoring.scorecard.domain import Tier
from scoring.standing.store.due_times import LATEST, due_times
from scoring.standing.store.standings import latest, standings
from scoring.tables import MOMENT, metadata

shadows = Table(
    "shadows",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("customer_id", Text, primary_key=True),
    Column("partition", SmallInteger, nullable=False),
    Column("tier", Text, nullable=False),
    Column("tier_since", MOMENT, nullable=False),
    Column("below_since", MOMENT),
    Column("begun_at", MOMENT, nullable=False),
    Column("points", Integer, nullable=False),
    Column("due_at", MOMENT, nullable=False),
    Column("events", Integer, nullable=False),
    Column("agreements", Integer, nullable=False),
    Index("shadows_by_due_time", "partition", "due_at"),
    info=entry("tier-decision"),
)

_SHADOW = tuple(one.name for one in fields(Shadow))
_NAMES = (*_SHADOW, "version", "partition")
_LOAD = (
    f"SELECT {', '.join(_SHADOW)} FROM shadows "  # noqa: S608 - our own columns
    "WHERE version = $1 AND customer_id = ANY($2::text[])"
)
_CLEAR = (
    "DELETE FROM shadows WHERE version = $1 AND customer_id IN "
    "(SELECT customer_id FROM shadows WHERE version = $1 LIMIT $2)"
)
_FORGET = (
    "DELETE FROM shadows USING challengers c WHERE shadows.version = c.version AND c.version <> $2 "
    "AND shadows.customer_id = ANY($1::text[])"
)
_PATIENCE = text("SET LOCAL statement_timeout = '10min'")
_COUNT = f"""
WITH others AS MATERIALIZED (
    SELECT merged.survivor, sum(h.events)::int AS events, sum(h.agreements)::int AS agreements
    FROM {MERGED} merged JOIN shadows h USING (customer_id) WHERE h.version = $1 GROUP BY 1
), persons AS (
    SELECT h.customer_id, h.tier, h.points, h.events + coalesce(o.events, 0) AS events,
        h.agreements + coalesce(o.agreements, 0) AS agreements
    FROM shadows h LEFT JOIN others o ON o.survivor = h.customer_id
    WHERE h.version = $1 AND {is_customer("h.customer_id")}
)
SELECT coalesce(s.scorecard_tier, s.tier), h.tier, (floor((h.points - {LATEST["points"]}) / 10.0) * 10)::int, count(*),
    sum(h.events)::bigint, sum(h.agreements)::bigint, sum(h.events::double precision * h.events),
    sum(h.events::double precision * h.agreements), sum(h.agreements::double precision * h.agreements)
FROM persons h JOIN standings s USING (customer_id) LEFT JOIN due_times d USING (customer_id) GROUP BY 1, 2, 3
"""  # noqa: S608 - our own columns


async def load(connection: AsyncConnection, version: int, customer_ids: Collection[str]) -> dict[str, Shadow]:
    """The shadows of these customers, of those who have one."""
    return {row["customer_id"]: Shadow(*row) for row in await fetch(connection, _LOAD, version, list(customer_ids))}


async def save(
    connection: AsyncConnection, version: int, changed: Sequence[Shadow], *, partition_of: Callable[[str], int]
) -> None:
    """Write shadows back, new ones too."""
    if changed:
        rows = [(*[getattr(one, name) for name in _SHADOW], version, partition_of(one.customer_id)) for one in changed]
        await upsert_columns(connection, shadows, _NAMES, rows)


async def forget(connection: AsyncConnection, customer_ids: Sequence[str], *, but: int) -> None:
    """Delete the shadows of these customers by any other version than this one."""
    await execute(connection, _FORGET, list(customer_ids), but)


async def clear(connection: AsyncConnection, version: int, *, limit: int) -> int:
    """Delete shadows by this version; how many."""
    return await execute(connection, _CLEAR, version, limit)


async def count(connection: AsyncConnection, version: int) -> list[Cell]:
    """Both courses of every customer who has a shadow: of a person of several files the survivor's, with what both were
    asked at events of all of them."""
    # It passes over the whole book and locks nobody, so the usual limit would protect nothing here.
    await connection.execute(_PATIENCE)
    return [Cell(*row) for row in await fetch(connection, _COUNT, version)]


async def page_of_swaps(
    connection: AsyncConnection,
    version: int,
    tops: tuple[Tier, Tier],
    *,
    is_in: bool,
    sight: Sight,
    after: str | None,
    limit: int,
) -> Sequence[RowMapping]:
    """Who of those in sight would be in the top tier and is not, or the other way round, in order of customer id.

    `tops`: the highest tier of the version in force, then of the challenger.
    """
    own, (old_top, top) = func.coalesce(standings.c.scorecard_tier, standings.c.tier), tops
    columns = (
        shadows.c.customer_id,
        own.label("old_tier"),
        shadows.c.tier,
        latest("points").label("old_points"),
        shadows.c.points,
    )
    swapped = (own != old_top, shadows.c.tier == top) if is_in else (own == old_top, shadows.c.tier != top)
    statement = (
        select(*columns)
        .join(standings, standings.c.customer_id == shadows.c.customer_id)
        .outerjoin(due_times, due_times.c.customer_id == shadows.c.customer_id)
        .where(shadows.c.version == version, text(is_customer("shadows.customer_id")), *swapped)
        .where(in_sight(shadows.c.customer_id, sight))
        .order_by(shadows.c.customer_id)
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(shadows.c.customer_id > after)
    return (await connection.execute(statement)).mappings().all()
