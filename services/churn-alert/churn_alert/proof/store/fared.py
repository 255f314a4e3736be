"""Alerts of the held out as they fared, one by one, for nothing was done about them; and how many were drawn."""

from datetime import date

from sqlalchemy import ColumnElement, Text, case, cast, distinct, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.alert.store.tables import alerts
from churn_alert.proof.domain.issued import Issued
from churn_alert.proof.store.courses import Asked, month_of, person_of, within
from churn_alert.proof.store.outcomes import alert_outcomes
from rapport.sight.store import in_sight

_ONE, CAME = alerts.c, alert_outcomes.c
_LEAD = CAME.gone_on - CAME.warned_on
_UNKNOWN = "unknown"


async def drawn(connection: AsyncConnection, asked: Asked) -> dict[date, dict[str, int]]:
    """By month and arm, how many persons had an alert, on whichever of their files."""
    month, arm = cells = cells_of(asked)
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


def cells_of(asked: Asked) -> tuple[ColumnElement[date], ColumnElement[str]]:
    """Month of the opening, and arm; `none` where no lot was drawn."""
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
            CAME.alert_id.is_not(None),
            _LEAD,
            CAME.silent_days,
        )
        .select_from(joined.outerjoin(alert_outcomes, CAME.alert_id == _ONE.alert_id))
        .where(_ONE.arm == "held-out", in_sight(_ONE.customer_id, asked.sight), *within(_ONE.opened_at, asked))
        .order_by(_ONE.opened_at, _ONE.alert_id)
    )
    return [Issued(*row) for row in (await connection.execute(statement)).all()]
