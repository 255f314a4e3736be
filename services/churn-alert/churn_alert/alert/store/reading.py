"""What is asked of alerts over REST.

Who looks after customers sees the alerts on those in sight, and those that were handed to them while they are open;
none that is held out, or the two groups would not differ by what is done alone.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    RowMapping,
    Uuid,
    and_,
    any_,
    case,
    func,
    or_,
    select,
    true,
    tuple_,
    union,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.alert.domain.lifecycle import Alert
from churn_alert.alert.store.alerts import COLUMNS, alert_of
from churn_alert.alert.store.filters import IS_ESCALATED, IS_OPEN, IS_SNOOZED, Asking, Filters, conditions_of
from churn_alert.alert.store.tables import alert_events, alerts
from churn_alert.tables import employees
from rapport.row_security import Sight
from rapport.sight.store import files_in_charge, in_charge, in_sight

_PLACE = (alerts.c.opened_at, alerts.c.alert_id)


def visible(sight: Sight) -> ColumnElement[bool]:
    """That an alert is to be seen by a sight: for a WHERE over `alerts`."""
    if sight.extent == "all":
        return true()
    is_seen = in_sight(alerts.c.customer_id, sight)
    if sight.extent in {"own", "team"}:
        is_seen = or_(is_seen, and_(IS_OPEN, in_charge(alerts.c.owner, sight)))
    return and_(is_seen, alerts.c.arm.is_distinct_from("held-out"))


def _seen_in_lists(sight: Sight) -> list[ColumnElement[bool]]:
    """The same for lists, as ways by which alerts are found, each by an index of its own: of who looks after customers
    by customer and by owner. Else the list's own index would be walked until enough of a unit's were found.
    """
    if sight.extent not in {"own", "team"}:
        return [visible(sight)]
    shown = alerts.c.arm.is_distinct_from("held-out")
    return [
        and_(alerts.c.customer_id == any_(files_in_charge(sight)), shown),
        and_(IS_OPEN, in_charge(alerts.c.owner, sight), shown),
    ]


def _among(ways: Sequence[ColumnElement[bool]], wanted: Sequence[ColumnElement[bool]], limit: int | None) -> Any:
    """That an alert is one of those found by any of these ways, or of the latest opened of them."""
    found = union(*(select(*_PLACE).where(way, *wanted) for way in ways)).subquery("found")
    ids = select(found.c.alert_id).order_by(found.c.opened_at.desc(), found.c.alert_id.desc()).limit(limit)
    return alerts.c.alert_id == any_(func.array(ids.scalar_subquery(), type_=ARRAY(Uuid)))


async def seen(connection: AsyncConnection, alert_id: UUID, sight: Sight) -> Alert | None:
    """One alert; None where there is none, and where it is not to be seen."""
    statement = select(*COLUMNS).where(alerts.c.alert_id == alert_id, visible(sight))
    row = (await connection.execute(statement)).mappings().one_or_none()
    return alert_of(row) if row else None


async def page(
    connection: AsyncConnection,
    filters: Filters,
    asking: Asking,
    *,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Alert]:
    """Alerts that are to be seen, the latest opened first. Of a customer, those of all files of the person."""
    wanted = await conditions_of(connection, filters, asking)
    if before is not None:
        wanted.append(tuple_(*_PLACE) < tuple_(*before))
    ways = _seen_in_lists(asking.sight)
    conditions = [*ways, *wanted] if len(ways) == 1 else [_among(ways, wanted, limit)]
    statement = select(*COLUMNS).where(*conditions).order_by(*(column.desc() for column in _PLACE)).limit(limit)
    return [alert_of(row) for row in (await connection.execute(statement)).mappings().all()]


_COUNTED = (alerts.c.status, alerts.c.severity, alerts.c.tier, alerts.c.stage, alerts.c.segment, employees.c.unit)


async def counts(connection: AsyncConnection, filters: Filters, asking: Asking) -> Sequence[RowMapping]:
    """How many alerts there are, in all and by each of status, severity, tier, stage, segment and unit: a row each,
    `grouped` saying by which (a bit each, the first the highest, 0 where it is by that one)."""
    columns = (
        *_COUNTED,
        func.grouping(*_COUNTED).label("grouped"),
        func.count().label("count"),
        func.count(case((IS_SNOOZED, 1))).label("snoozed"),
        func.count(case((IS_ESCALATED, 1))).label("escalated"),
        func.count(case((asking.is_overdue, 1))).label("overdue"),
    )
    ways, wanted = _seen_in_lists(asking.sight), await conditions_of(connection, filters, asking)
    conditions = [*ways, *wanted] if len(ways) == 1 else [_among(ways, wanted, None)]
    joined = select(*columns).select_from(alerts).outerjoin(employees, employees.c.employee_id == alerts.c.owner)
    sets = func.grouping_sets(tuple_(), *(tuple_(one) for one in _COUNTED))
    rows: Sequence[RowMapping] = (await connection.execute(joined.where(*conditions).group_by(sets))).mappings().all()
    return rows


async def history(connection: AsyncConnection, alert_id: UUID) -> Sequence[RowMapping]:
    """An alert's steps, the first first."""
    statement = select(alert_events).where(alert_events.c.alert_id == alert_id).order_by(alert_events.c.number)
    return (await connection.execute(statement)).mappings().all()
