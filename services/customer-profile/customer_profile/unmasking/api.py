"""`POST /customers/{customer_id}/unmaskings`: see one field in clear; and who did, and who looked customers up."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict
from pydantic import Field as Described
from sqlalchemy import RowMapping

from customer_profile.customer import store as customers
from customer_profile.customer.api import CustomerId, noting_refusal, on_all_customers, on_customer
from customer_profile.customer.identity import Locks
from customer_profile.unmasking import handlers, store
from customer_profile.unmasking.domain import Field, OwnCopy, Purpose, Reason, Whole
from rapport.messaging.transaction import Transaction
from rapport.privacy.showing import Shown
from rapport.web import Body, Page, Paging, Principal, read, write
from rapport.web.examples import page_of

router = APIRouter(prefix="/customers/{customer_id}/unmaskings", tags=["trails"])
trails = APIRouter(prefix="/customers", tags=["trails"])
Unmasker = Annotated[Principal, Depends(on_customer("customers:unmask", step_up=True))]
Auditor = Annotated[Principal, Depends(on_all_customers("trails:read"))]
ById = Annotated[Paging, Depends(Paging.by(UUID))]

_ASKED: dict[str, Any] = {"field": "phone", "purpose": "complaint-handling", "reason": "call-back"}
_ID = "019540b2-7c11-7e53-b1a4-6f3f0f6f2c11"
_UNMASKED: dict[str, Any] = {"unmasking_id": _ID, "field": "phone", "value": "+8613812341234"}
_WHO: dict[str, Any] = {"asked_by": "https://login.bank.example e-4471", "asked_at": "2026-03-02T08:15:00Z"}
_UNMASKING: dict[str, Any] = {
    "unmasking_id": _ID,
    "customer_id": "9f1c0a6d2be84c5aa1d3",
    **_ASKED,
    **_WHO,
    "policy_version": 1,
    "refused": False,
}
_LOOK_UP: dict[str, Any] = {
    "look_up_id": _ID,
    "field": "phone",
    "purpose": "service",
    "found": True,
    **_WHO,
    "refused": False,
}


class UnmaskingAsked(Body):
    """Which field is to be seen, to what end and why."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ASKED]})

    field: Field
    purpose: Purpose = Described(description="One of the scenes for which the data catalogue lets this field be seen")
    reason: Reason


class UnmaskedView(BaseModel):
    """One field of one customer, in clear."""

    model_config = ConfigDict(json_schema_extra={"examples": [_UNMASKED]})

    unmasking_id: UUID
    field: Field
    value: Shown


class UnmaskingView(BaseModel):
    """Who saw which field of whom; what it held is not kept."""

    model_config = ConfigDict(json_schema_extra={"examples": [_UNMASKING]})

    unmasking_id: UUID
    customer_id: str
    field: Field | Whole = Described(description="all: of a copy that was refused")
    purpose: Purpose | OwnCopy = Described(description="own-copy: the customer's own, as a whole")
    reason: Reason
    asked_by: str = Described(description="Issuer and subject of the caller's token")
    asked_at: datetime
    policy_version: int | None = Described(
        description="Of the data catalogue that let it be seen; null: not noted then"
    )
    refused: bool = Described(description="The caller had seen too much in a minute, so nothing was shown")

    @classmethod
    def of(cls, row: RowMapping) -> Self:
        """The view of one row."""
        return cls.model_validate(dict(row))


class LookUpNoted(BaseModel):
    """Who looked customers up by a number, and whether somebody was found; neither the number nor who is kept."""

    model_config = ConfigDict(json_schema_extra={"examples": [_LOOK_UP]})

    look_up_id: UUID
    field: str
    purpose: str
    found: bool
    asked_by: str = Described(description="Issuer and subject of the caller's token")
    asked_at: datetime
    refused: bool = Described(description="The caller had looked too often in a minute, so nothing was looked up")

    @classmethod
    def of(cls, row: RowMapping) -> Self:
        """The view of one row."""
        return cls.model_validate(dict(row))


@router.post(
    "",
    status_code=201,
    response_model=UnmaskedView,
    summary="See one field of a customer's identity in clear",
    responses={
        201: {"content": {"application/json": {"example": _UNMASKED}}},
        404: {"description": "No such customer"},
        409: {"description": "The file has no such field"},
    },
)
async def unmask(customer_id: CustomerId, body: UnmaskingAsked, request: Request, principal: Unmasker) -> Response:
    """Needs an authentication that is strong and a few minutes old at most, else 401 says which (RFC 9470).

    The answer is given once and kept nowhere, so there is no Idempotency-Key; that it was given is noted with it. 403
    names the purposes for which this field is shown in clear. Who copies a book field by field does not get far: there
    is a limit by the minute, and what it refuses is noted too.
    """
    locks: Locks = request.app.state.locks
    at_most: int = request.app.state.unmaskings_per_minute
    asked: dict[str, Any] = {"purpose": body.purpose, "reason": body.reason, "by": principal.key}

    async def act(tx: Transaction) -> UnmaskedView:
        await store.demand_few(tx.connection, by=principal.key, at_most=at_most, is_copy=False, now=tx.now)
        done, value = await handlers.unmask(
            tx,
            customer_id,
            body.field,
            **asked,
            roles=principal.roles,
            locks=locks,
        )
        return UnmaskedView(unmasking_id=done.id, field=body.field, value=value)

    async def note(tx: Transaction) -> None:
        await handlers.note_refused(tx, customer_id, body.field, **asked)

    async with noting_refusal(request, principal, note):
        return await write(request, principal, customers=[customer_id], act=act, is_kept=False)


@trails.get(
    "/unmaskings",
    summary="List who saw identity in clear",
    responses=page_of(_UNMASKING),
)
async def list_unmaskings(request: Request, _: Auditor, paging: ById) -> Page[UnmaskingView]:
    """Every unmasking, the oldest first: who, when, of whom, which field, to what end; nothing in it ever changes."""
    async with read(request) as connection:
        rows = await store.page(connection, after=paging.key, limit=paging.limit + 1)
    return paging.page(rows, item=UnmaskingView.of, key=lambda row: (row["unmasking_id"],))


@trails.get(
    "/look-ups",
    summary="List who looked customers up",
    responses=page_of(_LOOK_UP),
)
async def list_look_ups(request: Request, _: Auditor, paging: ById) -> Page[LookUpNoted]:
    """Every look-up by a number, the oldest first: who, when, by what, to what end; nothing in it ever changes."""
    async with read(request) as connection:
        rows = await customers.page_of_look_ups(connection, after=paging.key, limit=paging.limit + 1)
    return paging.page(rows, item=LookUpNoted.of, key=lambda row: (row["look_up_id"],))
