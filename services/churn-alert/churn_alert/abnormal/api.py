"""Leads over REST: for compliance alone, who reads them is noted before anything is shown."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from churn_alert.abnormal.domain.answers import decide_dismissal, propose_dismissal, refer
from churn_alert.abnormal.domain.leads import AbnormalActivityNotFound, Lead, State, Stepped
from churn_alert.abnormal.domain.words import Kind
from churn_alert.abnormal.following import Leads
from churn_alert.abnormal.store import leads as store
from churn_alert.abnormal.store import reads
from churn_alert.abnormal.views import (
    DISMISSED,
    LEAD,
    PROPOSED,
    READ,
    REFERRED,
    DismissalDecided,
    DismissalProposed,
    LeadDetail,
    LeadView,
    ReadView,
)
from rapport.clock import utc_now
from rapport.events.base import Code, Day, Token
from rapport.messaging.transaction import Transaction
from rapport.web import Page, Paging, Principal, read, require, write
from rapport.web.examples import made, page_of
from rapport.web.unseen import UnseenRoute

router = APIRouter(prefix="/abnormal-activities", tags=["abnormal activities"], route_class=UnseenRoute)
_made = partial(made, missing="No such lead")
Reader = Annotated[Principal, Depends(require("abnormal-activities:read"))]
Writer = Annotated[Principal, Depends(require("abnormal-activities:write"))]
ByDetection = Annotated[Paging, Depends(Paging.by(datetime, UUID))]
ById = Annotated[Paging, Depends(Paging.by(UUID))]
LeadId = Annotated[UUID, Path(description="Names the lead")]


def _filters(
    state: Annotated[State | None, Query(description="Only leads in this state")] = None,
    kind: Annotated[Kind | None, Query(description="Only leads of this kind")] = None,
    rule: Annotated[Code | None, Query(description="Only leads by this rule", examples=["large-cash"])] = None,
    customer_id: Annotated[Token | None, Query(description="Only on this customer", examples=["c-4f1d8a"])] = None,
    due_before: Annotated[Day | None, Query(description="Only what is not done and due before this day")] = None,
    overdue: Annotated[bool | None, Query(description="Only what is overdue, or is not")] = None,
) -> store.Filters:
    return store.Filters(state, kind, rule, customer_id, due_before, overdue)


@router.get(
    "",
    summary="List leads on abnormal activity",
    response_description="A page, the latest found first",
    responses=page_of(LEAD),
)
async def list_abnormal_activities(
    request: Request, principal: Reader, paging: ByDetection, filters: Annotated[store.Filters, Depends(_filters)]
) -> Page[LeadView]:
    """Of all customers; every filter narrows. That the caller read them is noted first."""
    async with read(request) as connection:
        sight = principal.sight_of_tokens
        found = await store.page(connection, filters, sight=sight, before=paging.after, limit=paging.limit + 1)
        shown = min(len(found), paging.limit)
        await reads.note(connection, by=principal.subject, at=utc_now(), leads=shown)
    return paging.page(found, item=LeadView.of, key=lambda one: (one.detected_at, one.lead_id))


@router.get(
    "/reads",
    summary="List who read leads",
    response_description="A page, the first first",
    responses=page_of(READ),
)
async def list_reads(
    request: Request,
    _: Reader,
    paging: ById,
    lead_id: Annotated[UUID | None, Query(description="Only who read this lead")] = None,
) -> Page[ReadView]:
    """Every answer that showed a lead, with how many it showed; a list is noted as one. It names no customer."""
    async with read(request) as connection:
        rows = await reads.page(connection, lead_id=lead_id, after=paging.key, limit=paging.limit + 1)
    return paging.page(rows, item=lambda row: ReadView.model_validate(dict(row)), key=lambda row: (row["read_id"],))


@router.get("/{lead_id}", summary="Show a lead on abnormal activity", responses={404: {"description": "No such lead"}})
async def show_abnormal_activity(lead_id: LeadId, request: Request, principal: Reader) -> LeadDetail:
    """What was found, by which rule and against which range, and every step since. Noted before it is shown."""
    async with read(request) as connection:
        found = await store.find(connection, lead_id, sight=principal.sight_of_tokens)
        if found is None:
            raise AbnormalActivityNotFound
        steps = await store.history(connection, lead_id)
        await reads.note(connection, by=principal.subject, at=utc_now(), leads=1, lead_id=lead_id)
    return LeadDetail.with_history(found, steps)


@router.post(
    "/{lead_id}/referral",
    status_code=201,
    response_model=LeadView,
    summary="Note that a lead was referred",
    response_description="The lead, referred",
    responses=_made(REFERRED, refusal="It is referred, dismissed or withdrawn already"),
)
async def refer_abnormal_activity(lead_id: LeadId, request: Request, principal: Writer) -> Response:
    """It was handed to the bank's own anti-money-laundering system, which judges and reports; here nothing is."""
    return await _step(request, principal, lead_id, lambda lead, at: refer(lead, at, principal.subject))


@router.post(
    "/{lead_id}/dismissal",
    status_code=201,
    response_model=LeadView,
    summary="Propose to dismiss a lead",
    response_description="The lead, with the proposal",
    responses=_made(PROPOSED, refusal="It is closed, or a dismissal was proposed already"),
)
async def propose_to_dismiss(lead_id: LeadId, body: DismissalProposed, request: Request, principal: Writer) -> Response:
    """With a reason's code, for another person of compliance to decide on. It stays due until then."""
    by = principal.subject
    return await _step(request, principal, lead_id, lambda lead, at: propose_dismissal(lead, at, by, body.reason))


@router.post(
    "/{lead_id}/dismissal-decision",
    status_code=201,
    response_model=LeadView,
    summary="Decide on a dismissal",
    response_description="The lead, dismissed or open again",
    responses=_made(DISMISSED, refusal="It is closed, nobody proposed it, or the caller did"),
)
async def decide_on_dismissal(lead_id: LeadId, body: DismissalDecided, request: Request, principal: Writer) -> Response:
    """By another person than who proposed it. Refused, the lead is open again."""
    by, is_approved = principal.subject, body.decision == "approve"
    return await _step(
        request, principal, lead_id, lambda lead, at: decide_dismissal(lead, at, by, is_approved=is_approved)
    )


async def _step(
    request: Request, principal: Principal, lead_id: UUID, decide: Callable[[Lead, datetime], Stepped]
) -> Response:
    async with read(request) as connection:
        found = await store.find(connection, lead_id, sight=principal.sight_of_tokens)
    if found is None:
        raise AbnormalActivityNotFound

    async def act(tx: Transaction) -> LeadView:
        book = Leads(tx, await store.find_many(tx.connection, [lead_id]))
        lead = book.known.get(lead_id)
        if lead is None:
            raise AbnormalActivityNotFound
        at = max(tx.clock_of(lead.customer_id), lead.detected_at)
        lead = book.note_silently(decide(book.lived(lead, at), at))
        await book.save()
        return LeadView.of(lead)

    response = await write(request, principal, customers=[found.customer_id], act=act, status=201)
    # The answer shows the lead, also to who asks a second time with the same key.
    async with read(request) as connection:
        await reads.note(connection, by=principal.subject, at=utc_now(), leads=1, lead_id=lead_id)
    return response
