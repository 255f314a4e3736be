"""`/customers/{customer_id}/status`: move the relationship one step, and see every step that it took."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from customer_profile.customer import handlers, store
from customer_profile.customer.api.access import CustomerId, on_customer
from customer_profile.customer.api.routes import ReaderOfCustomer
from customer_profile.customer.domain import Cause, Reason, Relationship, StatusStep
from rapport.events.base import Time
from rapport.messaging.transaction import Transaction
from rapport.web import Body, Page, Paging, Principal, read, write

router = APIRouter(prefix="/customers/{customer_id}/status", tags=["customers"])
Stepper = Annotated[Principal, Depends(on_customer("relationships:write", "relationships:restrict", enough=any))]
ByStep = Annotated[Paging, Depends(Paging.by(UUID))]

_ASKED: dict[str, Any] = {"to": "restricted", "reason": "legal-order", "occurred_at": "2026-03-02T08:15:00Z"}
_STEP: dict[str, Any] = {
    "step_id": "019540b2-7c11-7e53-b1a4-6f3f0f6f2c11",
    "from": "active",
    "to": "restricted",
    "reason": "legal-order",
    "done_by": "https://login.bank.example e-4471",
    "occurred_at": "2026-03-02T08:15:00Z",
    "recorded_at": "2026-03-02T09:00:00Z",
}
_STATUS: dict[str, Any] = {"customer_id": "9f1c0a6d2be84c5aa1d3", "relationship": "restricted", "revision": 4}


class NewStep(Body):
    """Where the relationship is to go, and why."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ASKED]})

    to: Relationship
    reason: Reason
    occurred_at: Time | None = Field(default=None, description="When it was decided; without it, now")


class StatusView(BaseModel):
    """Where the relationship stands after a step."""

    model_config = ConfigDict(json_schema_extra={"examples": [_STATUS]})

    customer_id: str
    relationship: Relationship
    revision: int = Field(description="Of the file")


class StepView(BaseModel):
    """A step of the relationship."""

    model_config = ConfigDict(json_schema_extra={"examples": [_STEP]}, populate_by_name=True)

    step_id: UUID
    before: Relationship | None = Field(serialization_alias="from", validation_alias="from", description="null: none")
    to: Relationship
    reason: Cause | None = Field(
        description="core-record, application: nobody took it, the core or a new file said so; null of a restriction "
        "for who may not know of inquiries"
    )
    done_by: str | None = Field(description="Issuer and subject of the caller's token; null: the core's own record")
    occurred_at: datetime = Field(description="When it is about")
    recorded_at: datetime = Field(description="When the bank came to know of it")

    @classmethod
    def of(cls, step: StatusStep, *, sees_inquiries: bool) -> Self:
        """The view of a step."""
        return cls(
            step_id=step.id,
            before=step.before,
            to=step.after,
            reason=step.reason if sees_inquiries or not step.may_tell_of_inquiry else None,
            done_by=step.by,
            occurred_at=step.occurred_at,
            recorded_at=step.recorded_at,
        )


@router.post(
    "",
    status_code=201,
    response_model=StatusView,
    summary="Move the relationship with a customer one step",
    responses={
        201: {"content": {"application/json": {"example": _STATUS}}},
        404: {"description": "No such customer"},
        409: {"description": "The relationship does not go there from where it stands, or not for this reason"},
    },
)
async def take_step(customer_id: CustomerId, body: NewStep, request: Request, principal: Stepper) -> Response:
    """From admission to active, to restricted and back, to exited and back to where it was. Each step has its reasons.
    A restriction that outlasted an exit is lifted by a step from exited to exited.

    Who restricts and releases has `relationships:restrict`; who admits, ends and reopens, `relationships:write`. An end
    holds until the core records something later. 409 names the steps and reasons that there are.
    """

    async def act(tx: Transaction) -> StatusView:
        file = await handlers.take_step(
            tx,
            customer_id,
            body.to,
            body.reason,
            occurred_at=body.occurred_at,
            by=principal.key,
            rights=principal.scopes,
        )
        return StatusView(customer_id=customer_id, relationship=file.relationship, revision=file.revision)

    return await write(request, principal, customers=[customer_id], act=act)


@router.get(
    "/history",
    summary="List the steps of the relationship with a customer",
    responses={
        200: {"content": {"application/json": {"example": {"items": [_STEP], "next": None}}}},
        404: {"description": "No such customer"},
    },
)
async def list_steps(
    customer_id: CustomerId,
    request: Request,
    principal: ReaderOfCustomer,
    paging: ByStep,
    to: Annotated[Relationship | None, Query(description="Only steps to this state")] = None,
) -> Page[StepView]:
    """Every step in the order the bank came to know of it, the core's own among them; nothing in it ever changes.

    Why a customer was restricted is shown to compliance, data protection and audit alone: it can tell of an inquiry.
    """
    async with read(request) as connection:
        found = await store.steps(connection, customer_id, to=to, after=paging.key, limit=paging.limit + 1)
    view = partial(StepView.of, sees_inquiries=principal.sees_inquiries)
    return paging.page(found, item=view, key=lambda step: (step.id,))
