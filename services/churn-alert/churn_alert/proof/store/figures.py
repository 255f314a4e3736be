"""Figures over all alerts, each asked in one statement that goes through them once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, Select, Text, cast, func, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.alert.store.tables import alerts
from churn_alert.proof.store.outcomes import alert_outcomes as outcomes
from rapport.row_security import Sight
from rapport.sight.store import in_sight

BY = ("month", "tier", "stage", "severity", "cause", "model", "band")
"""What figures are told by; `band`: of the probability that was told, in steps of 5 %."""
_UNKNOWN = "unknown"
_BANDS = 20
_LEAD = outcomes.c.gone_on - outcomes.c.warned_on
"""Days from the alert until the customer is gone; null of one that was wrong, or is not judged."""


class Figures(NamedTuple):
    """Of the alerts of one group. `by` is None for all of them together. `said`: the mean probability of the judged;
    `brier`: its mean squared distance from what came true; both None where nothing is judged.
    """

    by: str | None
    group: str | None
    alerts: int
    judged: int
    right: int
    in_time: int
    median_lead_days: float | None
    said: float | None
    brier: float | None


class Course(NamedTuple):
    """Customers of one arm of a playbook alike in what came of them. `lead_days`: from the first alert until the
    customer was gone, None of who was not within the window; below zero of who was gone before.
    """

    playbook: str
    version: int
    arm: str
    is_judged: bool
    lead_days: int | None
    customers: int


async def figures(
    connection: AsyncConnection, *, zone: str, since: datetime | None, until: datetime | None, sight: Sight
) -> list[Figures]:
    """All together first, then group by group; `until` is not included."""
    rows = (await connection.execute(_grouped(zone, since, until, sight))).all()
    found = []
    for row in rows:
        names = dict(zip(BY, row[: len(BY)], strict=True))
        # GROUPING has a bit for each, the first the highest, that is set where the figure is not by it.
        place = next((n for n in range(len(BY)) if not row[len(BY)] >> (len(BY) - 1 - n) & 1), None)
        by = None if place is None else BY[place]
        found.append(Figures(by, names[by] if by else None, *row[len(BY) + 1 :]))
    return sorted(found, key=lambda one: (one.by or "", one.group or ""))


def _grouped(zone: str, since: datetime | None, until: datetime | None, sight: Sight) -> Select[Any]:
    one = (
        select(
            func.to_char(func.timezone(zone, alerts.c.opened_at), "YYYY-MM").label("month"),
            func.coalesce(alerts.c.tier, _UNKNOWN).label("tier"),
            func.coalesce(alerts.c.stage, _UNKNOWN).label("stage"),
            alerts.c.severity,
            alerts.c.cause,
            cast(alerts.c.model_version, Text).label("model"),
            func.to_char(func.floor(alerts.c.probability * _BANDS) / _BANDS, "0.00").label("band"),
            outcomes.c.alert_id.label("judged"),
            _LEAD.label("lead"),
            (alerts.c.probability - cast(_LEAD.is_not(None), Integer)).label("apart"),
            alerts.c.probability,
        )
        .select_from(alerts.outerjoin(outcomes, outcomes.c.alert_id == alerts.c.alert_id))
        .where(in_sight(alerts.c.customer_id, sight), *_within(since, until))
        .subquery("one")
    )
    by = [one.c[name] for name in BY]
    is_judged = one.c.judged.is_not(None)
    return select(
        *by,
        func.grouping(*by),
        func.count(),
        func.count(one.c.judged),
        func.count(one.c.lead),
        func.count().filter(one.c.lead > 0),
        func.percentile_cont(0.5).within_group(one.c.lead),
        func.avg(one.c.probability).filter(is_judged),
        func.avg(one.c.apart * one.c.apart).filter(is_judged),
    ).group_by(func.grouping_sets(tuple_(), *(tuple_(column) for column in by)))


async def courses(
    connection: AsyncConnection, *, since: datetime | None, until: datetime | None, sight: Sight
) -> Sequence[Course]:
    """Of each playbook that draws arms, each customer once: by the first alert, and in the arm drawn then."""
    experiment = (alerts.c.playbook, alerts.c.playbook_version)
    first = (
        select(alerts.c.alert_id, *experiment, alerts.c.arm)
        .ext(distinct_on(*experiment, alerts.c.customer_id))
        .where(alerts.c.arm.is_not(None), in_sight(alerts.c.customer_id, sight), *_within(since, until))
        .order_by(*experiment, alerts.c.customer_id, alerts.c.opened_at, alerts.c.alert_id)
        .subquery("first")
    )
    cells = (first.c.playbook, first.c.playbook_version, first.c.arm, outcomes.c.alert_id.is_not(None), _LEAD)
    statement = (
        select(*cells, func.count())
        .select_from(first.outerjoin(outcomes, outcomes.c.alert_id == first.c.alert_id))
        .group_by(*cells)
    )
    return [Course(*row) for row in (await connection.execute(statement)).all()]


def _within(since: datetime | None, until: datetime | None) -> list[ColumnElement[bool]]:
    found = []
    if since is not None:
        found.append(alerts.c.opened_at >= since)
    if until is not None:
        found.append(alerts.c.opened_at < until)
    return found
