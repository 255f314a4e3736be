"""Every version of the lifetime model, appended and never altered."""

from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Column, DateTime, Integer, RowMapping, Table, func, insert, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.privacy.catalogue.columns import entry
from scoring.lifetime_value.domain.model import Fitted, LifetimeModel
from scoring.tables import metadata

lifetime_models = Table(
    "lifetime_models",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("document", JSONB, nullable=False),
    # Not the beginning of the transaction: it may have waited for another refit.
    Column("made_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    info=entry("model-document"),
)

_DOCUMENT = TypeAdapter(Fitted)
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('lifetime_models'))")


async def keep(connection: AsyncConnection, fitted: Fitted) -> LifetimeModel:
    """Store a fitted model as the next version."""
    await connection.execute(_ONE_AT_A_TIME)
    following = func.coalesce(select(func.max(lifetime_models.c.version)).scalar_subquery(), 0) + 1
    row = {"version": following, "document": _DOCUMENT.dump_python(fitted, mode="json")}
    kept = insert(lifetime_models).values(row).returning(*lifetime_models.columns)
    return _model((await connection.execute(kept)).mappings().one())


async def following(connection: AsyncConnection, version: int) -> list[LifetimeModel]:
    """The versions after this one, in their order."""
    statement = select(lifetime_models).where(lifetime_models.c.version > version).order_by(lifetime_models.c.version)
    return [_model(row) for row in (await connection.execute(statement)).mappings()]


async def page(connection: AsyncConnection, *, before: int | None, limit: int) -> Sequence[LifetimeModel]:
    """Versions, the latest first, older than `before`."""
    statement = select(lifetime_models).order_by(lifetime_models.c.version.desc()).limit(limit)
    if before is not None:
        statement = statement.where(lifetime_models.c.version < before)
    return [_model(row) for row in (await connection.execute(statement)).mappings()]


def _model(row: RowMapping | dict[str, Any]) -> LifetimeModel:
    return LifetimeModel(row["version"], row["made_at"], _DOCUMENT.validate_python(row["document"]))
