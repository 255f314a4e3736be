"""What a list of alerts can be narrowed by."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ARRAY, ColumnElement, Text, and_, any_, column, func, literal, not_, select, table
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.alert.domain.lifecycle import Severity, Status
from churn_alert.alert.store.tables import alerts
from churn_alert.tables import employees
from rapport.row_security import Sight
from rapport.sight.store import files_in_sight

_clocks = table("stream_clocks", column("partition"), column("position"))
IS_OPEN = alerts.c.status != "closed"
IS_SNOOZED = alerts.c.snoozed_until.is_not(None)
IS_ESCALATED = and_(IS_OPEN, alerts.c.escalation > 0)


class Filters(NamedTuple):
    """Which alerts are asked for; what is None does not matter. `opened_to` is not included."""

    status: Status | None = None
    severity: Severity | None = None
    open: bool | None = None
    owner: str | None = None
    queue: str | None = None
    tier: str | None = None
    stage: str | None = None
    segment: str | None = None
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
        return and_(IS_OPEN, alerts.c.answer_by <= (stream if self.now is None else literal(self.now)))


async def conditions_of(connection: AsyncConnection, filters: Filters, asking: Asking) -> list[ColumnElement[bool]]:
    """What a list is narrowed by, besides who may see what."""
    wanted = [
        alerts.c[name] == value
        for name in ("status", "severity", "owner", "tier", "stage", "segment")
        if (value := getattr(filters, name)) is not None
    ]
    if filters.customer_id is not None:
        # Of one that was handed over, the customer is another's: the file that is asked for, and no other.
        files = await files_in_sight(connection, filters.customer_id, asking.sight) or (filters.customer_id,)
        wanted.append(alerts.c.customer_id.in_(files))
    if filters.queue is not None:
        unit = select(employees.c.employee_id).where(employees.c.unit == filters.queue).scalar_subquery()
        wanted.append(alerts.c.owner == any_(func.array(unit, type_=ARRAY(Text))))
    if filters.opened_from is not None:
        wanted.append(alerts.c.opened_at >= filters.opened_from)
    if filters.opened_to is not None:
        wanted.append(alerts.c.opened_at < filters.opened_to)
    return wanted + _flagged(filters, asking)


def _flagged(filters: Filters, asking: Asking) -> list[ColumnElement[bool]]:
    flags = (
        (filters.open, IS_OPEN),
        (filters.snoozed, IS_SNOOZED),
        (filters.escalated, IS_ESCALATED),
        (filters.overdue, func.coalesce(asking.is_overdue, False)),
    )
    is_held_out = {None: [], True: [alerts.c.arm == "held-out"], False: [alerts.c.arm.is_distinct_from("held-out")]}
    flagged = [condition if wanted else not_(condition) for wanted, condition in flags if wanted is not None]
    return flagged + is_held_out[filters.held_out]
