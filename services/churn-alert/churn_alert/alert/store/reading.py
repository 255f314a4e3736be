"""What is asked of alerts over REST.

Who looks after customers sees the alerts on those in sight, and those that were handed to them while they are open;
none that is held out, or the two groups would not differ by what is done alone.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    RowMapping,
    Select,
    Text,
    and_,
    any_,
    case,
    column,
    func,
    literal,
    not_,
    or_,
    select,
    table,
    true,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.alert.domain.lifecycle import Alert, Severity, Status
from churn_alert.alert.store.alerts import COLUMNS, alert_of
from churn_alert.alert.store.tables import alert_events, alerts
from churn_alert.tables import employees
from rapport.row_security import Sight
from rapport.sight.store import files_in_charge, files_in_sight, in_charge, in_sight

_clocks = table("stream_clocks", column("partition"), column("position"))
_IS_OPEN = alerts.c.status != "closed"
_IS_SNOOZED = alerts.c.snoozed_until.is_not(None)
_IS_ESCALATED = and_(_IS_OPEN, alerts.c.escalation > 0)


class Filters(NamedTuple):
    """Which alerts are asked for; what is None does not matter. `opened_to` is not included."""

    status: Status | None = None
    severity: Severity | None = None
    open: bool | None = None
    owner: str | None = None
    queue: str | None = None
    tier: str | None = None
    stage: str | None = None
    snoozed: bool | None = None
    escalated: bool | None = None
    overdue: bool | None = None
    held_out: bool | None = None
    customer_id: str | None = None
    opened_from: datetime | None = None
    opened_to: datetime | None = None


class Asking(NamedTuple):
    """Whose alerts somebody sees, and what time it is: `now` None where it is as late as each partition's stream is."""

    sight: Sight
    now: datetime | None

    @property
    def is_overdue(self) -> ColumnElement[bool]:
        """That people were to do something by now."""
        stream = select(_clocks.c.position).where(_clocks.c.partition == alerts.c.partition).scalar_subquery()
        return and_(_IS_OPEN, alerts.c.answer_by <= (stream if self.now is None else literal(self.now)))


def visible(sight: Sight) -> ColumnElement[bool]:
    """That an alert is to be seen by a sight: for a WHERE over `alerts`."""
    if sight.extent == "all":
        return true()
    is_seen = in_sight(alerts.c.customer_id, sight)
    if sight.extent in {"own", "team"}:
        handed = and_(_IS_OPEN, in_charge(alerts.c.owner, sight))
        is_seen = or_(alerts.c.customer_id == any_(files_in_charge(sight)), handed)
    return and_(is_seen, alerts.c.arm.is_distinct_from("held-out"))


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
    place = (alerts.c.opened_at, alerts.c.alert_id)
    statement = await _filtered(connection, select(*COLUMNS), filters, asking)
    if before is not None:
        statement = statement.where(tuple_(*place) < tuple_(*before))
    statement = statement.order_by(*(column.desc() for column in place)).limit(limit)
    return [alert_of(row) for row in (await connection.execute(statement)).mappings().all()]


_COUNTED = (alerts.c.status, alerts.c.severity, alerts.c.tier, alerts.c.stage, employees.c.unit)


async def counts(connection: AsyncConnection, filters: Filters, asking: Asking) -> Sequence[RowMapping]:
    """How many alerts there are, in all and by each of status, severity, tier, stage and unit: a row each, `grouped`
    saying by which (a bit each, the first the highest, 0 where it is by that one)."""
    columns = (
        *_COUNTED,
        func.grouping(*_COUNTED).label("grouped"),
        func.count().label("count"),
        func.count(case((_IS_SNOOZED, 1))).label("snoozed"),
        func.count(case((_IS_ESCALATED, 1))).label("escalated"),
        func.count(case((asking.is_overdue, 1))).label("overdue"),
    )
    joined = select(*columns).select_from(alerts).outerjoin(employees, employees.c.employee_id == alerts.c.owner)
    statement = await _filtered(connection, joined, filters, asking)
    sets = func.grouping_sets(tuple_(), *(tuple_(one) for one in _COUNTED))
    rows: Sequence[RowMapping] = (await connection.execute(statement.group_by(sets))).mappings().all()
    return rows


async def _filtered(
    connection: AsyncConnection, statement: Select[Any], filters: Filters, asking: Asking
) -> Select[Any]:
    statement = statement.where(visible(asking.sight))
    if filters.customer_id is not None:
        # Of one that was handed over, the customer is another's: the file that is asked for, and no other.
        files = await files_in_sight(connection, filters.customer_id, asking.sight) or (filters.customer_id,)
        statement = statement.where(alerts.c.customer_id.in_(files))
    for name in ("status", "severity", "owner", "tier", "stage"):
        if (wanted := getattr(filters, name)) is not None:
            statement = statement.where(alerts.c[name] == wanted)
    if filters.queue is not None:
        unit = select(employees.c.employee_id).where(employees.c.unit == filters.queue).scalar_subquery()
        statement = statement.where(alerts.c.owner == any_(func.array(unit, type_=ARRAY(Text))))
    statement = statement.where(*_flagged(filters, asking))
    if filters.opened_from is not None:
        statement = statement.where(alerts.c.opened_at >= filters.opened_from)
    if filters.opened_to is not None:
        statement = statement.where(alerts.c.opened_at < filters.opened_to)
    return statement


def _flagged(filters: Filters, asking: Asking) -> list[ColumnElement[bool]]:
    flags = (
        (filters.open, _IS_OPEN),
        (filters.snoozed, _IS_SNOOZED),
        (filters.escalated, _IS_ESCALATED),
        (filters.overdue, func.coalesce(asking.is_overdue, False)),
        (filters.held_out, alerts.c.arm.is_not_distinct_from("held-out")),
    )
    return [condition if wanted else not_(condition) for wanted, condition in flags if wanted is not None]


async def history(connection: AsyncConnection, alert_id: UUID) -> Sequence[RowMapping]:
    """An alert's steps, the first first."""
    statement = select(alert_events).where(alert_events.c.alert_id == alert_id).order_by(alert_events.c.number)
    return (await connection.execute(statement)).mappings().all()
