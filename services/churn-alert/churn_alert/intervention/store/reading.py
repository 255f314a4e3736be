"""What is asked of interventions over REST. A held-out one is seen by nobody who has charge of customers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    RowMapping,
    Select,
    Uuid,
    and_,
    any_,
    false,
    func,
    or_,
    select,
    text,
    tuple_,
    union,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.intervention.domain.course import Status
from churn_alert.intervention.store.tables import IS_OPEN, intervention_events, intervention_steps, interventions
from churn_alert.playbook.domain.playbooks import Node
from rapport.row_security import Sight
from rapport.sight.store import files_in_charge, files_in_sight, in_charge, in_sight

_STEP = intervention_steps.c
_ONE = interventions.c
_IS_SHOWN = _ONE.arm.is_distinct_from("held-out")
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
    return and_(or_(is_seen, _is_given(sight)), _IS_SHOWN)


def _is_given(sight: Sight) -> ColumnElement[bool]:
    """Who was handed it works on it, whoever manages the customer, until it is over; in the words of its index."""
    return and_(text(f"interventions.{IS_OPEN}"), in_charge(_ONE.assignee, sight))


def _seen_in_lists(sight: Sight, of: ColumnElement[str]) -> list[ColumnElement[bool]]:
    """`shown_to` for lists, as ways by which they are found, each by an index of its own: else the list's own index
    would be walked until enough of a unit's were found. `of`: whose a row is, in the table that is listed.
    """
    if not sight.has_charge:
        return [shown_to(sight)]
    return [and_(of == any_(files_in_charge(sight)), _IS_SHOWN), and_(_is_given(sight), _IS_SHOWN)]


async def find(connection: AsyncConnection, intervention_id: UUID, sight: Sight) -> RowMapping | None:
    """One intervention; None where there is none to be seen."""
    statement = select(interventions).where(_ONE.intervention_id == intervention_id, shown_to(sight))
    return (await connection.execute(statement)).mappings().one_or_none()


async def page(
    connection: AsyncConnection, filters: Filters, *, sight: Sight, before: tuple[datetime, UUID] | None, limit: int
) -> Sequence[RowMapping]:
    """Interventions that may be seen, the latest begun first."""
    place = (_ONE.opened_at, _ONE.intervention_id)
    names = ("status", "node", "playbook", "alert_id")
    wanted = [_ONE[name] == asked for name in names if (asked := getattr(filters, name)) is not None]
    if filters.customer_id is not None:
        wanted.append(await _of(connection, filters.customer_id, sight))
    if before is not None:
        wanted.append(tuple_(*place) < tuple_(*before))
    found = union(*(select(*place).where(way, *wanted) for way in _seen_in_lists(sight, _ONE.customer_id))).subquery(
        "found"
    )
    ids = select(found.c.intervention_id).order_by(found.c.opened_at.desc(), found.c.intervention_id.desc())
    statement = select(interventions).where(_ONE.intervention_id == _one_of(ids.limit(limit)))
    return (await connection.execute(statement.order_by(*(column.desc() for column in place)))).mappings().all()


async def page_of_tasks(
    connection: AsyncConnection, filters: TaskFilters, *, sight: Sight, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[RowMapping]:
    """Tasks that were begun, of customers in sight, the first due first."""
    place = (_STEP.due_by, _STEP.step_id)
    is_open = _STEP.status == "open"
    is_late = and_(is_open, _STEP.overdue_at.is_not(None))
    asked = ((filters.is_open, is_open), (filters.overdue, is_late))
    wanted = [which if said else ~which for said, which in asked if said is not None]
    if filters.mine is not None:
        wanted.append(_is_of(filters.mine, sight))
    if filters.customer_id is not None:
        wanted.append(await _of(connection, filters.customer_id, sight))
    if after is not None:
        wanted.append(tuple_(*place) > tuple_(*after))
    found = union(*(_tasks(*place).where(way, *wanted) for way in _seen_in_lists(sight, _STEP.customer_id))).subquery(
        "found"
    )
    ids = select(found.c.step_id).order_by(found.c.due_by, found.c.step_id).limit(limit)
    statement = _tasks(*TASK).where(_STEP.step_id == _one_of(ids)).order_by(*place)
    rows: Sequence[RowMapping] = (await connection.execute(statement)).mappings().all()
    return rows


async def find_task(connection: AsyncConnection, task_id: UUID, sight: Sight) -> RowMapping | None:
    """One task; None where there is none to be seen."""
    statement = _tasks(*TASK).where(_STEP.step_id == task_id, shown_to(sight))
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


def _one_of(ids: Select[Any]) -> ColumnElement[Any]:
    """An array, read once: what is found by each of several ways is looked up by its key."""
    return any_(func.array(ids.scalar_subquery(), type_=ARRAY(Uuid)))


def _tasks(*columns: ColumnElement[Any]) -> Select[Any]:
    """With the words of the partial index that is gone through."""
    joined = intervention_steps.join(interventions, _ONE.intervention_id == _STEP.intervention_id)
    is_task = (text("intervention_steps.kind = 'task'"), _STEP.begun_at.is_not(None))
    return select(*columns).select_from(joined).where(*is_task)


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
