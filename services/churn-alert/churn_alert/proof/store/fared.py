"""Alerts as they fared: those of the held out one by one, for nothing was done about them; the others counted."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import Text, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.alert.store.tables import alerts
from churn_alert.proof.domain.issued import Issued
from churn_alert.proof.store.courses import Asked, month_of, person_of, within
from churn_alert.proof.store.outcomes import alert_outcomes
from rapport.sight.store import in_sight

_ONE, _CAME = alerts.c, alert_outcomes.c
_LEAD = _CAME.gone_on - _CAME.warned_on
_UNKNOWN = "unknown"


class Counted(NamedTuple):
    """Alerts of one month and arm: `held-out`, `treated`, or `none` where no lot was drawn. `gone`: of the judged,
    whose customer left within the window.
    """

    month: date
    arm: str
    alerts: int
    customers: int
    judged: int
    gone: int


async def counted(connection: AsyncConnection, asked: Asked) -> Sequence[Counted]:
    """All alerts, in one pass over them; a customer with two alerts in a month counts once in it."""
    month, arm = month_of(_ONE.opened_at, asked.zone).label("month"), func.coalesce(_ONE.arm, "none").label("arm")
    one = (
        select(
            month,
            arm,
            _ONE.customer_id,
            func.count().label("issued"),
            func.count(_CAME.alert_id).label("judged"),
            func.count(_CAME.gone_on).label("gone"),
        )
        .select_from(alerts.outerjoin(alert_outcomes, _CAME.alert_id == _ONE.alert_id))
        .where(in_sight(_ONE.customer_id, asked.sight), *within(_ONE.opened_at, asked))
        .group_by(month, arm, _ONE.customer_id)
        .subquery("one")
    )
    issued, judged, gone = (func.sum(one.c[name]) for name in ("issued", "judged", "gone"))
    cells = (one.c.month, one.c.arm)
    statement = select(*cells, issued, func.count(), judged, gone).group_by(*cells)
    return [Counted(row[0], row[1], *map(int, row[2:])) for row in (await connection.execute(statement)).all()]


async def held_out(connection: AsyncConnection, asked: Asked) -> list[Issued]:
    """Each alert of somebody held out, with the person it is of now."""
    joined, person = person_of(alerts)
    statement = (
        select(
            month_of(_ONE.opened_at, asked.zone),
            *(func.coalesce(_ONE[name], _UNKNOWN) for name in ("tier", "stage", "segment")),
            _ONE.severity,
            _ONE.cause,
            cast(_ONE.model_version, Text),
            person,
            _ONE.probability,
            _CAME.alert_id.is_not(None),
            _LEAD,
            _CAME.silent_days,
        )
        .select_from(joined.outerjoin(alert_outcomes, _CAME.alert_id == _ONE.alert_id))
        .where(_ONE.arm == "held-out", in_sight(_ONE.customer_id, asked.sight), *within(_ONE.opened_at, asked))
        .order_by(_ONE.opened_at, _ONE.alert_id)
    )
    return [Issued(*row) for row in (await connection.execute(statement)).all()]
