"""What was done to scorecard versions, and what dry-runs found, in PostgreSQL."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    RowMapping,
    Table,
    Text,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.database import upsert_many
from scoring.release.domain import DryRun, Release
from scoring.scorecard.store import scorecards
from scoring.tables import metadata

_at = DateTime(timezone=True)

acts = Table(
    "scorecard_acts",
    metadata,
    Column("act_id", BigInteger, Identity(), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("act", Text, nullable=False),
    Column("done_by", Text, nullable=False),
    Column("done_at", _at, nullable=False),
    Column("reason", Text),
    Column("details", JSONB, nullable=False),
    CheckConstraint("act IN ('drafted', 'dry-run', 'approved', 'withdrawn')", name="scorecard_acts_act"),
    Index("scorecard_acts_by_version", "version", "act_id"),
)

dry_runs = Table(
    "scorecard_dry_runs",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("against", Integer, nullable=False),
    Column("requested_at", _at, nullable=False),
    Column("finished_at", _at),
    Column("scored_up_to", Text, nullable=False),
    Column("customers_total", Integer, nullable=False),
    Column("customers_done", Integer, nullable=False),
    Column("matrix", JSONB, nullable=False),
    Column("points", JSONB, nullable=False),
)

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('scorecards'))")
_RELEASE = select(*(scorecards.c[one.name] for one in fields(Release)))
_DRY_RUN = select(*(dry_runs.c[one.name] for one in fields(DryRun)))


async def lock(connection: AsyncConnection) -> None:
    """Until the transaction ends nobody else changes what becomes of a version."""
    await connection.execute(_ONE_AT_A_TIME)


async def find(connection: AsyncConnection, version: int) -> Release | None:
    """One version and what became of it."""
    row = (await connection.execute(_RELEASE.where(scorecards.c.version == version))).one_or_none()
    return None if row is None else Release(*row)


async def add_draft(connection: AsyncConnection, document: Mapping[str, Any], by: str) -> int:
    """Store a draft as the next version; returns which. Under `lock`."""
    following = func.coalesce(select(func.max(scorecards.c.version)).scalar_subquery(), 0) + 1
    row = {"version": following, "document": document, "drafted_by": by}
    number: int = (
        await connection.execute(insert(scorecards).values(row).returning(scorecards.c.version))
    ).scalar_one()
    return number


async def change(connection: AsyncConnection, version: int, **cells: Any) -> None:
    """Change what became of a version; its document never changes."""
    await connection.execute(update(scorecards).where(scorecards.c.version == version).values(cells))


async def keep_act(
    connection: AsyncConnection,
    version: int,
    act: str,
    *,
    by: str,
    at: datetime,
    reason: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Append what somebody did."""
    row = {"version": version, "act": act, "done_by": by, "done_at": at, "reason": reason, "details": details or {}}
    await connection.execute(insert(acts).values(row))


async def page_of_acts(
    connection: AsyncConnection, version: int, *, before: int | None, limit: int
) -> Sequence[RowMapping]:
    """What was done to a version, the latest first, older than `before`."""
    statement = select(acts).where(acts.c.version == version).order_by(acts.c.act_id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(acts.c.act_id < before)
    return (await connection.execute(statement)).mappings().all()


async def dry_run_of(connection: AsyncConnection, version: int) -> DryRun | None:
    """The dry-run of a version."""
    row = (await connection.execute(_DRY_RUN.where(dry_runs.c.version == version))).mappings().one_or_none()
    return None if row is None else DryRun(**row)


async def claim_dry_run(connection: AsyncConnection) -> DryRun | None:
    """A dry-run that is not over and that no other worker is at, the oldest first; held until the transaction ends."""
    unfinished = _DRY_RUN.where(dry_runs.c.finished_at.is_(None)).order_by(dry_runs.c.requested_at)
    row = (await connection.execute(unfinished.limit(1).with_for_update(skip_locked=True))).mappings().one_or_none()
    return None if row is None else DryRun(**row)


async def save_dry_run(connection: AsyncConnection, run: DryRun) -> None:
    """Write a dry-run back, a new one too."""
    await upsert_many(connection, dry_runs, [asdict(run)])


async def claim_change(connection: AsyncConnection, now: datetime) -> tuple[int, str] | None:
    """A version for which due times are still to be set anew, and the customer up to whom it was done."""
    columns = scorecards.c.version, scorecards.c.rescheduled_up_to
    due = select(*columns).where(scorecards.c.reschedule_from <= now).order_by(scorecards.c.version).limit(1)
    row = (await connection.execute(due.with_for_update(skip_locked=True))).one_or_none()
    return None if row is None else (row.version, row.rescheduled_up_to)
