"""All alerts of a period in one pass: how many of each arm, what came of them, and how long until somebody acted."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Integer, case, cast, func, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.alert.store.tables import alerts
from churn_alert.intervention.store.tables import IS_ACT, intervention_events, interventions
from churn_alert.proof.store.courses import Asked, within
from churn_alert.proof.store.fared import CAME, cells_of
from churn_alert.proof.store.outcomes import alert_outcomes
from rapport.sight.store import in_sight

_ONE = alerts.c


class Counted(NamedTuple):
    """Alerts of one month and arm: `held-out`, `treated`, or `none` where no lot was drawn. `gone`: of the judged,
    whose customer left within the window.
    """

    month: date
    arm: str
    alerts: int
    judged: int
    gone: int


class Waits(NamedTuple):
    """Whole hours from the opening, each with how many alerts: until the first act, or as long as nobody has acted."""

    acted: Counter[float]
    waiting: Counter[float]


class Passed(NamedTuple):
    """`waits`: by tier as it was known at the opening, and month of it; of alerts of which anybody could know, so of
    none held out.
    """

    counted: Sequence[Counted]
    waits: Mapping[tuple[str, date], Waits]


async def gone_over(connection: AsyncConnection, asked: Asked, now: datetime) -> Passed:
    """Both at once, for to go over the alerts is what takes long.

    An act: somebody takes the alert up or closes it, ends a task of its intervention, or a message of it arrives. An
    alert that closes by itself is no longer waited for.
    """
    first = (
        select(intervention_events.c.intervention_id, func.min(intervention_events.c.happened_at).label("at"))
        .where(text(f"intervention_events.{IS_ACT}"))
        .group_by(intervention_events.c.intervention_id)
        .subquery("first_act")
    )
    acted = interventions.join(first, first.c.intervention_id == interventions.c.intervention_id)
    closed_by_hand = case((_ONE.closed_by.is_not(None), _ONE.closed_at))
    acted_at = func.least(_ONE.acknowledged_at, closed_by_hand, first.c.at)
    until = func.coalesce(acted_at, _ONE.closed_at, now)
    hours = cast(func.floor(func.extract("epoch", until - _ONE.opened_at) / 3600), Integer)
    is_waited_for = _ONE.arm.is_distinct_from("held-out")
    month, arm = cells_of(asked)
    inner = (
        select(
            month,
            arm,
            func.coalesce(_ONE.tier, "unknown").label("tier"),
            case((is_waited_for, acted_at.is_not(None))).label("acted"),
            case((is_waited_for, hours)).label("hours"),
            CAME.alert_id.label("judged"),
            CAME.gone_on.label("gone"),
        )
        .select_from(
            alerts.outerjoin(alert_outcomes, CAME.alert_id == _ONE.alert_id).outerjoin(
                acted, interventions.c.alert_id == _ONE.alert_id
            )
        )
        .where(in_sight(_ONE.customer_id, asked.sight), *within(_ONE.opened_at, asked))
        .subquery("cells")
    )
    of = inner.c
    statement = select(
        of.month, of.arm, of.tier, of.acted, of.hours, func.count(), func.count(of.judged), func.count(of.gone)
    ).group_by(func.grouping_sets(tuple_(of.month, of.arm), tuple_(of.month, of.tier, of.acted, of.hours)))
    return _told((await connection.execute(statement)).all())


def _told(rows: Sequence[Any]) -> Passed:
    counted, found = [], dict[tuple[str, date], Waits]()
    for month, arm, tier, is_acted, hours, count, judged, gone in rows:
        if arm is not None:
            counted.append(Counted(month, arm, count, judged, gone))
        elif is_acted is not None:
            waited = found.setdefault((tier, month), Waits(Counter(), Counter()))
            (waited.acted if is_acted else waited.waiting)[max(float(hours), 0.0)] += count
    return Passed(counted, found)
