"""The risk register over REST: opened by rules and by people, owned, due, and closed with an outcome."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from churn_alert.register import handlers
from churn_alert.register.documents import RegisterDocument
from churn_alert.register.domain.entries import CustomerNotKnown, Entry, RiskEntryNotFound, Status
from churn_alert.register.domain.words import Kind, Severity
from churn_alert.register.handlers import Register
from churn_alert.register.store import entries as store
from churn_alert.register.views import (
    ASSIGNED,
    CLOSED,
    ENTRY,
    OPENED,
    Assignment,
    EntryClosure,
    EntryDetail,
    EntryView,
    NewEntry,
)
from rapport.clock import utc_now
from rapport.documents import in_force
from rapport.events.base import Code, Day, Token
from rapport.messaging.transaction import Transaction
from rapport.sight.store import sees
from rapport.web import Page, Paging, Principal, read, require, write
from rapport.web.examples import answers, made, page_of

router = APIRouter(prefix="/risk-register", tags=["risk register"])
_made = partial(made, missing="No such entry")
Reader = Annotated[Principal, Depends(require("risk-register:read"))]
Writer = Annotated[Principal, Depends(require("risk-register:write"))]
ByOpening = Annotated[Paging, Depends(Paging.by(datetime, UUID))]
EntryId = Annotated[UUID, Path(description="Names the entry")]


def _filters(  # noqa: PLR0913 - one a filter
    request: Request,
    *,
    kind: Annotated[Kind | None, Query(description="Only risks of this kind")] = None,
    cause: Annotated[Code | None, Query(description="Only of this cause", examples=["loan-impaired"])] = None,
    status: Annotated[Status | None, Query(description="Only entries in this state")] = None,
    severity: Annotated[Severity | None, Query(description="Only entries this severe")] = None,
    owner: Annotated[Token | None, Query(description="Only what this employee deals with", examples=["e-1"])] = None,
    customer_id: Annotated[Token | None, Query(description="Only of this customer", examples=["c-4f1d8a"])] = None,
    due_before: Annotated[Day | None, Query(description="Only what is open and due before this day")] = None,
    overdue: Annotated[bool, Query(description="Only what is open and whose due date is over by now")] = False,
) -> store.Filters:
    if overdue:
        due_before = min(due_before or date.max, _today(request))
    return store.Filters(kind, cause, status, severity, owner, customer_id, due_before)


def _today(request: Request) -> date:
    register: Register = request.app.state.register
    return utc_now().astimezone(register.zone).date()


@router.get(
    "",
    summary="List the risk register",
    response_description="A page, the latest opened first",
    responses=page_of(ENTRY),
)
async def list_entries(
    request: Request, principal: Reader, paging: ByOpening, filters: Annotated[store.Filters, Depends(_filters)]
) -> Page[EntryView]:
    """Entries of all customers and of none, the latest opened first; every filter narrows."""
    sight = principal.sight_of_tokens
    async with read(request) as connection:
        rows = await store.page(connection, filters, sight=sight, before=paging.after, limit=paging.limit + 1)
    return paging.page(rows, item=EntryView.model_validate, key=lambda one: (one.opened_at, one.entry_id))


@router.get("/rules", summary="Show the rules of the risk register")
async def show_rules(request: Request, _: Reader) -> RegisterDocument:
    """What people may open an entry for, and what opens one by itself, with severities and days."""
    documents: Sequence[RegisterDocument] = request.app.state.register_documents
    return in_force(documents, _today(request))


@router.get("/{entry_id}", summary="Show an entry of the risk register", responses={404: {"description": "No such"}})
async def show_entry(entry_id: EntryId, request: Request, principal: Reader) -> EntryDetail:
    """As it stands, and every step since it was opened with both of its times."""
    async with read(request) as connection:
        found = await store.find(connection, entry_id, sight=principal.sight_of_tokens)
        if found is None:
            raise RiskEntryNotFound
        return EntryDetail.with_history(found, await store.history(connection, entry_id))


@router.post(
    "",
    status_code=201,
    response_model=EntryView,
    summary="Open an entry of the risk register",
    response_description="The entry",
    responses=answers(
        201,
        OPENED,
        _404="No such customer, where it names one",
        _409="While a twin of this request is still running",
    ),
)
async def open_entry(body: NewEntry, request: Request, principal: Writer) -> Response:
    """A risk that no rule can see, of one customer or of none; the cause says what kind it is."""
    register: Register = request.app.state.register
    if body.customer_id is not None:
        async with read(request) as connection:
            if not await sees(connection, body.customer_id, principal.sight_of_tokens):
                raise CustomerNotKnown

    async def act(tx: Transaction) -> EntryView:
        return EntryView.model_validate(
            await handlers.open_entry(tx, register, **body.model_dump(), by=principal.subject)
        )

    customers = [body.customer_id] if body.customer_id else []
    return await write(request, principal, customers=customers, act=act, status=201)


@router.post(
    "/{entry_id}/assignment",
    status_code=201,
    response_model=EntryView,
    summary="Say who deals with an entry",
    response_description="The entry, in treatment",
    responses=_made(ASSIGNED, refusal="It is closed"),
)
async def assign_entry(entry_id: EntryId, body: Assignment, request: Request, principal: Writer) -> Response:
    """With the day it is due and how severe it is judged, to who works here and deals with such; again, to another."""
    register: Register = request.app.state.register
    by, is_bound = principal.subject, principal.sight_of_tokens.extent == "team"
    return await _change(
        request,
        principal,
        entry_id,
        lambda tx: handlers.assign_entry(tx, register, entry_id, **body.model_dump(), by=by, is_bound=is_bound),
    )


@router.post(
    "/{entry_id}/closure",
    status_code=201,
    response_model=EntryView,
    summary="Close an entry of the risk register",
    response_description="The entry, closed",
    responses=_made(CLOSED, refusal="It is closed already"),
)
async def close_entry(entry_id: EntryId, body: EntryClosure, request: Request, principal: Writer) -> Response:
    """With what came of it. The same risk found later is another entry."""
    return await _change(
        request,
        principal,
        entry_id,
        lambda tx: handlers.close_entry(tx, entry_id, body.outcome, by=principal.subject),
    )


async def _change(
    request: Request, principal: Principal, entry_id: UUID, handler: Callable[[Transaction], Awaitable[Entry]]
) -> Response:
    async with read(request) as connection:
        found = await store.find(connection, entry_id, sight=principal.sight_of_tokens)
    if found is None:
        raise RiskEntryNotFound

    async def act(tx: Transaction) -> EntryView:
        return EntryView.model_validate(await handler(tx))

    customers = [found.customer_id] if found.customer_id else []
    return await write(request, principal, customers=customers, act=act, status=201)
