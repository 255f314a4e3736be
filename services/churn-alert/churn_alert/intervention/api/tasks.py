"""Tasks over REST: what the caller is to do, and how it ended."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from starlette.responses import Response

from churn_alert.intervention.api.common import OF_CUSTOMER, ByMoment, Reader, Writer, doer_of
from churn_alert.intervention.domain.course import TaskNotFound
from churn_alert.intervention.handlers.working import end_open_task
from churn_alert.intervention.store import reading
from churn_alert.intervention.views import ENDED, TASK, EndTask, TaskView
from churn_alert.playbook.domain.playbooks import Outcome, Shelf
from rapport.events.base import Token
from rapport.messaging.transaction import Transaction
from rapport.web import Page, read, write
from rapport.web.examples import made, page_of

router = APIRouter(prefix="/tasks", tags=["interventions"])


@router.get("", summary="List tasks", responses=page_of(TASK))
async def list_tasks(
    request: Request,
    principal: Reader,
    paging: ByMoment,
    mine: Annotated[bool | None, Query(description="Only what is the caller's by name or by role")] = None,
    is_open: Annotated[
        bool | None, Query(alias="open", description="Only what is still to be done, or the rest")
    ] = None,
    overdue: Annotated[bool | None, Query(description="Only what is open and late, or only the rest")] = None,
    customer_id: Annotated[Token | None, OF_CUSTOMER] = None,
) -> Page[TaskView]:
    """Of the customers that the caller sees, the first due first; every filter narrows."""
    filters = reading.TaskFilters(is_open, principal.subject if mine else None, overdue, customer_id)
    sight = principal.sight_of_tokens
    async with read(request) as connection:
        rows = await reading.page_of_tasks(connection, filters, sight=sight, after=paging.after, limit=paging.limit + 1)
    return paging.page(rows, item=TaskView.of, key=lambda row: (row["due_by"], row["step_id"]))


@router.post(
    "/{task_id}/outcome",
    status_code=201,
    response_model=TaskView,
    summary="End a task",
    response_description="The task, done",
    responses=made(ENDED, missing="No such task", refusal="It is over already")
    | {403: {"description": "It is for who leads the unit"}},
)
async def end_task(
    task_id: Annotated[UUID, Path(description="Names the task")], body: EndTask, request: Request, principal: Writer
) -> Response:
    """Say how it ended; the playbook's next step begins, unless this was the last. The alert that began it is taken up
    by it, if nobody had. What is for who leads the unit is ended by one who does.
    """
    sight, doer = principal.sight_of_tokens, doer_of(principal)
    alerting, shelf = request.app.state.alerting, request.app.state.playbooks[1]
    async with read(request) as connection:
        row = await reading.find_task(connection, task_id, sight)
    if row is None:
        raise TaskNotFound
    outcome = _outcome(shelf, row["playbook_version"], body.outcome)

    async def act(tx: Transaction) -> TaskView:
        await end_open_task(tx, task_id, outcome, doer=doer, alerting=alerting, shelf=shelf)
        ended = await reading.find_task(tx.connection, task_id, sight)
        if ended is None:
            raise TaskNotFound
        return TaskView.of(ended)

    return await write(request, principal, customers=[row["customer_id"]], act=act, status=201)


def _outcome(shelf: Shelf, version: int, code: str) -> Outcome:
    """Of the version the task is of, as far as it is still written. Raises RequestValidationError."""
    outcomes = (shelf.of(version) or shelf.latest).outcomes
    if code not in outcomes:
        message = f"is none of {', '.join(sorted(outcomes))}"
        raise RequestValidationError([{"type": "value_error", "loc": ("body", "outcome"), "msg": message}])
    return outcomes[code]
