"""How long it took until somebody did something about an alert, or a message about it arrived."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Integer, case, cast, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.alert.store.tables import alerts
from churn_alert.intervention.store.tables import IS_ACT, intervention_events, interventions
from churn_alert.proof.store.courses import Asked, month_of, within
from rapport.sight.store import in_sight

_ONE = alerts.c


class Waits(NamedTuple):
    """Whole hours from the opening, each with how many alerts: until the first act, or as long as nobody has acted."""

    acted: Counter[float]
    waiting: Counter[float]


async def waits(connection: AsyncConnection, asked: Asked, now: datetime) -> Mapping[tuple[str, date], Waits]:
    """By tier as it was known at the opening, and month of it; of alerts of which anybody could know, so of none held
    out.

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
    cells = (
        func.coalesce(_ONE.tier, "unknown").label("tier"),
        month_of(_ONE.opened_at, asked.zone).label("month"),
        acted_at.is_not(None).label("acted"),
        hours.label("hours"),
    )
    inner = (
        select(*cells)
        .select_from(alerts.outerjoin(acted, interventions.c.alert_id == _ONE.alert_id))
        .where(
            _ONE.arm.is_distinct_from("held-out"),
            in_sight(_ONE.customer_id, asked.sight),
            *within(_ONE.opened_at, asked),
        )
        .subquery("cells")
    )
    found: dict[tuple[str, date], Waits] = {}
    grouped = (inner.c.tier, inner.c.month, inner.c.acted, inner.c.hours)
    rows = (await connection.execute(select(*grouped, func.count()).group_by(*grouped))).all()
    for tier, month, is_acted, hour, count in rows:
        waited = found.setdefault((tier, month), Waits(Counter(), Counter()))
        (waited.acted if is_acted else waited.waiting)[max(float(hour), 0.0)] += count
    return found
