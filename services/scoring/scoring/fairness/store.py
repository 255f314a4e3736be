"""The copy of what customer-profile tells of groups, and what was counted by them, in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Column, Integer, RowMapping, Table, Text, func, select, text
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.database import fetch, upsert_many
from rapport.erasure.store import NOT_ARCHIVED
from rapport.person.store import MERGED
from rapport.privacy.catalogue.columns import entry
from scoring.drift.store import snapshots
from scoring.fairness.domain import BACK_WITHIN, LOOKING_BACK, Falls, Group, Tiers, groups_of
from scoring.standing.store.persons import NOT_MERGED
from scoring.tables import MOMENT, metadata

customer_groups = Table(
    "customer_groups",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("age_band", Text, nullable=False),
    Column("gender", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    info=entry("customer-relation"),
)

group_counts = Table(
    "group_counts",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("due_at", MOMENT, primary_key=True),
    Column("attribute", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("top_tier", Text, nullable=False),
    Column("tiers", JSONB, nullable=False),
    Column("falls", Integer, nullable=False),
    Column("false_falls", Integer, nullable=False),
    info=entry("book-figures"),
)

_PATIENCE = text("SET LOCAL statement_timeout = '10min'")
# Whoever is known to have left is not counted, nor who is archived; whose groups nobody has told is, as unknown.
_IS_THERE = NOT_ARCHIVED.format(file="standings.customer_id")
_CELL = (
    "coalesce(g.age_band, 'unknown') AS age_band, coalesce(g.gender, 'unknown') AS gender, "
    "coalesce(g.region, 'unknown') AS region"
)
_TIERS = f"""
SELECT {_CELL}, standings.tier, count(*) AS customers
FROM standings LEFT JOIN customer_groups g USING (customer_id)
WHERE coalesce(g.status, 'active') = 'active' AND {NOT_MERGED} AND {_IS_THERE} GROUP BY 1, 2, 3, standings.tier
"""  # noqa: S608 - our own text
# Only within one ladder, in which a rank means the same before and after. Whether a fall was false follows from the
# file it was decided on, so no merge changes it; it counts in the groups of the person whose file that is.
_FALLS = f"""
WITH falls AS (
    SELECT coalesce(merged.survivor, d.customer_id) AS customer_id, EXISTS (
        SELECT FROM decisions e WHERE e.customer_id = d.customer_id AND e.revision > d.revision
        AND e.ladder = d.ladder AND e.rank <= p.rank AND e.decided_at <= d.decided_at + $3::interval
    ) AS is_false
    FROM decisions d JOIN decisions p ON p.customer_id = d.customer_id AND p.revision = d.revision - 1
    LEFT JOIN {MERGED} merged ON merged.customer_id = d.customer_id
    WHERE d.ladder = p.ladder AND d.rank > p.rank AND d.decided_at > $1 AND d.decided_at <= $2
)
SELECT {_CELL}, count(*) AS falls, count(*) FILTER (WHERE is_false) AS false_falls
FROM falls standings LEFT JOIN customer_groups g USING (customer_id)
WHERE coalesce(g.status, 'active') = 'active' AND {_IS_THERE} GROUP BY 1, 2, 3
"""  # noqa: S608 - our own text


class Counting(NamedTuple):
    """A snapshot of the book by groups: the scorecard version in force, the moment it is for, the ladder's top."""

    version: int
    due_at: datetime
    top_tier: str


async def save_groups(connection: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    """Replace what is of a lower revision."""
    await upsert_many(connection, customer_groups, rows, only_newer="revision")


async def uncounted(connection: AsyncConnection) -> tuple[int, datetime] | None:
    """The latest finished snapshot of the book, if nobody has counted groups for it."""
    latest = (
        select(snapshots.c.version, snapshots.c.due_at)
        .where(snapshots.c.finished_at.is_not(None))
        .order_by(snapshots.c.due_at.desc(), snapshots.c.version.desc())
        .limit(1)
        .subquery()
    )
    is_counted = (
        select(group_counts.c.version)
        .where(group_counts.c.version == latest.c.version, group_counts.c.due_at == latest.c.due_at)
        .exists()
    )
    row = (await connection.execute(select(latest).where(~is_counted))).one_or_none()
    return None if row is None else (row.version, row.due_at)


async def count(connection: AsyncConnection, until: datetime) -> list[Group]:
    """Every group as it is now, with the falls that can be judged at `until`."""
    # It passes over every decision and locks nobody, so the usual limit would protect nothing here.
    await connection.execute(_PATIENCE)
    judged = until - BACK_WITHIN
    tiers = [Tiers(*row) for row in await fetch(connection, _TIERS)]
    falls = [Falls(*row) for row in await fetch(connection, _FALLS, judged - LOOKING_BACK, judged, BACK_WITHIN)]
    return groups_of(tiers, falls)


async def keep(connection: AsyncConnection, counting: Counting, groups: Sequence[Group]) -> None:
    """Keep what was counted, unless another worker did."""
    if groups:
        rows = [
            counting._asdict()
            | {"attribute": one.attribute, "name": one.name, "tiers": one.tiers}
            | {"falls": one.falls, "false_falls": one.false_falls}
            for one in groups
        ]
        await connection.execute(insert(group_counts).on_conflict_do_nothing(), rows)


async def latest(connection: AsyncConnection) -> tuple[Counting, list[Group]] | None:
    """What was counted last."""
    moment = select(func.max(group_counts.c.due_at)).scalar_subquery()
    rows = (await connection.execute(select(group_counts).where(group_counts.c.due_at == moment))).mappings().all()
    if not rows:
        return None
    version = max(row["version"] for row in rows)
    groups = [_group(row) for row in rows if row["version"] == version]
    return Counting(version, rows[0]["due_at"], rows[0]["top_tier"]), groups


def _group(row: RowMapping) -> Group:
    return Group(row["attribute"], row["name"], row["tiers"], row["falls"], row["false_falls"])
