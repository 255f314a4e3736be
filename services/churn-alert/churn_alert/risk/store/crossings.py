"""Every crossing as it was decided, with all that led to it: appended, never altered; a superseded one stays."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    Index,
    Integer,
    RowMapping,
    Table,
    Text,
    Uuid,
    select,
    text,
    tuple_,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.risk.domain.crossing import ToldCrossing
from churn_alert.risk.store.told_to import was_told
from churn_alert.tables import metadata
from rapport.consent.store import versions_of
from rapport.database import upsert_many
from rapport.person.store import files_of
from rapport.privacy.catalogue.columns import entry
from rapport.row_security import Sight

_at = DateTime(timezone=True)

risk_crossings = Table(
    "risk_crossings",
    metadata,
    Column("crossing_id", Uuid, primary_key=True),
    Column("customer_id", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("probability", Double, nullable=False),
    Column("threshold", Double, nullable=False),
    Column("indicators", JSONB, nullable=False),
    Column("model_version", Integer, nullable=False),
    Column("crossed_at", _at, nullable=False),
    Column("known_at", _at, nullable=False),
    Column("consent_version", BigInteger),
    Column("clears", Uuid),
    Column("horizons", JSONB),
    Column("reasons", JSONB),
    CheckConstraint("direction IN ('up', 'down')", name="risk_crossings_direction"),
    CheckConstraint("cause IN ('event', 'silence')", name="risk_crossings_cause"),
    CheckConstraint("probability BETWEEN 0 AND 1 AND threshold BETWEEN 0 AND 1", name="risk_crossings_finite"),
    Index("risk_crossings_by_customer", "customer_id", "crossed_at", "crossing_id"),
    Index("risk_crossings_cleared", "clears", unique=True, postgresql_where=text("clears IS NOT NULL")),
    info=entry("churn-risk"),
)
_clearing = risk_crossings.alias("clearing")


async def keep_crossings(connection: AsyncConnection, told: Sequence[ToldCrossing], *, known_at: datetime) -> None:
    """Keep what was told, beside when it was known and what is known now of the customers' consents."""
    versions = await versions_of(connection, {one.crossing.customer_id for one in told})
    await upsert_many(connection, risk_crossings, [_row(one, known_at, versions) for one in told])


def _row(told: ToldCrossing, known_at: datetime, consent_versions: Mapping[str, int]) -> dict[str, Any]:
    crossing = told.crossing
    return {
        "crossing_id": told.crossing_id,
        "customer_id": crossing.customer_id,
        "direction": crossing.direction,
        "cause": crossing.cause,
        "probability": crossing.probability,
        "threshold": crossing.threshold,
        "indicators": crossing.indicators,
        "model_version": crossing.model.version,
        "crossed_at": crossing.at,
        "known_at": known_at,
        "clears": crossing.clears,
        "consent_version": consent_versions.get(crossing.customer_id),
        "horizons": [{"days": days, "probability": one} for days, one in crossing.probabilities],
        "reasons": [one._asdict() for one in crossing.reasons],
    }


async def page_of_crossings(
    connection: AsyncConnection, customer_id: str, sight: Sight, *, before: tuple[datetime, UUID] | None, limit: int
) -> Sequence[RowMapping]:
    """Crossings of a customer, on any file of the person, that this sight is told of, the latest first, each with the
    one that cleared it.
    """
    place = (risk_crossings.c.crossed_at, risk_crossings.c.crossing_id)
    statement = (
        select(risk_crossings, _clearing.c.crossing_id.label("cleared_by"))
        .outerjoin(_clearing, _clearing.c.clears == risk_crossings.c.crossing_id)
        .where(
            risk_crossings.c.customer_id.in_(await files_of(connection, customer_id)),
            was_told(risk_crossings.c.customer_id, risk_crossings.c.crossed_at, sight),
        )
    )
    if before is not None:
        statement = statement.where(tuple_(*place) < tuple_(*before))
    statement = statement.order_by(*(column.desc() for column in place)).limit(limit)
    return (await connection.execute(statement)).mappings().all()
