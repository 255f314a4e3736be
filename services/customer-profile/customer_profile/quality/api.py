"""`/data-quality`: how good the data is over time, and the issues that a steward works off."""

from datetime import UTC, timedelta
from itertools import groupby
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError

from customer_profile.customer.api import on_all_customers
from customer_profile.quality import handlers, store
from customer_profile.quality.domain import Dimension, Issue, State
from customer_profile.quality.views import ISSUE, SERIES, DayView, IssueView, QualityView, Resolution, SeriesView
from rapport.clock import utc_now
from rapport.events.base import Code, Day, Token
from rapport.messaging.transaction import Transaction
from rapport.web import Page, Paging, Principal, read, require, write
from rapport.web.examples import page_of

router = APIRouter(prefix="/data-quality", tags=["data quality"])
Reader = Annotated[Principal, Depends(require("quality:read"))]
ReaderOfIssues = Annotated[Principal, Depends(on_all_customers("quality:read"))]
Steward = Annotated[Principal, Depends(on_all_customers("quality:write"))]
ById = Annotated[Paging, Depends(Paging.by(UUID))]
IssueId = Annotated[UUID, Path(description="The issue's id")]
_DAYS = 30
_MOST_DAYS = 366
_MISSING: dict[int | str, dict[str, Any]] = {404: {"description": "No such issue"}}


@router.get(
    "", summary="Show data quality over time",
    responses={200: {"content": {"application/json": {"example": {"series": [SERIES]}}}}},
)  # fmt: skip
async def show_quality(
    request: Request,
    _: Reader,
    source: Annotated[Code | None, Query(description="Only of this source")] = None,
    attribute: Annotated[Code | None, Query(description="Only of this attribute")] = None,
    dimension: Annotated[Dimension | None, Query(description="Only under this dimension")] = None,
    since: Annotated[Day | None, Query(alias="from", description="The first day; thirty days back")] = None,
    until: Annotated[Day | None, Query(alias="to", description="The last day; today")] = None,
) -> QualityView:
    """Values seen and faults by source, attribute and dimension, a year at most. Days are UTC."""
    last = until or utc_now().astimezone(UTC).date()
    first = since or last - timedelta(days=_DAYS)
    if not timedelta() <= last - first <= timedelta(days=_MOST_DAYS):
        message = f"must be at most {_MOST_DAYS} days before `to`, and not after it"
        raise RequestValidationError([{"type": "value_error", "loc": ("query", "from"), "msg": message}])
    async with read(request) as connection:
        rows = await store.series(
            connection, since=first, until=last, source=source, attribute=attribute, dimension=dimension
        )
    return QualityView(series=[_series(key, list(days)) for key, days in groupby(rows, _key)])


def _key(row: Any) -> tuple[str, str, Dimension]:
    return row["source"], row["attribute"], row["dimension"]


def _series(key: tuple[str, str, Dimension], rows: list[Any]) -> SeriesView:
    source, attribute, dimension = key
    days = [DayView(day=row["day"], seen=row["seen"], faults=row["faults"]) for row in rows]
    return SeriesView(source=source, attribute=attribute, dimension=dimension, days=days)


@router.get(
    "/issues", summary="List issues of data quality",
    responses=page_of(ISSUE),
)  # fmt: skip
async def list_issues(
    request: Request,
    _: ReaderOfIssues,
    paging: ById,
    state: Annotated[State | None, Query(description="Only in this state")] = None,
    attribute: Annotated[Code | None, Query(description="Only of this attribute")] = None,
    fault: Annotated[Code | None, Query(description="Only of this kind")] = None,
    source: Annotated[Code | None, Query(description="Only told by this source")] = None,
    customer_id: Annotated[Token | None, Query(description="Only of this customer")] = None,
) -> Page[IssueView]:
    """Faults of files, a page at a time. One closes by itself when a later record is right, and opens again."""
    wanted = {"state": state, "attribute": attribute, "fault": fault, "source": source, "customer_id": customer_id}
    async with read(request) as connection:
        issues = await store.page(connection, wanted=wanted, after=paging.key, limit=paging.limit + 1)
    return paging.page(issues, item=IssueView.model_validate, key=lambda issue: (issue.issue_id,))


@router.post(
    "/issues/{issue_id}/claim", status_code=201, response_model=IssueView, summary="Claim an issue", responses=_MISSING
)  # fmt: skip
async def claim_issue(issue_id: IssueId, request: Request, principal: Steward) -> Response:
    """The issue is the caller's until it is ended. 409 when it is another steward's or done with."""

    async def act(tx: Transaction) -> IssueView:
        return _view(await handlers.claim_issue(tx, issue_id, by=principal.key))

    return await write(request, principal, act=act)


@router.post(
    "/issues/{issue_id}/resolve", status_code=201, response_model=IssueView, summary="End an issue", responses=_MISSING
)  # fmt: skip
async def resolve_issue(issue_id: IssueId, body: Resolution, request: Request, principal: Steward) -> Response:
    """Mended at its source (it opens again unless the source tells so within a week), corrected here, or waived.

    409 when the file still has what is said to be corrected here.
    """

    async def act(tx: Transaction) -> IssueView:
        return _view(await handlers.resolve_issue(tx, issue_id, body.outcome, body.note, by=principal.key))

    return await write(request, principal, act=act)


def _view(issue: Issue) -> IssueView:
    return IssueView.model_validate(issue)
