"""What people do with interventions: give them to somebody, and say how a task ended."""

from uuid import UUID

from churn_alert.intervention.domain.course import (
    Change,
    Intervention,
    InterventionNotFound,
    TaskNotFound,
)
from churn_alert.intervention.domain.doing import assign, end_task
from churn_alert.intervention.handlers.keeping import keep, lived
from churn_alert.intervention.store import courses
from churn_alert.intervention.store.reading import works
from churn_alert.playbook.domain.playbooks import Outcome
from rapport.errors import DomainError
from rapport.messaging.transaction import Transaction


class AssigneeNotEmployed(DomainError):
    """Nobody works for the bank under this token: nothing was given to anybody."""


async def assign_intervention(tx: Transaction, intervention_id: UUID, *, to: str, by: str) -> Intervention:
    """Give it to an employee. Raises InterventionNotFound, InterventionAlreadyOver, AssigneeNotEmployed."""
    one = await courses.named(tx.connection, intervention_id=intervention_id)
    if one is None:
        raise InterventionNotFound
    one, before = lived(one, tx.clock_of(one.customer_id))
    if not one.is_over and not await works(tx.connection, to):
        raise AssigneeNotEmployed
    return await _kept(tx, one, before + assign(one, tx.clock_of(one.customer_id), to=to, by=by))


async def end_open_task(tx: Transaction, task_id: UUID, outcome: Outcome, *, by: str) -> Intervention:
    """Say how a task ended; the next step begins. Raises TaskNotFound, TaskNotOpen."""
    one = await courses.named(tx.connection, step_id=task_id)
    number = (
        next((step.number for step in one.steps if step.step_id == task_id and step.kind == "task"), 0) if one else 0
    )
    if one is None or not number:
        raise TaskNotFound
    at = tx.clock_of(one.customer_id)
    one, before = lived(one, at)
    ended = end_task(one, number, at, outcome=outcome.code, reached=outcome.reached, by=by)
    return await _kept(tx, one, before + ended)


async def _kept(tx: Transaction, one: Intervention, changes: list[Change]) -> Intervention:
    await keep(tx, changes)
    return changes[-1].after if changes else one
