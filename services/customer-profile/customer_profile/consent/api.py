"""`/customers/{customer_id}/consents`: what a customer allows, as of any moment, how it came about, and acts on it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import ConfigDict, Field

from customer_profile.consent import handlers, store
from customer_profile.consent.domain.acts import Said
from customer_profile.consent.domain.ledger import Act, Channel, Entry, known, states_of
from customer_profile.consent.domain.purposes import Purposes
from customer_profile.consent.views import ACT, CONSENTS, NEW_ACT, ActView, ConsentsView, PurposeView
from customer_profile.customer.api import CustomerId, on_customer
from customer_profile.customer.store import persons_in_sight
from rapport.clock import utc_now
from rapport.events.base import Code, Time
from rapport.messaging.transaction import Transaction
from rapport.person.store import files_of
from rapport.row_security import Sight
from rapport.web import Body, Page, Paging, Principal, read, read_unseen, write

router = APIRouter(prefix="/customers/{customer_id}/consents", tags=["consents"])
Reader = Annotated[Principal, Depends(on_customer("consents:read"))]
Writer = Annotated[Principal, Depends(on_customer("consents:write"))]
ByRevision = Annotated[Paging, Depends(Paging.by(int, bits=64))]


class NewAct(Body):
    """What a customer did about one purpose, told by the channel or by who holds the form."""

    model_config = ConfigDict(json_schema_extra={"examples": [NEW_ACT]})

    purpose: Code
    act: Act
    channel: Channel
    notice_version: int | None = Field(default=None, ge=1, description="Of the notice shown; none for a withdrawal")
    is_separate: bool = Field(default=False, description="The customer was asked for this purpose alone")
    evidence_digest: str | None = Field(
        default=None,
        pattern=r"^[0-9a-f]{64}$",
        description="SHA-256 of what proves the act (form, screen, recording) where it is archived; a grant needs one",
    )
    occurred_at: Time | None = Field(default=None, description="When the customer did it; without it, now")


def _purposes(request: Request) -> Purposes:
    found: Purposes = request.app.state.purposes
    return found


@router.get(
    "",
    summary="Show what a customer allows",
    responses={
        200: {"content": {"application/json": {"example": CONSENTS}}},
        404: {"description": "No such customer"},
    },
)
async def show_consents(
    customer_id: CustomerId,
    request: Request,
    principal: Reader,
    at: Annotated[Time | None, Query(description="As of this moment; without it, now")] = None,
    known_at: Annotated[Time | None, Query(description="By what was recorded by then; without it, by all")] = None,
) -> ConsentsView:
    """All purposes, each with what holds and whether the customer may be asked; a no on any file of the person is a no.

    What was withdrawn or declined is not asked for again for some time: see `may_ask_from`. With `at` and `known_at`
    a decision of the past is judged by what could be known when it was made.
    """
    now = utc_now()
    return await shown(request, customer_id, principal.sight, at=at or now, known_at=known_at or now)


async def shown(request: Request, customer_id: str, sight: Sight, *, at: datetime, known_at: datetime) -> ConsentsView:
    """What a customer allows at a moment, by what was known at another."""
    purposes = _purposes(request)
    async with read(request) as connection:
        persons = await persons_in_sight(connection, [customer_id], sight=sight)
    ledgers = {file: known(acts, known_at) for file, acts in (await acts_of_person(request, customer_id)).items()}
    revision = len(ledgers[customer_id])
    return ConsentsView(
        customer_id=customer_id,
        revision=revision,
        consent_version=purposes.revision_of(revision) if revision else None,
        files=list(persons[customer_id].files),
        at=at,
        known_at=known_at,
        purposes=[PurposeView.of(state, at) for state in states_of(list(ledgers.values()), purposes, at)],
    )


async def acts_of_person(request: Request, customer_id: str) -> dict[str, list[Entry]]:
    """The acts on each file of the person, also on those of other managers: a no on any of them is a no."""
    async with read_unseen(request) as connection:
        files = await files_of(connection, customer_id)
        found = await store.load(connection, files)
    return {file: found.get(file, []) for file in files}


@router.get(
    "/history",
    summary="List a customer's acts of consent",
    responses={
        200: {"content": {"application/json": {"example": {"items": [ACT], "next": None}}}},
        404: {"description": "No such customer"},
    },
)
async def list_acts(
    customer_id: CustomerId,
    request: Request,
    _: Reader,
    paging: ByRevision,
    purpose: Annotated[Code | None, Query(description="Only acts on this purpose")] = None,
) -> Page[ActView]:
    """Every grant, refusal and withdrawal in the order the bank came to know of them; nothing in it ever changes."""
    async with read(request) as connection:
        entries = await store.page(connection, customer_id, purpose=purpose, after=paging.key, limit=paging.limit + 1)
    return paging.page(entries, item=ActView.of, key=lambda entry: (entry.revision,))


@router.post(
    "",
    status_code=201,
    response_model=ActView,
    summary="Record an act of consent",
    responses={
        201: {"content": {"application/json": {"example": ACT}}},
        404: {"description": "No such customer"},
        409: {"description": "There is nothing to withdraw, or the same act was recorded with other proof"},
    },
)
async def record_act(customer_id: CustomerId, body: NewAct, request: Request, principal: Writer) -> Response:
    """A grant, a refusal or a withdrawal, also one that is told late: both moments are kept.

    The same act of the same moment told twice is one row; told with other proof or another notice it is 409. What was
    granted on another file of the person, seen or not, is withdrawn on any. 422 names each field by which the act
    cannot have been: a withdrawal before its grant, a notice that was not in force, a separate consent that was none, a
    grant without evidence.
    """
    return await enter(request, principal, [customer_id], body)


async def enter(request: Request, principal: Principal, files: Sequence[str], body: NewAct) -> Response:
    """Enter an act in the ledgers of these files of one person."""
    ledgers = await acts_of_person(request, files[0]) if body.act == "withdrawn" else {}
    others = [entry for file, entries in ledgers.items() if file not in files for entry in entries]

    async def act(tx: Transaction) -> ActView:
        said = Said(**body.model_dump() | {"occurred_at": body.occurred_at or tx.now})
        entry = await handlers.record_act_of_person(
            tx, files, said, purposes=_purposes(request), by=principal.key, others=others
        )
        return ActView.of(entry)

    return await write(request, principal, customers=files, act=act)
