"""Every version of the model of segments, appended and never altered."""

from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Column, DateTime, Integer, RowMapping, Table, func, insert, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.privacy.catalogue.columns import entry
from scoring.segment.domain.model import Fitted, SegmentModel
from scoring.tables import metadata

segment_models = Table(
    "segment_models",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("document", JSONB, nullable=False),
    # Not the beginning of the transaction: it may have waited for another refit.
    Column("made_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    info=entry("model-document"),
)

_DOCUMENT = TypeAdapter(Fitted)
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('segment_models'))")


class OvertakenByAnother(Exception):
    """A version was stored that this one's names do not follow."""


async def keep(connection: AsyncConnection, fitted: Fitted, *, after: int) -> SegmentModel:
    """Store a fitted model as the version that follows `after`, 0 for the first. Raises OvertakenByAnother."""
    await connection.execute(_ONE_AT_A_TIME)
    known = await latest(connection)
    if (known.version if known else 0) != after:
        raise OvertakenByAnother
    row = {"version": after + 1, "document": _DOCUMENT.dump_python(fitted, mode="json")}
    kept = insert(segment_models).values(row).returning(*segment_models.columns)
    return _model((await connection.execute(kept)).mappings().one())


async def latest(connection: AsyncConnection) -> SegmentModel | None:
    """What is in force; None before the first."""
    return next(iter(await page(connection, before=None, limit=1)), None)


async def page(connection: AsyncConnection, *, before: int | None, limit: int) -> Sequence[SegmentModel]:
    """Versions, the latest first, older than `before`."""
    statement = select(segment_models).order_by(segment_models.c.version.desc()).limit(limit)
    if before is not None:
        statement = statement.where(segment_models.c.version < before)
    return [_model(row) for row in (await connection.execute(statement)).mappings()]


def _model(row: RowMapping | dict[str, Any]) -> SegmentModel:
    return SegmentModel(row["version"], row["made_at"], _DOCUMENT.validate_python(row["document"]))
