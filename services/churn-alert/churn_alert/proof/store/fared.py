"""Alerts as they fared: those of the held out one by one, for nothing was done about them; the others counted."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import ColumnElement, Text, case, cast, distinct, func, literal_column, select
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
    judged: int
    gone: int


async def counted(connection: AsyncConnection, asked: Asked) -> Sequence[Counted]:
    """All alerts, in one pass over them."""
    cells = _cells(asked)
    statement = (
        select(*cells, func.count(), func.count(_CAME.alert_id), func.count(_CAME.gone_on))
        .select_from(alerts.outerjoin(alert_outcomes, _CAME.alert_id == _ONE.alert_id))
        .where(in_sight(_ONE.customer_id, asked.sight), *within(_ONE.opened_at, asked))
        .group_by(*cells)
    )
    return [Counted(*row) for row in (await connection.execute(statement)).all()]


async def drawn(connection: AsyncConnection, asked: Asked) -> dict[date, dict[str, int]]:
    """By month and arm, how many persons had an alert, on whichever of their files."""
    month, arm = cells = _cells(asked)
    joined, person = person_of(alerts)
    statement = (
        select(month, arm, func.count(distinct(person)))
        .select_from(joined)
        .where(in_sight(_ONE.customer_id, asked.sight), *within(_ONE.opened_at, asked))
        .group_by(*cells)
    )
    found: dict[date, dict[str, int]] = {}
    for row in (await connection.execute(statement)).all():
        found.setdefault(row[0], {})[row[1]] = row[2]
    return found


def _cells(asked: Asked) -> tuple[ColumnElement[date], ColumnElement[str]]:
    arm = case((_ONE.arm.is_(None), literal_column("'none'")), else_=_ONE.arm).label("arm")
    return month_of(_ONE.opened_at, asked.zone).label("month"), arm


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
