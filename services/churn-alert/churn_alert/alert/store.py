"""Alerts in PostgreSQL. At most one of a customer is open: the rule of the domain, and a unique index besides."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any, NamedTuple, get_args
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Integer,
    RowMapping,
    Table,
    Text,
    Uuid,
    any_,
    bindparam,
    select,
    text,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.alert.domain.lifecycle import Alert, AlertEvent, Change, Outcome, Severity, Status
from churn_alert.risk.domain.indicators import Indicator
from churn_alert.tables import metadata
from rapport.consent.store import versions_of
from rapport.database import upsert_many
from rapport.privacy.catalogue.columns import entry
from rapport.privacy.catalogue.ending import part_of
from rapport.row_security import ALL, Sight
from rapport.sight.store import files_in_sight, in_sight

_at = DateTime(timezone=True)
_IS_OPEN = "status <> 'closed'"

alerts = Table(
    "alerts",
    metadata,
    Column("alert_id", Uuid, primary_key=True),
    Column("customer_id", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("probability", Double, nullable=False),
    Column("threshold", Double, nullable=False),
    Column("indicators", JSONB, nullable=False),
    Column("model_version", Integer, nullable=False),
    Column("horizon_days", Integer, nullable=False),
    Column("crossing_id", Uuid, nullable=False),
    Column("opened_at", _at, nullable=False),
    Column("acknowledged_at", _at),
    Column("acknowledged_by", Text),
    Column("closed_at", _at),
    Column("closed_by", Text),
    Column("outcome", Text),
    Column("revision", Integer, nullable=False),
    CheckConstraint("status IN ('opened', 'acknowledged', 'closed')", name="alerts_status"),
    CheckConstraint("severity IN ('low', 'medium', 'high')", name="alerts_severity"),
    CheckConstraint(f"outcome IN {get_args(Outcome)}", name="alerts_outcome"),
    CheckConstraint("(status = 'closed') = (outcome IS NOT NULL AND closed_at IS NOT NULL)", name="alerts_closed"),
    Index("alerts_one_open", "customer_id", unique=True, postgresql_where=text(_IS_OPEN)),
    Index("alerts_by_customer", "customer_id", "opened_at"),
    Index("alerts_by_opening", "opened_at", "alert_id"),
    info=entry("churn-alert"),
)

alert_events = Table(
    "alert_events",
    metadata,
    Column("alert_id", Uuid, ForeignKey("alerts.alert_id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("step", Text, nullable=False),
    Column("happened_at", _at, nullable=False),
    Column("known_at", _at, nullable=False),
    Column("done_by", Text),
    Column("outcome", Text),
    Column("consent_version", BigInteger),
    CheckConstraint("step IN ('opened', 'acknowledged', 'risk-fell', 'risk-rose', 'closed')", name="alert_events_step"),
    info=entry("churn-alert") | part_of(alerts),
)

_FIELDS = tuple(field.name for field in fields(Alert))
_COLUMNS = tuple(alerts.c[name] for name in _FIELDS)
_OPEN_OF = select(*_COLUMNS).where(alerts.c.customer_id == any_(bindparam("ids", type_=ARRAY(Text))), text(_IS_OPEN))


class Filters(NamedTuple):
    """Which alerts are asked for; what is None does not matter. `opened_to` is not included."""

    status: Status | None = None
    severity: Severity | None = None
    customer_id: str | None = None
    opened_from: datetime | None = None
    opened_to: datetime | None = None


async def open_alerts(connection: AsyncConnection, customer_ids: Iterable[str]) -> dict[str, Alert]:
    """The open alert of each of these customers who has one."""
    rows = (await connection.execute(_OPEN_OF, {"ids": sorted(set(customer_ids))})).mappings().all()
    return {row["customer_id"]: _alert_of(row) for row in rows}


async def find(connection: AsyncConnection, alert_id: UUID, *, sight: Sight = ALL) -> Alert | None:
    """One alert; None where there is none, and where it is of another's customer."""
    statement = select(*_COLUMNS).where(alerts.c.alert_id == alert_id, in_sight(alerts.c.customer_id, sight))
    row = (await connection.execute(statement)).mappings().one_or_none()
    return _alert_of(row) if row else None


async def page(
    connection: AsyncConnection, filters: Filters, *, sight: Sight, before: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Alert]:
    """Alerts on files in sight, the latest opened first. Of a customer, those of all files of the person."""
    place = (alerts.c.opened_at, alerts.c.alert_id)
    statement = select(*_COLUMNS).where(in_sight(alerts.c.customer_id, sight))
    if filters.customer_id is not None:
        files = await files_in_sight(connection, filters.customer_id, sight)
        statement = statement.where(alerts.c.customer_id.in_(files))
    for name in ("status", "severity"):
        if (wanted := getattr(filters, name)) is not None:
            statement = statement.where(alerts.c[name] == wanted)
    if filters.opened_from is not None:
        statement = statement.where(alerts.c.opened_at >= filters.opened_from)
    if filters.opened_to is not None:
        statement = statement.where(alerts.c.opened_at < filters.opened_to)
    if before is not None:
        statement = statement.where(tuple_(*place) < tuple_(*before))
    statement = statement.order_by(*(column.desc() for column in place)).limit(limit)
    return [_alert_of(row) for row in (await connection.execute(statement)).mappings().all()]


async def history(connection: AsyncConnection, alert_id: UUID) -> Sequence[RowMapping]:
    """An alert's steps, the first first."""
    statement = select(alert_events).where(alert_events.c.alert_id == alert_id).order_by(alert_events.c.number)
    return (await connection.execute(statement)).mappings().all()


async def save(connection: AsyncConnection, changes: Sequence[Change], *, known_at: datetime) -> None:
    """Write alerts as they are after these changes, and the changes themselves, with what is known of consents now.

    In their order: where one alert of a customer closes and another opens, the closed one is written first.
    """
    latest = {alert.alert_id: alert for alert, _ in changes}
    await upsert_many(connection, alerts, [_row(alert) for alert in latest.values()])
    versions = await versions_of(connection, {alert.customer_id for alert in latest.values()})
    rows = [_event_row(event, known_at, versions.get(alert.customer_id)) for alert, event in changes]
    await upsert_many(connection, alert_events, rows)


def _alert_of(row: RowMapping) -> Alert:
    cells = dict(row)
    cells["indicators"] = tuple(Indicator(**one) for one in cells["indicators"])
    return Alert(**cells)


def _row(alert: Alert) -> dict[str, Any]:
    return {name: getattr(alert, name) for name in _FIELDS} | {"indicators": [asdict(one) for one in alert.indicators]}


def _event_row(event: AlertEvent, known_at: datetime, consent_version: int | None) -> dict[str, Any]:
    return {
        "alert_id": event.alert_id,
        "number": event.number,
        "step": event.step,
        "happened_at": event.at,
        "known_at": known_at,
        "done_by": event.by,
        "outcome": event.outcome,
        "consent_version": consent_version,
    }
