"""Corrections over REST: asked for on a customer's behalf, listed by when due, decided on by a second person."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from customer_profile.correction import handlers, store
from customer_profile.correction.asking import ask_for
from customer_profile.correction.domain import CorrectionNotFound, State
from customer_profile.correction.views import (
    CORRECTION,
    DETAIL,
    CorrectionDecision,
    CorrectionDetail,
    CorrectionView,
    NewOwnCorrection,
)
from customer_profile.customer.api import CustomerId, on_customer
from customer_profile.customer.api.routes import locks_of
from rapport.events.base import Time, Token
from rapport.messaging.transaction import Transaction
from rapport.web import Page, Paging, Principal, read, require, write
from rapport.web.examples import answers

router = APIRouter(tags=["corrections"])
Reader = Annotated[Principal, Depends(require("corrections:read"))]
Writer = Annotated[Principal, Depends(require("corrections:write"))]
WriterOfCustomer = Annotated[Principal, Depends(on_customer("corrections:write"))]
Approver = Annotated[Principal, Depends(require("corrections:approve"))]
ByDue = Annotated[Paging, Depends(Paging.by(datetime, UUID))]
CorrectionId = Annotated[UUID, Path(description="Names the request")]


@router.post(
    "/customers/{customer_id}/corrections",
    status_code=201,
    response_model=CorrectionView,
    summary="Ask for a correction on a customer's behalf",
    responses=answers(201, CORRECTION, _404="No such customer", _409="It is so already, or an open request overlaps"),
)
async def ask(
    customer_id: CustomerId, body: NewOwnCorrection, request: Request, principal: WriterOfCustomer
) -> Response:
    """Nothing changes before a second person approves it. The values lie encrypted until then, and are forgotten after.

    A name and a paper's kind and number need evidence. An open request whose fields are all named again is superseded.
    """
    return await ask_for(
        request,
        principal,
        customer_id,
        body,
        CorrectionView.of,
        location=lambda made: f"/corrections/{made.correction_id}",
    )


@router.get(
    "/corrections",
    summary="List requests for corrections",
    responses=answers(200, {"items": [CORRECTION], "next": None}),
)
async def list_corrections(
    request: Request,
    principal: Reader,
    paging: ByDue,
    state: Annotated[State | None, Query(description="Only those in this state")] = None,
    customer_id: Annotated[Token | None, Query(description="Only those about this customer")] = None,
    due_before: Annotated[Time | None, Query(description="Only those to be answered before this")] = None,
) -> Page[CorrectionView]:
    """What waits for an answer and what was answered, the first due first; no values are shown."""
    async with read(request) as connection:
        rows = await store.page(
            connection,
            sight=principal.sight,
            state=state,
            customer_id=customer_id,
            due_before=due_before,
            after=paging.after,
            limit=paging.limit + 1,
        )
    return paging.page(
        rows,
        item=lambda row: CorrectionView.of(store.correction_of(row)),
        key=lambda row: (row["due_at"], row["correction_id"]),
    )


@router.get(
    "/corrections/{correction_id}",
    summary="Show a request for a correction",
    responses=answers(200, DETAIL, _404="No such request"),
)
async def show_correction(correction_id: CorrectionId, request: Request, principal: Reader) -> CorrectionDetail:
    """With the values that are asked for while it is open, masked as identity is anywhere."""
    async with read(request) as connection:
        row = await store.find(connection, correction_id, sight=principal.sight)
        if row is None:
            raise CorrectionNotFound
        keys = await locks_of(request).keyring.find(connection, [row["customer_id"]])
    return CorrectionDetail.shown(row, store.correction_of(row), keys.get(row["customer_id"]), principal.roles)


@router.post(
    "/corrections/{correction_id}/decision",
    status_code=201,
    response_model=CorrectionView,
    summary="Decide on a request for a correction",
    responses=answers(
        201,
        CORRECTION | {"state": "refused", "decided_at": "2026-03-04T08:15:00Z", "ground": "evidence-insufficient"},
        _404="No such request",
        _409="It has ended, was brought by the caller, or its values cannot be on this file",
    ),
)
async def decide(
    correction_id: CorrectionId, body: CorrectionDecision, request: Request, principal: Approver
) -> Response:
    """By another person than who brought it. What is approved is on the file at once; a refusal tells the customer why.

    Of a restricted customer it is approved by who also has `relationships:restrict`.
    """
    locks = locks_of(request)

    async def act(tx: Transaction) -> CorrectionView:
        decided = await handlers.decide(
            tx, correction_id, body.outcome, body.ground, by=principal.key, rights=principal.scopes, locks=locks
        )
        return CorrectionView.of(decided)

    return await write(request, principal, customers=[await _customer_of(request, principal, correction_id)], act=act)


@router.post(
    "/corrections/{correction_id}/withdrawal",
    status_code=201,
    response_model=CorrectionView,
    summary="Withdraw a request for a correction",
    responses=answers(
        201,
        CORRECTION | {"state": "withdrawn", "decided_at": "2026-03-04T08:15:00Z"},
        _404="No such request",
        _409="It has ended",
    ),
)
async def withdraw(correction_id: CorrectionId, request: Request, principal: Writer) -> Response:
    """By who brought it, while nobody has decided; what it asked for is forgotten."""

    async def act(tx: Transaction) -> CorrectionView:
        return CorrectionView.of(await handlers.withdraw(tx, correction_id, by=principal.key))

    return await write(request, principal, customers=[await _customer_of(request, principal, correction_id)], act=act)


async def _customer_of(request: Request, principal: Principal, correction_id: UUID) -> str:
    async with read(request) as connection:
        row = await store.find(connection, correction_id, sight=principal.sight)
    if row is None:
        raise CorrectionNotFound
    return str(row["customer_id"])
