"""Stages over REST: a customer's own with its history, who is in which, and the funnel of the whole book."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import HTMLResponse

from churn_alert.lifecycle.documents import StagesDocument
from churn_alert.lifecycle.domain.deciding import next_due
from churn_alert.lifecycle.domain.funnel import Funnel, Window, dwelling
from churn_alert.lifecycle.domain.life import LifecycleNotFound, Stage
from churn_alert.lifecycle.domain.rules import StageRules
from churn_alert.lifecycle.figures import DwellView, FunnelView
from churn_alert.lifecycle.page import funnel_page
from churn_alert.lifecycle.store import funnel as book
from churn_alert.lifecycle.store import reading
from churn_alert.lifecycle.store.transitions import history_of
from churn_alert.lifecycle.views import SUMMARY, LifecycleSummary, LifecycleView
from rapport.clock import utc_now
from rapport.documents import in_force
from rapport.events.base import Code, Time
from rapport.sight.access import CustomerId, on_customer
from rapport.sight.store import seen_of
from rapport.web import Page, Paging, Principal, backend, read, require
from rapport.web.examples import page_of
from rapport.web.pages import html_page

router = APIRouter(prefix="/lifecycle", tags=["lifecycle"])
Reader = Annotated[Principal, Depends(require("risks:read"))]
OfBook = Annotated[Principal, Depends(require("reports:read"))]
ByCustomer = Annotated[Paging, Depends(Paging.by(str))]
OfCustomer = Annotated[Principal, Depends(on_customer("risks:read", unknown=LifecycleNotFound))]
AsOf = Annotated[Time | None, Query(description="The moment, with a zone; now where it is left out")]
Days = Annotated[int, Query(ge=1, le=3660, description="How many days before it movements are counted from")]
Unit = Annotated[Code | None, Query(description="Only customers of this unit, by the unit of now", examples=["B017"])]
_MONTH = 30
_HISTORY = 200
_Responses = dict[int | str, dict[str, Any]]


def _filters(
    stage: Annotated[Stage | None, Query(description="Only customers in this stage")] = None,
    since_from: Annotated[Time | None, Query(description="In it since then or later, with a zone")] = None,
    since_to: Annotated[Time | None, Query(description="In it since before then, with a zone")] = None,
) -> reading.Filters:
    return reading.Filters(stage, since_from, since_to)


async def _window(
    request: Request, connection: AsyncConnection, as_of: datetime | None, days: int, unit: str | None
) -> Window:
    if as_of is None:
        is_stream_time = backend(request).transactions.service.is_stream_time
        as_of = (await book.stream_position(connection) if is_stream_time else None) or utc_now()
    return Window(as_of - timedelta(days=days), as_of, unit)


async def _funnel(connection: AsyncConnection, window: Window) -> Funnel:
    counts, moves = await book.counts(connection, window), await book.moves(connection, window)
    return Funnel(window, counts, moves, await book.risks_now(connection, window.unit))


@router.get(
    "",
    summary="List in which stages customers are",
    responses=page_of(SUMMARY),
)
async def list_lifecycles(
    request: Request, principal: Reader, paging: ByCustomer, filters: Annotated[reading.Filters, Depends(_filters)]
) -> Page[LifecycleSummary]:
    """Those of the customers that the caller sees, by customer id; every filter narrows.

    What time alone brings is decided at its moment, so a filter by stage is always complete.
    """
    sight = principal.sight_of_tokens
    async with read(request) as connection:
        rows = await reading.page_of_lives(connection, filters, sight=sight, after=paging.key, limit=paging.limit + 1)
    return paging.page(rows, item=LifecycleSummary.of, key=lambda row: (row["customer_id"],))


@router.get("/rules", summary="Show the rules of the stages")
async def show_rules(request: Request, _: Reader) -> StagesDocument:
    """The version that stages are decided by now: when one follows another, and how customers of each are served."""
    rules: StageRules = request.app.state.stages
    documents: Sequence[StagesDocument] = request.app.state.stages_documents
    return in_force(documents, utc_now().astimezone(rules.zone).date())


@router.get("/funnel", summary="Count customers by stage")
async def show_funnel(
    request: Request, _: OfBook, as_of: AsOf = None, days: Days = _MONTH, unit: Unit = None
) -> FunnelView:
    """How many are in each stage at a moment, how many came and went in the days before it, in all and by unit; the
    churn risk of those who are in each now, and how they are served.

    By the moments that changes are about, as they are known now: what was corrected since is counted corrected.
    """
    rules: StageRules = request.app.state.stages
    async with read(request) as connection:
        funnel = await _funnel(connection, await _window(request, connection, as_of, days, unit))
    return FunnelView.of(funnel, rules.at(funnel.window.as_of).strategies)


@router.get("/dwell", summary="Show how long customers stay in each stage")
async def show_dwell(request: Request, _: OfBook, as_of: AsOf = None, unit: Unit = None) -> DwellView:
    """The quartiles of the days spent in each stage, by Kaplan & Meier: who is still in it is no end, and counts as
    staying longer."""
    async with read(request) as connection:
        window = await _window(request, connection, as_of, _MONTH, unit)
        return DwellView.of(window, dwelling(await book.spells(connection, window)))


@router.get(
    "/page",
    summary="Show the funnel as a page",
    response_class=HTMLResponse,
    responses={200: {"content": {"text/html": {"example": "<!doctype html><html lang='en'>…</html>"}}}},
)
async def show_page(
    request: Request, _: OfBook, as_of: AsOf = None, days: Days = _MONTH, unit: Unit = None
) -> HTMLResponse:
    """The funnel, who moved, how long customers stay, the risk and the strategy of each stage: for people to read."""
    rules: StageRules = request.app.state.stages
    async with read(request) as connection:
        window = await _window(request, connection, as_of, days, unit)
        funnel, found = await _funnel(connection, window), dwelling(await book.spells(connection, window))
    return html_page(funnel_page(funnel, found, rules.at(window.as_of).strategies))


@router.get(
    "/{customer_id}",
    summary="Show a customer's stage",
    responses={404: {"description": "Nothing was heard of this customer"}},
)
async def show_lifecycle(customer_id: CustomerId, request: Request, principal: OfCustomer) -> LifecycleView:
    """The stage, since when and by which rule, what time alone will bring next, and every change with both its times.

    Of a file that was merged into another it is the person's; `files` names those that the caller sees.
    """
    rules: StageRules = request.app.state.stages
    async with read(request) as connection:
        seen = await reading.find(connection, customer_id)
        life = seen.life if seen else None
        if seen is None or life is None or life.stage is None:
            raise LifecycleNotFound
        files = await seen_of(connection, seen.files, principal.sight_of_tokens)
        history = await history_of(connection, life.customer_id, limit=_HISTORY)
    now = rules.at(utc_now())
    return LifecycleView.shown(customer_id, life, files, now.strategies[life.stage], next_due(life, now), history)
