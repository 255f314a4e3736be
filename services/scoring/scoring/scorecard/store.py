"""Every scorecard version that was ever in use, as it was written."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, DateTime, Integer, RowMapping, Table, func, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from scoring.tables import metadata

scorecards = Table(
    "scorecards",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("document", JSONB, nullable=False),
    Column("effective_from", DateTime(timezone=True), nullable=False),
    Column("kept_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)


async def keep(
    connection: AsyncConnection, version: int, document: dict[str, Any], effective_from: datetime
) -> dict[str, Any]:
    """Store a version unless it is there; returns what is stored."""
    row = {"version": version, "document": document, "effective_from": effective_from}
    await connection.execute(insert(scorecards).values(row).on_conflict_do_nothing())
    stored: dict[str, Any] = (
        await connection.execute(select(scorecards.c.document).where(scorecards.c.version == version))
    ).scalar_one()
    return stored


async def page(connection: AsyncConnection, *, before: int | None, limit: int) -> Sequence[RowMapping]:
    """Versions, the latest first, older than `before`."""
    statement = select(scorecards).order_by(scorecards.c.version.desc()).limit(limit)
    if before is not None:
        statement = statement.where(scorecards.c.version < before)
    return (await connection.execute(statement)).mappings().all()


async def find(connection: AsyncConnection, version: int) -> RowMapping | None:
    """One version."""
    statement = select(scorecards).where(scorecards.c.version == version)
    return (await connection.execute(statement)).mappings().one_or_none()
