"""Overrides over REST: proposed by one person, approved or rejected by another, ended early, listed."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from rapport.messaging.transaction import Transaction
from rapport.sight.access import CustomerId, on_customer
from rapport.web import Page, Paging, Principal, read, require, write
from scoring.override import store
from scoring.override.domain import OverrideNotFound, State
from scoring.override.handlers import acts
from scoring.override.views import OverrideDetail, OverrideView, Propose, Refuse
from scoring.standing.domain.state import StandingNotFound
from scoring.standing.store import reading
from scoring.version.views import refusing

router = APIRouter(tags=["overrides"])
Reader = Annotated[Principal, Depends(require("overrides:read"))]
OfCustomer = Annotated[Principal, Depends(on_customer("overrides:read", unknown=StandingNotFound))]
Proposer = Annotated[Principal, Depends(on_customer("overrides:write", unknown=StandingNotFound))]
Approver = Annotated[Principal, Depends(require("overrides:approve"))]
ById = Annotated[Paging, Depends(Paging.by(UUID))]
OverrideId = Annotated[UUID, Path(description="Names the override")]
_UNKNOWN: dict[int | str, dict[str, Any]] = {404: {"description": "No such override"}}
_NO_CUSTOMER: dict[int | str, dict[str, Any]] = {404: {"description": "Nothing was heard of this customer"}}


@router.post(
    "/standings/{customer_id}/overrides",
    status_code=201,
    response_model=OverrideView,
    summary="Propose an override",
    responses=_NO_CUSTOMER | refusing("Somebody else changes this customer"),
)
async def propose_override(customer_id: CustomerId, body: Propose, request: Request, principal: Proposer) -> Response:
    """Nothing changes before a second person approves it. The note is kept encrypted, the reason is a code."""
    state = request.app.state

    async def act(tx: Transaction) -> OverrideView:
        override_id = await acts.propose(
            tx,
            customer_id,
            body.wanted(),
            by=principal.subject,
            rules=state.rules,
            longest=state.longest_override,
            keyring=state.keyring,
        )
        return await _shown(tx, override_id)

    return await write(
        request, principal, customers=[customer_id], act=act, location=lambda made: f"/overrides/{made.override_id}"
    )


@router.get("/standings/{customer_id}/overrides", summary="List a customer's overrides", responses=_NO_CUSTOMER)
async def list_overrides_of(
    customer_id: CustomerId, request: Request, _: OfCustomer, paging: ById
) -> Page[OverrideView]:
    """All that were ever proposed for this customer, the latest first, with what was done to each."""
    async with read(request) as connection:
        rows = await store.page_of_customer(connection, customer_id, before=paging.key, limit=paging.limit + 1)
        if not rows and not await reading.exists(connection, customer_id):
            raise StandingNotFound
    return paging.page(rows, item=OverrideView.of, key=lambda row: (row["override_id"],))


@router.get("/overrides", summary="List overrides")
async def list_overrides(
    request: Request,
    principal: Reader,
    paging: ById,
    state: Annotated[State | None, Query(description="Only those in this state", examples=["proposed"])] = None,
) -> Page[OverrideView]:
    """Those of the customers that the caller sees, the latest first: what waits for a second person, what is in force,
    what is over.
    """
    sight = principal.sight_of_tokens
    async with read(request) as connection:
        rows = await store.page(connection, state=state, sight=sight, before=paging.key, limit=paging.limit + 1)
    return paging.page(rows, item=OverrideView.of, key=lambda row: (row["override_id"],))


@router.get("/overrides/{override_id}", summary="Show an override", responses=_UNKNOWN)
async def show_override(override_id: OverrideId, request: Request, principal: Reader) -> OverrideDetail:
    """The only operation that shows the note, decrypted for this answer alone."""
    async with read(request) as connection:
        row = await store.find(connection, override_id, sight=principal.sight_of_tokens)
        if row is None:
            raise OverrideNotFound
        keys = await request.app.state.keyring.find(connection, [row["customer_id"]])
    return OverrideDetail.opened(row, keys.get(row["customer_id"]))


@router.post(
    "/overrides/{override_id}/approve",
    status_code=201,
    response_model=OverrideView,
    summary="Approve an override",
    responses=_UNKNOWN | refusing("It was decided on already, or its tier or time can no longer be"),
)
async def approve_override(override_id: OverrideId, request: Request, principal: Approver) -> Response:
    """By another person than who proposed it. The customer is in its tier at once; what is in force is replaced."""
    rules = request.app.state.rules
    return await _done(
        request, principal, override_id, lambda tx: acts.approve(tx, override_id, by=principal.subject, rules=rules)
    )


@router.post(
    "/overrides/{override_id}/reject",
    status_code=201,
    response_model=OverrideView,
    summary="Reject an override",
    responses=_UNKNOWN | refusing("It was decided on already"),
)
async def reject_override(override_id: OverrideId, body: Refuse, request: Request, principal: Approver) -> Response:
    """By another person than who proposed it. It never counts; the reason is kept."""
    return await _done(
        request,
        principal,
        override_id,
        lambda tx: acts.reject(tx, override_id, body.reason, by=principal.subject),
    )


@router.post(
    "/overrides/{override_id}/revoke",
    status_code=201,
    response_model=OverrideView,
    summary="End an override early",
    responses=_UNKNOWN | refusing("It is not in force"),
)
async def revoke_override(override_id: OverrideId, body: Refuse, request: Request, principal: Approver) -> Response:
    """The customer is at once where the scorecard has them; who refused automated decisions stays where they are."""
    rules = request.app.state.rules
    return await _done(
        request,
        principal,
        override_id,
        lambda tx: acts.revoke(tx, override_id, body.reason, by=principal.subject, rules=rules),
    )


async def _done(
    request: Request, principal: Principal, override_id: UUID, act: Callable[[Transaction], Awaitable[None]]
) -> Response:
    async with read(request) as connection:
        row = await store.find(connection, override_id, sight=principal.sight_of_tokens)
    if row is None:
        raise OverrideNotFound

    async def done(tx: Transaction) -> OverrideView:
        await act(tx)
        return await _shown(tx, override_id)

    return await write(request, principal, customers=[row["customer_id"]], act=done)


async def _shown(tx: Transaction, override_id: UUID) -> OverrideView:
    row = await store.find(tx.connection, override_id)
    assert row is not None, "it was found in this transaction"
    return OverrideView.of(row)
