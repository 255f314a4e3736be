"""Cases over REST: closed alerts to be searched, one whole story, and those most like an alert, open or closed."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.alert.domain.lifecycle import AlertNotFound, Outcome, Severity
from churn_alert.casebook.documents import LikenessDocument
from churn_alert.casebook.domain.cases import CaseNotFound, Observed, Step
from churn_alert.casebook.domain.likeness import most_alike
from churn_alert.casebook.store import cases as store
from churn_alert.casebook.store.likeness import latest_cases, point_of
from churn_alert.casebook.views import CASE, AlikeView, CaseDetail, CaseView, SimilarView
from rapport.events.base import Code, Time
from rapport.web import Page, Paging, Principal, read, require

router = APIRouter(prefix="/cases", tags=["cases"])
Reader = Annotated[Principal, Depends(require("alerts:read"))]
ByClosing = Annotated[Paging, Depends(Paging.by(datetime, UUID))]
AlertId = Annotated[UUID, Path(description="Names the alert")]
Indicator = Literal["transactions", "account-activity", "service-feedback", "product-use", "outflow-month"]


def _kind(
    tier: Annotated[Code | None, Query(description="The customer's, when it was opened", examples=["high"])] = None,
    stage: Annotated[Code | None, Query(description="The same", examples=["new"])] = None,
    segment: Annotated[Code | None, Query(description="The same", examples=["savers"])] = None,
    severity: Annotated[Severity | None, Query(description="Only cases this severe")] = None,
    indicator: Annotated[Indicator | None, Query(description="It had left the customer's own range")] = None,
) -> store.Filters:
    return store.Filters(tier=tier, stage=stage, segment=segment, severity=severity, indicator=indicator)


def _filters(
    kind: Annotated[store.Filters, Depends(_kind)],
    outcome: Annotated[Outcome | None, Query(description="What people said came of it")] = None,
    observed: Annotated[Observed | None, Query(description="What the customer's own days showed")] = None,
    playbook: Annotated[Code | None, Query(description="What was done by", examples=["care-of-all"])] = None,
    closed_from: Annotated[Time | None, Query(description="At or after, with a zone")] = None,
    closed_to: Annotated[Time | None, Query(description="Before, with a zone")] = None,
) -> store.Filters:
    return kind._replace(
        outcome=outcome, observed=observed, playbook=playbook, closed_from=closed_from, closed_to=closed_to
    )


async def _steps(connection: AsyncConnection, rows: Iterable[RowMapping]) -> dict[UUID, list[Step]]:
    """By alert."""
    of = {row["intervention_id"]: row["alert_id"] for row in rows if row["intervention_id"] is not None}
    return {of[one]: steps for one, steps in (await store.steps_of(connection, of)).items()} if of else {}


@router.get(
    "",
    summary="List cases",
    response_description="A page, the latest closed first",
    responses={200: {"content": {"application/json": {"example": {"items": [CASE], "next": None}}}}},
)
async def list_cases(
    request: Request, principal: Reader, paging: ByClosing, filters: Annotated[store.Filters, Depends(_filters)]
) -> Page[CaseView]:
    """Closed alerts of the customers that the caller sees, the latest closed first; every filter narrows.

    Who looks after customers sees none that was held out.
    """
    async with read(request) as connection:
        rows = await store.page(
            connection, filters, principal.sight_of_tokens, before=paging.after, limit=paging.limit + 1
        )
        steps = await _steps(connection, rows)
    return paging.page(
        rows,
        item=lambda row: CaseView.of(row, steps.get(row["alert_id"], ())),
        key=lambda row: (row["closed_at"], row["alert_id"]),
    )


@router.get("/{alert_id}", summary="Show a case", responses={404: {"description": "No such closed alert"}})
async def show_case(alert_id: AlertId, request: Request, principal: Reader) -> CaseDetail:
    """The whole story: on what the alert was opened, what was done by whom, and what came of it."""
    async with read(request) as connection:
        row = await store.find(connection, alert_id, principal.sight_of_tokens)
        if row is None:
            raise CaseNotFound
        steps = await _steps(connection, [row])
        return CaseDetail.whole(row, steps.get(alert_id, ()), await store.history_of(connection, alert_id))


@router.get("/{alert_id}/similar", summary="Find similar cases", responses={404: {"description": "No such alert"}})
async def show_similar(
    alert_id: AlertId,
    request: Request,
    principal: Reader,
    limit: Annotated[int, Query(ge=1, le=50, description="At most so many")] = 10,
) -> SimilarView:
    """What was done for customers like this, and what came of it: the closed alerts most like this one, which may be
    open, among the latest of the whole bank.

    Likeness is the weighted mean over the four indicators, each in spreads from what is usual for that very customer,
    and stage, tier and segment: see `parts`. Cases of customers whom the caller does not see name nobody and no moment.
    Who looks after customers is shown none that was held out. What follows from likeness is a thought, not a proof:
    what helped is told by `GET /cases/what-worked`.
    """
    document: LikenessDocument = request.app.state.likeness
    rules, sight = document.rules(), principal.sight_of_tokens
    async with read(request) as connection:
        asked = await point_of(connection, alert_id, sight)
        if asked is None:
            raise AlertNotFound
        points = await latest_cases(connection, limit=rules.latest_cases, with_held_out=sight.extent == "all")
        found = most_alike(asked, points, rules, most=limit)
        ids = [one.alert_id for one in found]
        rows, seen = await store.named(connection, ids), await store.seen_among(connection, ids, sight)
        steps = await _steps(connection, rows.values())
    items = [
        AlikeView.of(one, row, steps.get(one.alert_id, ()), is_seen=one.alert_id in seen)
        for one in found
        # One whose customer was erased since the first statement is gone.
        if (row := rows.get(one.alert_id)) is not None
    ]
    return SimilarView(alert_id=alert_id, rules_version=rules.version, looked_through=len(points), items=items)
