"""What worked, in two statements that go once over the alerts: customers by arm and kind, and what was done."""

from typing import Any

from sqlalchemy import Subquery, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.alert.store.tables import alerts
from churn_alert.casebook.domain.cells import Count
from churn_alert.casebook.domain.evidence import BY, Work
from churn_alert.intervention.store.tables import intervention_steps as steps
from churn_alert.intervention.store.tables import interventions
from churn_alert.proof.store.courses import Asked, first_of_person, month_of, within
from churn_alert.proof.store.outcomes import alert_outcomes as outcomes

_UNKNOWN = "unknown"
_ENDED = ("done", "delivered")


async def counts(connection: AsyncConnection, asked: Asked, playbook: str | None) -> list[Count]:
    """Each person of a playbook once, by the first alert and in the arm drawn then: of merged files the survivor's."""
    one = _first(asked, playbook)
    by = [one.c[name] for name in BY]
    whole = (one.c.playbook, one.c.playbook_version, one.c.month, one.c.arm)
    statement = (
        select(*whole, *by, func.grouping(*by), func.count(), func.count(outcomes.c.alert_id), _stayed())
        .select_from(one.outerjoin(outcomes, outcomes.c.alert_id == one.c.alert_id))
        .group_by(func.grouping_sets(tuple_(*whole), *(tuple_(*whole, column) for column in by)))
    )
    found = []
    for name, version, month, arm, *rest in await connection.execute(statement):
        groups, (grouped, drawn, judged, stayed) = rest[: len(BY)], rest[len(BY) :]
        # GROUPING has a bit for each, the first the highest, that is set where the count is not by it.
        place = next((n for n in range(len(BY)) if not grouped >> (len(BY) - 1 - n) & 1), None)
        by_name, group = (None, None) if place is None else (BY[place], groups[place])
        found.append(Count(name, version, month, by_name, group, arm, drawn, judged, stayed))
    return found


async def work(connection: AsyncConnection, asked: Asked, playbook: str | None) -> list[Work]:
    """What was done after the same alerts of who was not held out, by what the playbook calls it."""
    one = _first(asked, playbook)
    key = (one.c.playbook, one.c.playbook_version, one.c.month, one.c.arm, steps.c.kind, steps.c.action)
    joined = one.join(interventions, interventions.c.alert_id == one.c.alert_id).join(
        steps, steps.c.intervention_id == interventions.c.intervention_id
    )
    statement = (
        select(
            *key,
            func.count(steps.c.begun_at),
            func.count().filter(steps.c.status.in_(_ENDED)),
            func.count().filter(steps.c.status == "refused"),
        )
        .select_from(joined)
        .where(one.c.arm != "held-out")
        .group_by(*key)
        .order_by(*key)
    )
    return [Work(*row) for row in await connection.execute(statement)]


def _stayed() -> Any:
    return func.count(outcomes.c.alert_id).filter(outcomes.c.gone_on.is_(None))


def _first(asked: Asked, playbook: str | None) -> Subquery:
    """The period is asked of the first alerts: else the month of a person would hang on the period."""
    experiment = (alerts.c.playbook, alerts.c.playbook_version)
    shown = (
        alerts.c.alert_id,
        *experiment,
        alerts.c.opened_at,
        month_of(alerts.c.opened_at, asked.zone).label("month"),
        func.coalesce(alerts.c.arm, "none").label("arm"),
        *(func.coalesce(alerts.c[name], _UNKNOWN).label(name) for name in BY),
    )
    is_of_playbook = alerts.c.playbook.is_not(None) if playbook is None else alerts.c.playbook == playbook
    first = first_of_person(alerts, alerts.c.alert_id, experiment, shown, [is_of_playbook], asked.sight)
    return select(first).where(*within(first.c.opened_at, asked)).subquery("first")
