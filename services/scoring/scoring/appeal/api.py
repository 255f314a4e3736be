"""Appeals over REST: opened for a customer, listed with what is overdue first, answered by a person."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request
from sqlalchemy import RowMapping
from starlette.responses import Response

from rapport.clock import utc_now
from rapport.messaging.transaction import Transaction
from rapport.sight.access import CustomerId, on_customer
from rapport.web import Page, Paging, Principal, backend, read, require, write
from scoring.appeal import handlers, store
from scoring.appeal.domain import AppealNotFound
from scoring.appeal.views import AnswerAppeal, AppealDetail, AppealView, OpenAppeal
from scoring.standing.domain.state import StandingNotFound
from scoring.version.views import refusing

router = APIRouter(tags=["appeals"])
Reader = Annotated[Principal, Depends(require("appeals:read"))]
ReaderOrOpener = Annotated[Principal, Depends(require("appeals:read", "appeals:write", enough=any))]
Opener = Annotated[Principal, Depends(on_customer("appeals:write", unknown=StandingNotFound))]
Reviewer = Annotated[Principal, Depends(require("appeals:answer"))]
ByDueTime = Annotated[Paging, Depends(Paging.by(datetime, UUID))]
AppealId = Annotated[UUID, Path(description="Names the appeal")]
_NO_DECISION: dict[int | str, dict[str, Any]] = {
    404: {"description": "Nothing was heard of this customer, or there is no such decision"}
}
_UNKNOWN: dict[int | str, dict[str, Any]] = {404: {"description": "No such appeal"}}


@router.post(
    "/standings/{customer_id}/appeals",
    status_code=201,
    response_model=AppealView,
    summary="Appeal against a decision",
    responses=_NO_DECISION | refusing("A review of the decision is under way"),
)
async def open_appeal(customer_id: CustomerId, body: OpenAppeal, request: Request, principal: Opener) -> Response:
    """For the customer, by staff or a channel: a person reviews the decision by the due date. The tier stays meanwhile.

    Send an `Idempotency-Key`: a repeat after a lost answer gets the same appeal, not a refusal.
    """
    state = request.app.state

    async def act(tx: Transaction) -> AppealView:
        appeal_id = await handlers.open_appeal(
            tx,
            customer_id,
            body.revision,
            body.note,
            by=principal.subject,
            within=state.appeal_within,
            keyring=state.keyring,
        )
        return await _shown(tx, appeal_id)

    return await write(
        request, principal, customers=[customer_id], act=act, location=lambda made: f"/appeals/{made.appeal_id}"
    )


@router.get("/appeals", summary="List appeals")
async def list_appeals(
    request: Request,
    principal: Reader,
    paging: ByDueTime,
    state: Annotated[Literal["open", "answered"], Query(description="Whether an answer is still owed")] = "open",
) -> Page[AppealView]:
    """For the customers that the caller sees, by due date, the earliest first: what is overdue leads the open ones."""
    async with read(request) as connection:
        rows = await store.page(
            connection,
            is_answered=state == "answered",
            sight=principal.sight_of_tokens,
            after=paging.after,
            limit=paging.limit + 1,
        )
    return paging.page(
        rows,
        item=lambda row: AppealView.of(row, _clock(request, row)),
        key=lambda row: (row["due_at"], row["appeal_id"]),
    )


@router.get("/appeals/{appeal_id}", summary="Show an appeal", responses=_UNKNOWN)
async def show_appeal(appeal_id: AppealId, request: Request, principal: ReaderOrOpener) -> AppealDetail:
    """The only operation that shows what was written, decrypted for this answer alone.

    Who may open appeals and not read them all, as a channel, sees those that it opened, and their answers.
    """
    reads_all = "appeals:read" in principal.scopes
    async with read(request) as connection:
        row = await store.find(connection, appeal_id, sight=principal.sight_of_tokens)
        if row is None or not (reads_all or row["opened_by"] == principal.subject):
            raise AppealNotFound
        keys = await request.app.state.keyring.find(connection, [row["customer_id"]])
    return AppealDetail.opened(row, _clock(request, row), keys.get(row["customer_id"]), reads_all=reads_all)


@router.post(
    "/appeals/{appeal_id}/answer",
    status_code=201,
    response_model=AppealView,
    summary="Answer an appeal",
    responses=_UNKNOWN | refusing("It was answered already, or the override does not count"),
)
async def answer_appeal(appeal_id: AppealId, body: AnswerAppeal, request: Request, principal: Reviewer) -> Response:
    """By a person who had no part in the decision, and did not approve what changes it. The answer is never altered."""
    async with read(request) as connection:
        row = await store.find(connection, appeal_id, sight=principal.sight_of_tokens)
    if row is None:
        raise AppealNotFound
    keyring = request.app.state.keyring

    async def act(tx: Transaction) -> AppealView:
        await handlers.answer_appeal(tx, appeal_id, body.answer(), by=principal.subject, keyring=keyring)
        return await _shown(tx, appeal_id)

    return await write(request, principal, customers=[row["customer_id"]], act=act)


async def _shown(tx: Transaction, appeal_id: UUID) -> AppealView:
    row = await store.find(tx.connection, appeal_id)
    assert row is not None, "it was found in this transaction"
    return AppealView.of(row, tx.clock_of(row["customer_id"]))


def _clock(request: Request, row: RowMapping) -> datetime:
    service = backend(request).transactions.service
    position: datetime | None = row["position"] if service.is_stream_time else None
    return position or utc_now()
