"""Interventions over REST: what is done for whom, by which playbook, and what came of it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from churn_alert.intervention.api.common import OF_CUSTOMER, ByMoment, Reader, doer_of
from churn_alert.intervention.domain.course import InterventionNotFound, Status
from churn_alert.intervention.handlers.working import assign_intervention
from churn_alert.intervention.store import reading
from churn_alert.intervention.views import (
    INTERVENTION,
    AssignIntervention,
    InterventionDetail,
    InterventionView,
)
from churn_alert.playbook.domain.playbooks import Node
from rapport.events.base import Code, Token
from rapport.messaging.transaction import Transaction
from rapport.web import Page, Principal, read, require, write
from rapport.web.examples import made, page_of

router = APIRouter(prefix="/interventions", tags=["interventions"])
Assigner = Annotated[Principal, Depends(require("interventions:assign"))]
InterventionId = Annotated[UUID, Path(description="Names the intervention")]


@router.get("", summary="List interventions", responses=page_of(INTERVENTION))
async def list_interventions(
    request: Request,
    principal: Reader,
    paging: ByMoment,
    status: Annotated[Status | None, Query(description="Only those in this state")] = None,
    node: Annotated[Node | None, Query(description="Only those that began so")] = None,
    playbook: Annotated[Code | None, Query(description="Only those by this playbook", examples=["care-of-all"])] = None,
    alert_id: Annotated[UUID | None, Query(description="Only that of this alert")] = None,
    customer_id: Annotated[Token | None, OF_CUSTOMER] = None,
) -> Page[InterventionView]:
    """Of the customers that the caller sees, the latest begun first. Held-out ones are not shown to who has charge of
    customers: who knew would no longer do as if there were none.
    """
    filters = reading.Filters(status, node, playbook, alert_id, customer_id)
    sight = principal.sight_of_tokens
    async with read(request) as connection:
        rows = await reading.page(connection, filters, sight=sight, before=paging.after, limit=paging.limit + 1)
    return paging.page(
        rows,
        item=lambda row: InterventionView.of(row, sight),
        key=lambda row: (row["opened_at"], row["intervention_id"]),
    )


@router.get(
    "/{intervention_id}",
    summary="Show an intervention",
    responses={404: {"description": "No such intervention"}},
)
async def show_intervention(intervention_id: InterventionId, request: Request, principal: Reader) -> InterventionDetail:
    """Its steps, and everything that became of it with both of its times."""
    async with read(request) as connection:
        sight = principal.sight_of_tokens
        row = await reading.find(connection, intervention_id, sight)
        if row is None:
            raise InterventionNotFound
        steps = await reading.steps_of(connection, intervention_id)
        return InterventionDetail.whole(row, steps, await reading.history(connection, intervention_id), sight=sight)


@router.post(
    "/{intervention_id}/assignment",
    status_code=201,
    response_model=InterventionView,
    summary="Assign an intervention",
    response_description="The intervention, assigned",
    responses=made(INTERVENTION, missing="No such intervention", refusal="It is over"),
)
async def assign(
    intervention_id: InterventionId, body: AssignIntervention, request: Request, principal: Assigner
) -> Response:
    """Its open task and whatever follows is this employee's: one who looks after customers and works here now, given by
    a lead within the own unit. Who has no charge of the customer does not see the customer by it."""
    async with read(request) as connection:
        row = await reading.find(connection, intervention_id, principal.sight_of_tokens)
    if row is None:
        raise InterventionNotFound

    async def act(tx: Transaction) -> InterventionView:
        made = await assign_intervention(tx, intervention_id, to=body.assignee, doer=doer_of(principal))
        return InterventionView.of(made, principal.sight_of_tokens)

    return await write(request, principal, customers=[row["customer_id"]], act=act, status=201)
