"""Cases are no table: each is the row of its alert, its intervention and its outcome, read together when asked.

A copy would be a second place to merge, erase and correct; the list is found by an index over closed alerts alone.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, Select, Text, any_, cast, func, literal, select, tuple_
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.alert.store.reading import visible
from churn_alert.alert.store.tables import alert_events, alerts
from churn_alert.casebook.domain.cases import Line, Observed, Step
from churn_alert.intervention.store.tables import intervention_steps, interventions
from churn_alert.proof.store.outcomes import alert_outcomes
from churn_alert.tables import employees
from rapport.row_security import Sight
from rapport.sight.store import files_in_charge

_STAFF = frozenset({"own", "team"})
_CLOSED = alerts.c.status == "closed"
_PLACE = (alerts.c.closed_at, alerts.c.alert_id)
_OWN = (
    *("alert_id", "customer_id", "severity", "cause", "probability", "threshold", "horizon_days", "indicators"),
    *("tier", "stage", "segment", "opened_at", "acknowledged_at", "closed_at", "outcome", "outcome_at"),
    *("playbook", "playbook_version", "arm", "escalation"),
)
_OUT = "$[*] ? (@.name == $name && (@.value < @.normal_low || @.value > @.normal_high))"


class Filters(NamedTuple):
    """Which cases are asked for; what is None does not matter. `closed_to` is not included. `indicator`: out of its
    normal range when the alert was opened."""

    outcome: str | None = None
    observed: Observed | None = None
    playbook: str | None = None
    tier: str | None = None
    stage: str | None = None
    segment: str | None = None
    severity: str | None = None
    indicator: str | None = None
    closed_from: datetime | None = None
    closed_to: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """For a WHERE over `alerts` and their outcomes."""
        wanted = [
            alerts.c[name] == value
            for name in ("outcome", "playbook", "tier", "stage", "segment", "severity")
            if (value := getattr(self, name)) is not None
        ]
        if self.observed is not None:
            is_judged, is_gone = alert_outcomes.c.alert_id.is_not(None), alert_outcomes.c.gone_on.is_not(None)
            wanted.append({"not-yet": ~is_judged, "stayed": is_judged & ~is_gone, "gone": is_gone}[self.observed])
        if self.indicator is not None:
            named = func.jsonb_build_object("name", literal(self.indicator, Text), type_=JSONB)
            wanted.append(func.jsonb_path_exists(alerts.c.indicators, cast(_OUT, JSONPATH), named))
        if self.closed_from is not None:
            wanted.append(alerts.c.closed_at >= self.closed_from)
        if self.closed_to is not None:
            wanted.append(alerts.c.closed_at < self.closed_to)
        return wanted


def _seen(sight: Sight) -> ColumnElement[bool]:
    """That a closed alert is to be seen: as `visible` has it, but found by customer where it is a manager's few."""
    if sight.extent not in _STAFF:
        return visible(sight)
    shown = alerts.c.arm.is_distinct_from("held-out")
    return (alerts.c.customer_id == any_(files_in_charge(sight))) & shown


def _cases() -> Select[Any]:
    joined = alerts.outerjoin(alert_outcomes, alert_outcomes.c.alert_id == alerts.c.alert_id).outerjoin(
        interventions, interventions.c.alert_id == alerts.c.alert_id
    )
    done = (interventions.c.intervention_id, interventions.c.status.label("done_status"), interventions.c.reached)
    return select(
        *(alerts.c[name] for name in _OWN),
        alert_outcomes.c.warned_on,
        alert_outcomes.c.gone_on,
        interventions.c.reason.label("ended_because"),
        *done,
    ).select_from(joined)


async def page(
    connection: AsyncConnection, filters: Filters, sight: Sight, *, before: tuple[datetime, UUID] | None, limit: int
) -> Sequence[RowMapping]:
    """Cases that are to be seen, the latest closed first."""
    wanted = [_CLOSED, _seen(sight), *filters.conditions()]
    if before is not None:
        wanted.append(tuple_(*_PLACE) < tuple_(*before))
    statement = _cases().where(*wanted).order_by(*(column.desc() for column in _PLACE)).limit(limit)
    rows: Sequence[RowMapping] = (await connection.execute(statement)).mappings().all()
    return rows


async def find(connection: AsyncConnection, alert_id: UUID, sight: Sight) -> RowMapping | None:
    """One case; None where there is none to be seen."""
    statement = _cases().where(alerts.c.alert_id == alert_id, _CLOSED, _seen(sight))
    row: RowMapping | None = (await connection.execute(statement)).mappings().one_or_none()
    return row


async def named(connection: AsyncConnection, alert_ids: Collection[UUID]) -> dict[UUID, RowMapping]:
    """These cases, whoever asks."""
    rows = (await connection.execute(_cases().where(alerts.c.alert_id.in_(alert_ids)))).mappings().all()
    return {row["alert_id"]: row for row in rows}


async def seen_among(connection: AsyncConnection, alert_ids: Collection[UUID], sight: Sight) -> set[UUID]:
    """Those of these closed alerts that are to be seen."""
    statement = select(alerts.c.alert_id).where(alerts.c.alert_id.in_(alert_ids), _seen(sight))
    return set((await connection.execute(statement)).scalars())


async def steps_of(connection: AsyncConnection, intervention_ids: Collection[UUID]) -> dict[UUID, list[Step]]:
    """What was done, by intervention, in its order; persons by their role alone."""
    own = intervention_steps.c
    columns = (
        *(own[name] for name in ("number", "kind", "action", "role")),
        employees.c.role.label("by_role"),
        *(own[name] for name in ("status", "begun_at", "due_by", "overdue_at", "ended_at", "outcome")),
    )
    statement = (
        select(own.intervention_id, *columns)
        .select_from(intervention_steps.outerjoin(employees, employees.c.employee_id == own.ended_by))
        .where(own.intervention_id.in_(intervention_ids))
        .order_by(own.intervention_id, own.number)
    )
    found: dict[UUID, list[Step]] = {}
    for intervention_id, *cells in await connection.execute(statement):
        found.setdefault(intervention_id, []).append(Step(*cells))
    return found


async def history_of(connection: AsyncConnection, alert_id: UUID) -> list[Line]:
    """What became of the alert itself, the first first; persons by their role alone."""
    own = alert_events.c
    statement = (
        select(own.step, own.happened_at, own.known_at, employees.c.role, own.outcome)
        .select_from(alert_events.outerjoin(employees, employees.c.employee_id == own.done_by))
        .where(own.alert_id == alert_id)
        .order_by(own.number)
    )
    return [Line(*row) for row in await connection.execute(statement)]
