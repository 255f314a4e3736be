"""Standings over REST: where a customer stands now and why, who is in a tier, and how each came there."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.exceptions import RequestValidationError
from starlette.responses import Response

from rapport.clock import utc_now
from rapport.sight.access import CustomerId, on_customer
from rapport.sight.store import seen_of
from rapport.web import Page, Paging, Principal, backend, read, require
from scoring.scorecard.domain import Tier
from scoring.segment.domain.model import SegmentModel, SegmentModels
from scoring.segment.handlers import taking_up as segments
from scoring.standing.domain.people import RESTRICTIONS
from scoring.standing.domain.rules import Rules
from scoring.standing.domain.state import StandingNotFound
from scoring.standing.explanation import ExplanationView, explained
from scoring.standing.history import HistoryView, decision_view
from scoring.standing.showing import standing_as_json
from scoring.standing.store import reading
from scoring.standing.store.decisions import origin_of, page_of_decisions
from scoring.standing.store.file_acts import merged_into
from scoring.standing.taking_up import is_outdated, take_up
from scoring.standing.views import StandingSummary, StandingView

router = APIRouter(prefix="/standings", tags=["standings"])
Reader = Annotated[Principal, Depends(require("standings:read"))]
OfCustomer = Annotated[Principal, Depends(on_customer("standings:read", unknown=StandingNotFound))]
OfCustomerOrChannel = Annotated[
    Principal, Depends(on_customer("standings:read", "explanations:read", enough=any, unknown=StandingNotFound))
]
ByCustomer = Annotated[Paging, Depends(Paging.by(str))]
ByRevision = Annotated[Paging, Depends(Paging.by(int))]
_NOT_FOUND: dict[int | str, dict[str, Any]] = {404: {"description": "Nothing was heard of this customer"}}


@router.get("", summary="List standings")
async def list_standings(
    request: Request,
    principal: Reader,
    paging: ByCustomer,
    tier: Annotated[Tier | None, Query(description="Only customers in this tier", examples=["high"])] = None,
    people_only: Annotated[
        bool | None,
        Query(description="Only customers who refused automated decisions or tiering and wait for people, or others"),
    ] = None,
) -> Page[StandingSummary]:
    """Of the customers that the caller sees, as last decided, in order of customer id; those of one tier or all."""
    rules: Rules = request.app.state.rules
    await _take_up(request)
    if tier is not None and tier not in (known := rules.cards.tiers()):
        message = f"must be a tier of the bank's ladder: {', '.join(known)}"
        raise RequestValidationError([{"type": "value_error", "loc": ("query", "tier"), "msg": message}])
    async with read(request) as connection:
        rows = await reading.page_of_standings(
            connection,
            tier=tier,
            people_only=people_only,
            sight=principal.sight_of_tokens,
            after=paging.key,
            limit=paging.limit + 1,
        )
    return paging.page(rows, item=StandingSummary.of, key=lambda row: (row["customer_id"],))


@router.get(
    "/{customer_id}",
    response_model=StandingView,
    summary="Show where a customer stands",
    responses=_NOT_FOUND,
)
async def show_standing(customer_id: CustomerId, request: Request, principal: OfCustomer) -> Response:
    """The tier as last decided, and the points as they are at `as_of`: sums forget, so points move without an event.

    Each feature is told with its value, bin and points, and what a typical customer has. `lag` counts the records of
    the customer's partition that were not handled yet when the worker last looked. Of a file that was merged into
    another it is the standing of the person, on the sum over all files; `files` names those that the caller sees.
    """
    seen, as_of = await see(request, customer_id)
    if seen.files:
        async with read(request) as connection:
            seen = seen._replace(files=await seen_of(connection, seen.files, principal.sight_of_tokens))
    shown = standing_as_json(seen, as_of, request.app.state.rules, await segments_of(request))
    return Response(shown, media_type="application/json")


@router.get("/{customer_id}/explanation", summary="Explain a customer's tier in words", responses=_NOT_FOUND)
async def explain_standing(
    customer_id: CustomerId, request: Request, principal: OfCustomerOrChannel
) -> ExplanationView:
    """Why this tier, and the smallest change that would reach the next one: in English and Chinese, for the customer
    and for staff. A channel, which shows it to the customer, has `explanations:read`, and gets no words for staff nor
    a `people_act` that tells of a restriction.

    `state_hash` says, to the bit, on which knowledge of the customer it rests. The evidence is as of `as_of`; on which
    the tier was decided, the history tells by `revision`.
    """
    seen, as_of = await see(request, customer_id, is_whole=True)
    async with read(request) as connection:
        origin = await origin_of(connection, seen.standing.customer_id, seen.standing.revision)
    shown = explained(seen, as_of, request.app.state.rules, origin)
    if "standings:read" not in principal.scopes:
        shown.texts.staff = None
        shown.people_act = None if shown.people_act in RESTRICTIONS else shown.people_act
    return shown


async def see(request: Request, customer_id: str, *, is_whole: bool = False) -> tuple[reading.Seen, datetime]:
    """A customer's standing as it is, and the moment it is now for this customer. Raises StandingNotFound."""
    behind = backend(request)
    service = behind.transactions.service
    topics = [service.topic_prefix + event.name for event in service.hears.values()]
    await _take_up(request)
    seen = await reading.find(behind.engine, customer_id, topics, is_whole=is_whole)
    if seen is None:
        raise StandingNotFound
    return seen, (seen.position if service.is_stream_time else None) or utc_now()


async def _take_up(request: Request) -> None:
    rules: Rules = request.app.state.rules
    if is_outdated(rules):
        async with read(request) as connection:
            await take_up(rules, connection)


async def segments_of(request: Request) -> SegmentModel | None:
    """The latest model of segments, taken up when ten seconds are over."""
    models: SegmentModels = request.app.state.segments
    if models.is_outdated(utc_now()):
        async with read(request) as connection:
            await segments.take_up_segments(models, connection)
    return models.latest


@router.get(
    "/{customer_id}/history",
    summary="List how a customer's tier came about",
    responses=_NOT_FOUND,
)
async def list_decisions(customer_id: CustomerId, request: Request, _: OfCustomer, paging: ByRevision) -> HistoryView:
    """Every change of tier, the latest first, with the evidence it was made on, the hash of the state behind it, the
    event that caused it, and words in both languages for the customer and for staff.

    `decided_at` is the moment it is about, `known_at` when it was made. What a late posting made obsolete stays, and
    another decision follows. A file that was merged into another keeps what was decided of it; what is decided of the
    customer since is in the history of `merged_into`.
    """
    rules: Rules = request.app.state.rules
    await _take_up(request)
    async with read(request) as connection:
        rows = await page_of_decisions(connection, customer_id, before=paging.key, limit=paging.limit + 1)
        if not rows and not await reading.exists(connection, customer_id):
            raise StandingNotFound
        merged = await merged_into(connection, customer_id)
    page = paging.page(rows, item=lambda row: decision_view(row, rules), key=lambda row: (row["revision"],))
    survivor, since = merged or (None, None)
    return HistoryView(items=page.items, next=page.next, merged_into=survivor, merged_since=since)
