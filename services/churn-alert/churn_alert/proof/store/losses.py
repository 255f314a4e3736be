"""Customers who are gone, and whether an alert told of it: asked of everybody's days, in one pass over the risks."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Date, DateTime, cast, func, select, true, union_all
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.alert.store.tables import alerts
from churn_alert.lifecycle.store.transitions import transitions
from churn_alert.proof.domain.departure import Definition
from churn_alert.proof.store.courses import Asked, merged_now
from churn_alert.risk.store.risks import risks
from churn_alert.tables import segments, tiers
from rapport.sight.store import in_sight

_ONE = risks.c


class Lost(NamedTuple):
    """Customers who are gone now, by tier and segment of now and the stage they were in when their silence began.

    `told`: the arm of the first alert that told of it, `none` where no lot was drawn; None without an alert.
    """

    tier: str
    stage: str
    segment: str
    told: str | None
    customers: int


async def lost(connection: AsyncConnection, asked: Asked, definition: Definition, until: date) -> Sequence[Lost]:
    """Who left and is not back, gone within the period; `until`: the first day of which not all is known.

    Of departures that an alert could have told of: that began once alerts were opened. Nobody of several files, whose
    days lie apart, and nobody who refuses care or is restricted.
    """
    gone = _gone(asked, definition, until)
    warned = (
        select(gone.c.customer_id, func.coalesce(alerts.c.arm, "none").label("arm"))
        .ext(distinct_on(gone.c.customer_id))
        .select_from(gone.join(alerts, alerts.c.customer_id == gone.c.customer_id))
        .where(_day(alerts.c.opened_at, asked.zone) >= gone.c.begins_on - definition.ahead_days)
        .order_by(gone.c.customer_id, alerts.c.opened_at)
        .subquery("warned")
    )
    joined = gone.outerjoin(warned, warned.c.customer_id == gone.c.customer_id)
    joined = joined.outerjoin(tiers, tiers.c.customer_id == gone.c.customer_id)
    joined = joined.outerjoin(segments, segments.c.customer_id == gone.c.customer_id)
    then = _stage_then(gone, asked.zone)
    known = {"tier": tiers.c.tier, "stage": then.c.stage, "segment": segments.c.segment}
    cells = [func.coalesce(column, "unknown").label(name) for name, column in known.items()]
    inner = select(*cells, warned.c.arm).select_from(joined.outerjoin(then, true())).subquery("cells")
    rows: Sequence[Any] = (await connection.execute(select(*inner.c, func.count()).group_by(*inner.c))).all()
    return [Lost(*row) for row in rows]


def _stage_then(gone: Any, zone: str) -> Any:
    """By now nearly all of them are in the stage of the lost."""
    began = func.timezone(zone, cast(gone.c.begins_on, DateTime()))
    return (
        select(transitions.c.stage)
        .where(transitions.c.customer_id == gone.c.customer_id, transitions.c.happened_at <= began)
        .order_by(transitions.c.revision.desc())
        .limit(1)
        .lateral("stage_then")
    )


def _gone(asked: Asked, definition: Definition, until: date) -> Any:
    first = _day(select(func.min(alerts.c.opened_at)).scalar_subquery(), asked.zone)
    begins_on = _day(_ONE.last_activity_at, asked.zone) + 1
    gone_on = begins_on + definition.silent_days
    into, survivors = merged_now(), merged_now()
    of_several = union_all(select(into.c.customer_id), select(survivors.c.survivor))
    conditions = [
        # By the moment first, which is read off the row: most are passed over by it.
        _ONE.last_activity_at < _midnight(until - timedelta(days=definition.silent_days + 1), asked.zone),
        ~_ONE.consent_refused,
        ~_ONE.is_restricted,
        begins_on >= first + definition.ahead_days,
        begins_on - _ONE.active_days_from >= definition.least_history_days,
        func.bit_count(_ONE.active_days) >= definition.least_active_days,
        in_sight(_ONE.customer_id, asked.sight),
        _ONE.customer_id.not_in(of_several),
    ]
    conditions += [] if asked.since is None else [gone_on >= _date(asked.since, asked.zone)]
    conditions += [] if asked.until is None else [gone_on < _date(asked.until, asked.zone)]
    return select(_ONE.customer_id, begins_on.label("begins_on")).where(*conditions).cte("gone")


def _day(moment: ColumnElement[datetime | None], zone: str) -> ColumnElement[date]:
    return cast(func.timezone(zone, moment), Date)


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))


def _date(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()
