"""Every scorecard version: its content, which never changes, and since when it is in force, if it is."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, DateTime, Integer, RowMapping, Table, Text, case, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from scoring.tables import metadata

_at = DateTime(timezone=True)

scorecards = Table(
    "scorecards",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("document", JSONB, nullable=False),
    Column("effective_from", _at),
    Column("kept_at", _at, nullable=False, server_default=func.now()),
    # Nobody drafted what came as a file.
    Column("drafted_by", Text),
    Column("withdrawn_at", _at),
    # While whoever is due after the change of versions is still brought forward to it.
    Column("reschedule_from", _at),
    Column("rescheduled_up_to", Text),
)

_APPROVED = scorecards.c.effective_from.is_not(None) & scorecards.c.withdrawn_at.is_(None)


async def keep(connection: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store versions that came as files, unless they are there."""
    await connection.execute(insert(scorecards).on_conflict_do_nothing(), list(rows))


async def from_files(connection: AsyncConnection) -> dict[int, Any]:
    """The documents of the versions that came as files."""
    found = select(scorecards.c.version, scorecards.c.document).where(scorecards.c.drafted_by.is_(None))
    return {row.version: row.document for row in await connection.execute(found)}


async def approved(connection: AsyncConnection) -> Sequence[RowMapping]:
    """What decides now or later: version, date and document, in order of the version."""
    columns = (scorecards.c.version, scorecards.c.effective_from, scorecards.c.document)
    statement = select(*columns).where(_APPROVED).order_by(scorecards.c.version)
    return (await connection.execute(statement)).mappings().all()


async def document(connection: AsyncConnection, version: int) -> Any:
    """What a version that there is says."""
    statement = select(scorecards.c.document).where(scorecards.c.version == version)
    return (await connection.execute(statement)).scalar_one()


def _shown(now: datetime) -> Any:
    latest = (
        select(func.max(scorecards.c.effective_from))
        .where(_APPROVED, scorecards.c.effective_from <= now)
        .scalar_subquery()
    )
    status = case(
        (scorecards.c.withdrawn_at.is_not(None), literal("withdrawn")),
        (scorecards.c.effective_from.is_(None), literal("draft")),
        (scorecards.c.effective_from < latest, literal("superseded")),
        else_=literal("approved"),
    )
    return select(scorecards, status.label("status"))


async def page(connection: AsyncConnection, now: datetime, *, before: int | None, limit: int) -> Sequence[RowMapping]:
    """Versions with their status, the latest first, older than `before`."""
    statement = _shown(now).order_by(scorecards.c.version.desc()).limit(limit)
    if before is not None:
        statement = statement.where(scorecards.c.version < before)
    return (await connection.execute(statement)).mappings().all()


async def find(connection: AsyncConnection, version: int, now: datetime) -> RowMapping | None:
    """One version with its status: draft, approved, superseded by a later one in force, or withdrawn."""
    statement = _shown(now).where(scorecards.c.version == version)
    return (await connection.execute(statement)).mappings().one_or_none()
