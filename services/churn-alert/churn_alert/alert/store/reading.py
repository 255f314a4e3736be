"""What is asked of alerts over REST."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import RowMapping, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.alert.domain.lifecycle import Alert, Severity, Status
from churn_alert.alert.store.alerts import COLUMNS, alert_of
from churn_alert.alert.store.tables import alert_events, alerts
from rapport.row_security import Sight
from rapport.sight.store import files_in_sight, in_sight


class Filters(NamedTuple):
    """Which alerts are asked for; what is None does not matter. `opened_to` is not included."""

    status: Status | None = None
    severity: Severity | None = None
    customer_id: str | None = None
    opened_from: datetime | None = None
    opened_to: datetime | None = None


async def page(
    connection: AsyncConnection, filters: Filters, *, sight: Sight, before: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Alert]:
    """Alerts on files in sight, the latest opened first. Of a customer, those of all files of the person."""
    place = (alerts.c.opened_at, alerts.c.alert_id)
    statement = select(*COLUMNS).where(in_sight(alerts.c.customer_id, sight))
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
    return [alert_of(row) for row in (await connection.execute(statement)).mappings().all()]


async def history(connection: AsyncConnection, alert_id: UUID) -> Sequence[RowMapping]:
    """An alert's steps, the first first."""
    statement = select(alert_events).where(alert_events.c.alert_id == alert_id).order_by(alert_events.c.number)
    return (await connection.execute(statement)).mappings().all()
