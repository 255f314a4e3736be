"""`/me`: a channel asks for the customer whom its token acts for. No operation here takes a customer's name."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Request, Response

from customer_profile.consent.api import NewAct, enter, shown
from customer_profile.consent.views import ACT, CONSENTS, ActView, ConsentsView
from customer_profile.correction import handlers, store
from customer_profile.correction.api import CorrectionId
from customer_profile.correction.asking import ask_for, shown_with
from customer_profile.correction.views import OWN, NewOwnCorrection, OwnCorrectionView
from customer_profile.customer.api.routes import locks_of
from customer_profile.customer.domain import File
from customer_profile.customer.store import load
from customer_profile.own_view import ME, OwnView
from rapport.clock import utc_now
from rapport.messaging.transaction import Transaction
from rapport.row_security import Sight
from rapport.web import Page, Paging, read, write
from rapport.web.customers import OwnCustomer, require_customer

router = APIRouter(prefix="/me", tags=["me"])
ByDue = Annotated[Paging, Depends(Paging.by(datetime, UUID))]


Own = Annotated[OwnCustomer, Depends(require_customer("me:read"))]


async def _reading(request: Request, own: Own) -> File:
    return await _file(request, own)


async def _writing(request: Request, own: Annotated[OwnCustomer, Depends(require_customer("me:write"))]) -> OwnCustomer:
    await _file(request, own)
    return own


async def _file(request: Request, own: OwnCustomer) -> File:
    async with read(request) as connection:
        file = (await load(connection, [own.customer_id])).get(own.customer_id)
    if file is None:  # not 404: what is asked for is there, the token is of nobody here
        raise HTTPException(403, "The customer whom this token acts for is not recorded here")
    return file


Reader = Annotated[File, Depends(_reading)]
Writer = Annotated[OwnCustomer, Depends(_writing)]


@router.get("", summary="Show a customer their own file", responses=shown_with(ME))
async def show_me(request: Request, own: Own, file: Reader) -> OwnView:
    """Masked as identity is anywhere, with links to consents, corrections and the explanation of the tier."""
    async with read(request) as connection:
        keys = await locks_of(request).keyring.find(connection, [file.customer_id])
    roles = own.principal.roles
    return OwnView.of(file, keys.get(file.customer_id), roles, request.app.state.tier_explanation)


@router.get("/consents", summary="Show what the customer allows", responses=shown_with(CONSENTS))
async def show_my_consents(request: Request, file: Reader) -> ConsentsView:
    """All purposes, what holds now, and whether the customer may be asked."""
    now = utc_now()
    return await shown(request, file.customer_id, at=now, known_at=now)


@router.post(
    "/consents",
    status_code=201,
    response_model=ActView,
    summary="Grant, decline or withdraw a consent",
    responses=shown_with(ACT, status=201, _409="There is nothing to withdraw"),
)
async def record_my_act(body: NewAct, request: Request, own: Writer) -> Response:
    """Entered in the same ledger as what staff enter, with the channel, at once; a withdrawal needs no proof."""
    return await enter(request, own.principal, own.customer_id, body)


@router.get("/corrections", summary="List the customer's requests for corrections")
async def list_my_corrections(request: Request, file: Reader, paging: ByDue) -> Page[OwnCorrectionView]:
    """What became of each, when an answer is due, and why one was refused; no values are shown."""
    async with read(request) as connection:
        rows = await store.page(
            connection,
            sight=Sight("customer", file.customer_id),
            state=None,
            customer_id=file.customer_id,
            due_before=None,
            after=paging.after,
            limit=paging.limit + 1,
        )
    return paging.page(
        rows,
        item=lambda row: OwnCorrectionView.of(store.correction_of(row)),
        key=lambda row: (row["due_at"], row["correction_id"]),
    )


@router.post(
    "/corrections",
    status_code=201,
    response_model=OwnCorrectionView,
    summary="Ask for a correction of the customer's own file",
    responses=shown_with(OWN, status=201, _409="It is so already, or an open request overlaps"),
)
async def ask_for_my_correction(body: NewOwnCorrection, request: Request, own: Writer) -> Response:
    """The bank answers by `due_at`. The values lie encrypted until somebody decides, and are forgotten after."""
    return await ask_for(request, own.principal, own.customer_id, body, OwnCorrectionView.of)


@router.post(
    "/corrections/{correction_id}/withdrawal",
    status_code=201,
    response_model=OwnCorrectionView,
    summary="Withdraw a request of the customer's own",
    responses=shown_with(
        OWN | {"state": "withdrawn", "decided_at": "2026-03-04T08:15:00Z"},
        status=201,
        _404="No such request of this customer",
        _409="It has ended",
    ),
)
async def withdraw_my_correction(correction_id: CorrectionId, request: Request, own: Writer) -> Response:
    """Whoever brought it, over whichever channel; what it asked for is forgotten."""

    async def act(tx: Transaction) -> OwnCorrectionView:
        ended = await handlers.withdraw(tx, correction_id, by=own.principal.key, customer_id=own.customer_id)
        return OwnCorrectionView.of(ended)

    return await write(request, own.principal, customers=[own.customer_id], act=act)
