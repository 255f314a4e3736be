"""What people do with interventions: give them to somebody, and say how a task ended."""

from typing import NamedTuple
from uuid import UUID

from churn_alert.alert.acts import Act, take_up
from churn_alert.alert.alerting import Alerting
from churn_alert.intervention.domain.calendar import Contact
from churn_alert.intervention.domain.course import (
    Change,
    Intervention,
    InterventionNotFound,
    Step,
    TaskNotFound,
    TaskOfLead,
)
from churn_alert.intervention.domain.doing import assign, end_task
from churn_alert.intervention.handlers.calendar import note
from churn_alert.intervention.handlers.keeping import keep, lived
from churn_alert.intervention.store import courses
from churn_alert.playbook.domain.playbooks import Outcome, Shelf
from churn_alert.staff import check_assignee
from rapport.messaging.transaction import Transaction


class Doer(NamedTuple):
    """Who does something. `leads`: by role, a unit; `is_bound`: gives work within the own unit alone."""

    by: str
    leads: bool
    is_bound: bool


async def assign_intervention(tx: Transaction, intervention_id: UUID, *, to: str, doer: Doer) -> Intervention:
    """Give it to an employee. Raises InterventionNotFound, InterventionAlreadyOver and what `check_assignee` does."""
    one = await courses.named(tx.connection, intervention_id=intervention_id)
    if one is None:
        raise InterventionNotFound
    one, before = lived(one, tx.clock_of(one.customer_id))
    made = before + assign(one, tx.clock_of(one.customer_id), to=to, by=doer.by)
    await check_assignee(tx.connection, to=to, by=doer.by, is_bound=doer.is_bound, field="assignee")
    return await _kept(tx, one, made)


async def end_open_task(
    tx: Transaction, task_id: UUID, outcome: Outcome, *, doer: Doer, alerting: Alerting, shelf: Shelf
) -> Intervention:
    """Say how a task ended; the next step begins. Whoever works on what an alert began has taken the alert up.

    Raises TaskNotFound, TaskNotOpen, and TaskOfLead where a manager ends what is for who leads the unit.
    """
    one, step = await _of_task(tx, task_id)
    if step.role == "team_lead" and not doer.leads:
        raise TaskOfLead("this task is for who leads the unit, and ended there; end those whose `role` is rm")
    if one.alert_id is not None and step.status == "open":
        await take_up(tx, Act(one.alert_id, doer.by, alerting))
        one, step = await _of_task(tx, task_id)
    at = tx.clock_of(one.customer_id)
    one, before = lived(one, at)
    ended = end_task(one, step.number, at, outcome=outcome.code, reached=outcome.reached, by=doer.by)
    after = await _kept(tx, one, before + ended)
    if outcome.reached:
        await note(tx, [(one.customer_id, at, Contact(at))], shelf=shelf)
    return after


async def _of_task(tx: Transaction, task_id: UUID) -> tuple[Intervention, Step]:
    one = await courses.named(tx.connection, step_id=task_id)
    step = next((step for step in one.steps if step.step_id == task_id and step.kind == "task"), None) if one else None
    if one is None or step is None:
        raise TaskNotFound
    return one, step


async def _kept(tx: Transaction, one: Intervention, changes: list[Change]) -> Intervention:
    await keep(tx, changes)
    return changes[-1].after if changes else one
