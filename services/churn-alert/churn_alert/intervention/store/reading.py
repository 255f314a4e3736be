"""What is asked of interventions over REST. A held-out one is seen by nobody who has charge of customers."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, Select, and_, false, or_, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.intervention.domain.course import Status
from churn_alert.intervention.store.tables import intervention_events, intervention_steps, interventions
from churn_alert.playbook.domain.playbooks import Node
from churn_alert.risk.store.holdings import customer_holdings
from churn_alert.tables import employees
from rapport.row_security import Sight
from rapport.sight.store import files_in_sight, in_charge, in_sight

_STEP = intervention_steps.c
_ONE = interventions.c
TASK = (
    *(_STEP[name] for name in ("step_id", "intervention_id", "customer_id", "action", "role", "status", "begun_at")),
    *(_STEP[name] for name in ("due_by", "overdue_at", "ended_at", "ended_by", "outcome")),
    *(_ONE[name] for name in ("node", "playbook", "playbook_version", "product", "alert_id", "assignee")),
)


class TaskFilters(NamedTuple):
    """Which tasks are asked for; what is None does not matter. `mine`: whose token asks."""

    is_open: bool | None = None
    mine: str | None = None
    overdue: bool | None = None
    customer_id: str | None = None


class Filters(NamedTuple):
    """Which interventions are asked for; what is None does not matter."""

    status: Status | None = None
    node: Node | None = None
    playbook: str | None = None
    alert_id: UUID | None = None
    customer_id: str | None = None


def shown_to(sight: Sight) -> ColumnElement[bool]:
    """That a row of `interventions` may be seen with this sight: for a WHERE."""
    is_seen = in_sight(_ONE.customer_id, sight)
    if not sight.has_charge:
        return is_seen
    # Who was handed it works on it, whoever manages the customer, until it is over.
    is_given = and_(_ONE.status.not_in(("done", "cancelled")), in_charge(_ONE.assignee, sight))
    return and_(or_(is_seen, is_given), _ONE.arm.is_distinct_from("held-out"))


async def find(connection: AsyncConnection, intervention_id: UUID, sight: Sight) -> RowMapping | None:
    """One intervention; None where there is none to be seen."""
    statement = select(interventions).where(_ONE.intervention_id == intervention_id, shown_to(sight))
    return (await connection.execute(statement)).mappings().one_or_none()


async def page(
    connection: AsyncConnection, filters: Filters, *, sight: Sight, before: tuple[datetime, UUID] | None, limit: int
) -> Sequence[RowMapping]:
    """Interventions that may be seen, the latest begun first."""
    place = (_ONE.opened_at, _ONE.intervention_id)
    statement = select(interventions).where(shown_to(sight))
    for name in ("status", "node", "playbook", "alert_id"):
        if (wanted := getattr(filters, name)) is not None:
            statement = statement.where(_ONE[name] == wanted)
    if filters.customer_id is not None:
        statement = statement.where(await _of(connection, filters.customer_id, sight))
    if before is not None:
        statement = statement.where(tuple_(*place) < tuple_(*before))
    statement = statement.order_by(*(column.desc() for column in place)).limit(limit)
    return (await connection.execute(statement)).mappings().all()


async def page_of_tasks(
    connection: AsyncConnection, filters: TaskFilters, *, sight: Sight, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[RowMapping]:
    """Tasks that were begun, of customers in sight, the first due first."""
    place = (_STEP.due_by, _STEP.step_id)
    statement = _tasks().where(shown_to(sight))
    if filters.is_open is not None:
        is_open = _STEP.status == "open"
        statement = statement.where(is_open if filters.is_open else ~is_open)
    if filters.overdue is not None:
        is_late = and_(_STEP.status == "open", _STEP.overdue_at.is_not(None))
        statement = statement.where(is_late if filters.overdue else ~is_late)
    if filters.mine is not None:
        statement = statement.where(_is_of(filters.mine, sight))
    if filters.customer_id is not None:
        statement = statement.where(await _of(connection, filters.customer_id, sight))
    if after is not None:
        statement = statement.where(tuple_(*place) > tuple_(*after))
    rows: Sequence[RowMapping] = (await connection.execute(statement.order_by(*place).limit(limit))).mappings().all()
    return rows


async def find_task(connection: AsyncConnection, task_id: UUID, sight: Sight) -> RowMapping | None:
    """One task; None where there is none to be seen."""
    statement = _tasks().where(_STEP.step_id == task_id, shown_to(sight))
    row: RowMapping | None = (await connection.execute(statement)).mappings().one_or_none()
    return row


async def steps_of(connection: AsyncConnection, intervention_id: UUID) -> Sequence[RowMapping]:
    """Its steps in their order."""
    statement = select(intervention_steps).where(_STEP.intervention_id == intervention_id).order_by(_STEP.number)
    return (await connection.execute(statement)).mappings().all()


async def history(connection: AsyncConnection, intervention_id: UUID) -> Sequence[RowMapping]:
    """What became of it, the first first."""
    events = intervention_events
    statement = select(events).where(events.c.intervention_id == intervention_id).order_by(events.c.number)
    return (await connection.execute(statement)).mappings().all()


async def works(connection: AsyncConnection, employee_id: str) -> bool:
    """Whether an employee of this token works for the bank now."""
    statement = select(employees.c.employee_id).where(employees.c.employee_id == employee_id, employees.c.active)
    return (await connection.execute(statement)).first() is not None


async def products_of(connection: AsyncConnection, customer_ids: Collection[str]) -> dict[str, tuple[int, set[str]]]:
    """Of these files what each was last told to hold, and by which revision."""
    held = customer_holdings.c
    statement = select(held.customer_id, held.holdings_revision, held.holdings).where(
        held.customer_id.in_(customer_ids)
    )
    return {row[0]: (row[1], set(row[2])) for row in await connection.execute(statement)}


def _tasks() -> Select[Any]:
    """With the words of the partial index that is gone through."""
    joined = intervention_steps.join(interventions, _ONE.intervention_id == _STEP.intervention_id)
    return (
        select(*TASK).select_from(joined).where(text("intervention_steps.kind = 'task'"), _STEP.begun_at.is_not(None))
    )


def _is_of(subject: str, sight: Sight) -> ColumnElement[bool]:
    """That a task is this person's: given to them, or to nobody and theirs by role; a lead has those for leads."""
    match sight.extent:
        case "own":
            return and_(_STEP.role == "rm", or_(_ONE.assignee == subject, _ONE.assignee.is_(None)))
        case "team":
            return or_(_STEP.role == "team_lead", _ONE.assignee == subject)
        case "all":
            return _ONE.assignee == subject
    return false()


async def _of(connection: AsyncConnection, customer_id: str, sight: Sight) -> ColumnElement[bool]:
    return _ONE.customer_id.in_(await files_in_sight(connection, customer_id, sight))
