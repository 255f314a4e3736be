"""`/me`: a channel asks for the customer whom its token acts for. No operation here reaches another's file."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError

from customer_profile.account import store as accounts
from customer_profile.account.views import ACCOUNT, AccountView
from customer_profile.consent.api import NewAct, enter, shown
from customer_profile.consent.askings import ASKING, AskingView, NewAsking, ask
from customer_profile.consent.views import ACT, CONSENTS, ActView, ConsentsView
from customer_profile.copying import collected
from customer_profile.correction import handlers, store
from customer_profile.correction.api import CorrectionId
from customer_profile.correction.asking import ask_for
from customer_profile.correction.views import OWN, NewMyCorrection, OwnCorrectionView
from customer_profile.customer.api import noting_refusal
from customer_profile.customer.api.accounts import ById
from customer_profile.customer.api.routes import locks_of
from customer_profile.customer.store import load, persons_in_sight
from customer_profile.own_copy import COPY, PURPOSE, OwnCopy
from customer_profile.own_view import ME, OwnView
from customer_profile.unmasking import handlers as unmasking
from rapport.clock import utc_now
from rapport.messaging.transaction import Transaction
from rapport.row_security import Sight
from rapport.web import Page, Paging, Principal, backend, read, write
from rapport.web.customers import OwnCustomer, require_customer
from rapport.web.examples import answers

router = APIRouter(prefix="/me", tags=["me"])
ByDue = Annotated[Paging, Depends(Paging.by(datetime, UUID))]


@dataclass(frozen=True, slots=True)
class OwnPerson:
    """Who asks, and all files of the customer it asks for, the one that the token names first."""

    principal: Principal
    files: tuple[str, ...]

    @property
    def file(self) -> str:
        """The file that was signed in with."""
        return self.files[0]


async def _person(request: Request, own: OwnCustomer) -> OwnPerson:
    async with read(request) as connection:
        if not await load(connection, [own.customer_id]):  # not 404: what is asked for is there, the token is nobody's
            raise HTTPException(403, "The customer whom this token acts for is not recorded here")
        persons = await persons_in_sight(connection, [own.customer_id], sight=own.principal.sight)
    files = persons[own.customer_id].files
    return OwnPerson(own.principal, (own.customer_id, *(file for file in files if file != own.customer_id)))


async def _reading(request: Request, own: Annotated[OwnCustomer, Depends(require_customer("me:read"))]) -> OwnPerson:
    return await _person(request, own)


async def _writing(request: Request, own: Annotated[OwnCustomer, Depends(require_customer("me:write"))]) -> OwnPerson:
    return await _person(request, own)


async def _copying(
    request: Request, own: Annotated[OwnCustomer, Depends(require_customer("me:read", step_up=True))]
) -> OwnPerson:
    return await _person(request, own)


Reader = Annotated[OwnPerson, Depends(_reading)]
Writer = Annotated[OwnPerson, Depends(_writing)]
Copier = Annotated[OwnPerson, Depends(_copying)]


@router.get("", summary="Show a customer their own files", responses=answers(200, ME))
async def show_me(request: Request, own: Reader) -> OwnView:
    """Masked as identity is anywhere, with links to accounts, consents, corrections, the explanation of the tier and a
    copy of everything. Of a customer with several files the others are in `files`.
    """
    async with read(request) as connection:
        files = await load(connection, own.files)
        keys = await locks_of(request).keyring.find(connection, own.files)
    theirs = [(files[file], keys.get(file)) for file in own.files if file in files]
    return OwnView.of_person(theirs, request.app.state.tier_explanation)


@router.get(
    "/accounts", summary="List the customer's accounts", responses=answers(200, {"items": [ACCOUNT], "next": None})
)
async def list_my_accounts(request: Request, own: Reader, paging: ById) -> Page[AccountView]:
    """Of all files of the person, by their id, a page at a time; a closed one stays in the list."""
    async with read(request) as connection:
        rows = await accounts.page(
            connection, own.files, status=None, type_=None, after=paging.key, limit=paging.limit + 1
        )
    return paging.page(rows, item=AccountView.of, key=lambda account: (account.account_id,))


@router.get("/copy", summary="Give a customer a copy of everything", responses=answers(200, COPY))
async def copy_me(request: Request, own: Copier) -> OwnCopy:
    """What the bank knows of the customer by all files of the person, in clear, with source, purpose and retention of
    each attribute (PIPL article 45). Not what the bank judges or is asked to keep to itself, and nobody else.

    Needs an authentication that is strong and a few minutes old at most, else 401 says which (RFC 9470). Each field of
    identity in it is noted like an unmasking, in the same transaction; as many copies a minute as fields for staff.
    """
    behind, by, state = backend(request), own.principal.key, request.app.state

    async def note(tx: Transaction) -> None:
        await unmasking.note_refused(tx, own.file, "all", purpose=PURPOSE, reason="customer-asked", by=by)

    sight = behind.sight_of(own.principal)
    async with (
        noting_refusal(request, own.principal, note),
        behind.transactions.begin(customers=own.files, sight=sight) as tx,
    ):
        return await collected(
            tx,
            own.files,
            by=by,
            keyring=locks_of(request).keyring,
            purposes=state.purposes,
            at_most=state.unmaskings_per_minute,
        )


@router.get("/consents", summary="Show what the customer allows", responses=answers(200, CONSENTS))
async def show_my_consents(request: Request, own: Reader) -> ConsentsView:
    """All purposes, what holds now, and whether the customer may be asked; a no on any file of the person is a no."""
    now = utc_now()
    return await shown(request, own.file, own.principal.sight, at=now, known_at=now)


@router.post(
    "/consents",
    status_code=201,
    response_model=ActView,
    summary="Grant, decline or withdraw a consent",
    responses=answers(201, ACT, _409="There is nothing to withdraw"),
)
async def record_my_act(body: NewAct, request: Request, own: Writer) -> Response:
    """Entered in the same ledger as what staff enter, with the channel, at once, on all files of the person; a
    withdrawal needs no proof.
    """
    return await enter(request, own.principal, own.files, body)


@router.post(
    "/consents/askings",
    status_code=201,
    response_model=AskingView,
    summary="Note that the channel asks the customer for a consent",
    responses=answers(201, ASKING, _409="The customer said no not long ago, or has said yes"),
)
async def ask_me(body: NewAsking, request: Request, own: Writer) -> Response:
    """Told before the question is shown; for some time after a no 409 names from when on it may be. The customer who
    looks for it and allows it unasked is never refused: that is an act of consent.
    """
    return await ask(request, own.principal, own.file, body)


@router.get("/corrections", summary="List the customer's requests for corrections")
async def list_my_corrections(request: Request, own: Reader, paging: ByDue) -> Page[OwnCorrectionView]:
    """What became of each, on whichever file, when an answer is due, and why one was refused; no values are shown."""
    async with read(request) as connection:
        rows = await store.page(
            connection,
            sight=Sight("customer", own.file),
            state=None,
            customer_id=None,
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
    summary="Ask for a correction of one of the customer's own files",
    responses=answers(201, OWN, _409="It is so already, or an open request overlaps"),
)
async def ask_for_my_correction(body: NewMyCorrection, request: Request, own: Writer) -> Response:
    """The bank answers by `due_at`. The values lie encrypted until somebody decides, and are forgotten after."""
    file = body.customer_id or own.file
    if file not in own.files:
        message = "is no file of this customer: `/me` names them"
        raise RequestValidationError([{"type": "value_error", "loc": ("body", "customer_id"), "msg": message}])
    return await ask_for(request, own.principal, file, body, OwnCorrectionView.of)


@router.post(
    "/corrections/{correction_id}/withdrawal",
    status_code=201,
    response_model=OwnCorrectionView,
    summary="Withdraw a request of the customer's own",
    responses=answers(
        201,
        OWN | {"state": "withdrawn", "decided_at": "2026-03-04T08:15:00Z"},
        _404="No such request of this customer",
        _409="It has ended",
    ),
)
async def withdraw_my_correction(correction_id: CorrectionId, request: Request, own: Writer) -> Response:
    """Whoever brought it, over whichever channel; what it asked for is forgotten."""

    async def act(tx: Transaction) -> OwnCorrectionView:
        return OwnCorrectionView.of(await handlers.withdraw(tx, correction_id, by=own.principal.key, files=own.files))

    return await write(request, own.principal, customers=own.files, act=act)
