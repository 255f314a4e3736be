"""What worked, in two statements that go once over the alerts: customers by arm and kind, and what was done."""

from typing import Any

from sqlalchemy import Select, Subquery, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.alert.store.tables import alerts
from churn_alert.casebook.domain.evidence import ARMS, BY, Count, Work
from churn_alert.intervention.store.tables import intervention_steps as steps
from churn_alert.intervention.store.tables import interventions
from churn_alert.proof.domain.disclosure import LEAST
from churn_alert.proof.store.courses import Asked, month_of, within
from churn_alert.proof.store.outcomes import alert_outcomes as outcomes
from rapport.sight.store import in_sight

_UNKNOWN = "unknown"
_ENDED = ("done", "delivered")


async def counts(connection: AsyncConnection, asked: Asked, playbook: str | None) -> list[Count]:
    """Each customer of a playbook once, by the first alert and in the arm drawn then; `until` is not included.

    Who belongs to a playbook that holds nobody out is counted as treated.
    """
    one = _first(playbook, asked)
    by = [one.c[name] for name in BY]
    whole = (one.c.playbook, one.c.playbook_version, one.c.arm)
    statement = (
        select(*whole, *by, func.grouping(*by), func.count(), func.count(outcomes.c.alert_id), _stayed())
        .select_from(one.outerjoin(outcomes, outcomes.c.alert_id == one.c.alert_id))
        .group_by(func.grouping_sets(tuple_(*whole), *(tuple_(*whole, column) for column in by)))
    )
    found = []
    for name, version, arm, *rest in await connection.execute(statement):
        groups, (grouped, drawn, judged, stayed) = rest[: len(BY)], rest[len(BY) :]
        # GROUPING has a bit for each, the first the highest, that is set where the count is not by it.
        place = next((n for n in range(len(BY)) if not grouped >> (len(BY) - 1 - n) & 1), None)
        by_name, group = (None, None) if place is None else (BY[place], groups[place])
        found.append(Count(name, version, by_name, group, arm, drawn, judged, stayed))
    return found


async def work(connection: AsyncConnection, asked: Asked, playbook: str | None) -> list[Work]:
    """What was done for the treated of the same customers, by what the playbook calls it."""
    one = _first(playbook, asked)
    key = (one.c.playbook, one.c.playbook_version, steps.c.kind, steps.c.action)
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
        .where(one.c.arm == "treated")
        .group_by(*key)
        .order_by(*key)
    )
    return [Work(*row) for row in await connection.execute(statement)]


def _stayed() -> Any:
    return func.count(outcomes.c.alert_id).filter(outcomes.c.gone_on.is_(None))


def _first(playbook: str | None, asked: Asked) -> Subquery:
    """To who has charge of customers only what lies in months with enough in both arms, where any were drawn."""
    experiment = (alerts.c.playbook, alerts.c.playbook_version)
    statement: Select[Any] = (
        select(
            alerts.c.alert_id,
            *experiment,
            alerts.c.arm.label("drawn"),
            func.coalesce(alerts.c.arm, "treated").label("arm"),
            month_of(alerts.c.opened_at, asked.zone).label("month"),
            *(func.coalesce(alerts.c[name], _UNKNOWN).label(name) for name in BY),
        )
        .ext(distinct_on(*experiment, alerts.c.customer_id))
        .where(
            alerts.c.playbook.is_not(None),
            in_sight(alerts.c.customer_id, asked.sight),
            *within(alerts.c.opened_at, asked),
        )
        .order_by(*experiment, alerts.c.customer_id, alerts.c.opened_at, alerts.c.alert_id)
    )
    if playbook is not None:
        statement = statement.where(alerts.c.playbook == playbook)
    first = statement.subquery("first")
    if not asked.sight.has_charge:
        return first
    month = (first.c.playbook, first.c.playbook_version, first.c.month)
    fewest = func.least(*(func.count().filter(first.c.drawn == arm).over(partition_by=month) for arm in ARMS))
    counted = select(first, fewest.label("fewest")).subquery("counted")
    return select(counted).where(or_(counted.c.drawn.is_(None), counted.c.fewest >= LEAST)).subquery("told")
