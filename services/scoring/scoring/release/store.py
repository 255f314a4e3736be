"""What dry-runs found, and which change of versions due times are still set anew for, in PostgreSQL."""

from dataclasses import asdict, fields
from datetime import datetime

from sqlalchemy import Column, Integer, Table, Text, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.database import upsert_many
from rapport.privacy.catalogue.columns import entry
from scoring.release.domain import DryRun
from scoring.scorecard.store import scorecards
from scoring.tables import MOMENT, metadata

dry_runs = Table(
    "scorecard_dry_runs",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("against", Integer, nullable=False),
    Column("requested_at", MOMENT, nullable=False),
    Column("finished_at", MOMENT),
    Column("scored_up_to", Text, nullable=False),
    Column("customers_total", Integer, nullable=False),
    Column("customers_done", Integer, nullable=False),
    Column("matrix", JSONB, nullable=False),
    Column("points", JSONB, nullable=False),
    info=entry("book-figures"),
)

_DRY_RUN = select(*(dry_runs.c[one.name] for one in fields(DryRun)))


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
    columns = scorecards.table.c.version, scorecards.table.c.rescheduled_up_to
    due = (
        select(*columns).where(scorecards.table.c.reschedule_from <= now).order_by(scorecards.table.c.version).limit(1)
    )
    row = (await connection.execute(due.with_for_update(skip_locked=True))).one_or_none()
    return None if row is None else (row.version, row.rescheduled_up_to)
