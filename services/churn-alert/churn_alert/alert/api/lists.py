"""Who is drifting away and why: lists, counts for a dashboard, one alert with its history, and the policy."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.alert.alerting import Alerting
from churn_alert.alert.documents import AlertPolicyDocument
from churn_alert.alert.domain.lifecycle import Alert, AlertNotFound, Severity, Status
from churn_alert.alert.store import reading
from churn_alert.alert.store.filters import Asking, Filters
from churn_alert.alert.views import ALERT, AlertCounts, AlertDetail, AlertView
from churn_alert.tables import employees
from rapport.clock import utc_now
from rapport.documents import in_force
from rapport.events.base import Code, Time, Token
from rapport.sight.store import units_of
from rapport.web import Page, Paging, Principal, backend, read, require
from rapport.web.examples import page_of

router = APIRouter(tags=["alerts"])
Reader = Annotated[Principal, Depends(require("alerts:read"))]
ByOpening = Annotated[Paging, Depends(Paging.by(datetime, UUID))]
AlertId = Annotated[UUID, Path(description="Names the alert")]


def _customer(
    *,
    tier: Annotated[Code | None, Query(description="The customer's, when it was opened", examples=["high"])] = None,
    stage: Annotated[Code | None, Query(description="The customer's, when it was opened", examples=["new"])] = None,
    segment: Annotated[Code | None, Query(description="The same of the segment", examples=["savers"])] = None,
    customer_id: Annotated[Token | None, Query(description="Only alerts of this one", examples=["c-4f1d8a"])] = None,
) -> Filters:
    return Filters(tier=tier, stage=stage, segment=segment, customer_id=customer_id)


def _kind(
    customer: Annotated[Filters, Depends(_customer)],
    *,
    status: Annotated[Status | None, Query(description="Only alerts in this state")] = None,
    severity: Annotated[Severity | None, Query(description="Only alerts this severe")] = None,
    open: Annotated[bool | None, Query(description="Only alerts that are not closed, or only closed ones")] = None,  # noqa: A002
    opened_from: Annotated[Time | None, Query(description="At or after, with a zone")] = None,
    opened_to: Annotated[Time | None, Query(description="Before, with a zone")] = None,
) -> Filters:
    return customer._replace(status=status, severity=severity, open=open, opened_from=opened_from, opened_to=opened_to)


def _filters(
    principal: Reader,
    kind: Annotated[Filters, Depends(_kind)],
    *,
    mine: Annotated[bool, Query(description="Only alerts that the caller owns, whatever `owner` says")] = False,
    owner: Annotated[Token | None, Query(description="Only alerts of this employee", examples=["e-2207"])] = None,
    queue: Annotated[Code | None, Query(description="Only alerts owned in this unit", examples=["B1"])] = None,
    snoozed: Annotated[bool | None, Query(description="Only alerts that rest until a time, or only others")] = None,
    escalated: Annotated[bool | None, Query(description="Only open alerts taken further up, or only others")] = None,
    overdue: Annotated[bool | None, Query(description="Only alerts past their `answer_by`, or only others")] = None,
) -> Filters:
    return kind._replace(
        owner=principal.subject if mine else owner,
        queue=queue,
        snoozed=snoozed,
        escalated=escalated,
        overdue=overdue,
    )


Filtered = Annotated[Filters, Depends(_filters)]
HeldOut = Annotated[bool | None, Query(description="Only held-out alerts, or only others")]


def _asking(request: Request, principal: Principal) -> Asking:
    is_stream_time = backend(request).transactions.service.is_stream_time
    return Asking(principal.sight_of_tokens, None if is_stream_time else utc_now())


async def shown(connection: AsyncConnection, alerts: Sequence[Alert], alerting: Alerting) -> list[AlertView]:
    """Alerts as they are shown, each with the unit its owner works in now."""
    units = await units_of(connection, employees, {alert.owner for alert in alerts if alert.owner is not None})
    return [AlertView.of(alert, units.get(alert.owner or ""), alerting) for alert in alerts]


@router.get(
    "/alerts",
    summary="List alerts",
    response_description="A page, the latest opened first",
    responses=page_of(ALERT),
)
async def list_alerts(
    request: Request, principal: Reader, paging: ByOpening, filters: Filtered, held_out: HeldOut = None
) -> Page[AlertView]:
    """Of the customers that the caller sees, the latest opened first; every filter narrows.

    Who looks after customers also sees the open alerts that were handed to them, and none that is held out.
    """
    asking, filters = _asking(request, principal), filters._replace(held_out=held_out)
    async with read(request) as connection:
        rows = await reading.page(connection, filters, asking, before=paging.after, limit=paging.limit + 1)
        views = await shown(connection, rows, request.app.state.alerting)
    return paging.page(views, item=lambda view: view, key=lambda view: (view.opened_at, view.alert_id))


@router.get("/alerts/counts", summary="Count alerts")
async def count_alerts(request: Request, principal: Reader, filters: Filtered, held_out: HeldOut = None) -> AlertCounts:
    """How many of what `GET /alerts` lists, by each filter of a dashboard: `open=true` for what is to be done."""
    async with read(request) as connection:
        return AlertCounts.of(
            await reading.counts(connection, filters._replace(held_out=held_out), _asking(request, principal))
        )


@router.get("/alerts/{alert_id}", summary="Show an alert", responses={404: {"description": "No such alert"}})
async def show_alert(alert_id: AlertId, request: Request, principal: Reader) -> AlertDetail:
    """Why it was opened, in words and figures, and every step since with both of its times."""
    async with read(request) as connection:
        alert = await reading.seen(connection, alert_id, principal.sight_of_tokens)
        if alert is None:
            raise AlertNotFound
        (view,) = await shown(connection, [alert], request.app.state.alerting)
        return AlertDetail.with_history(view, await reading.history(connection, alert_id))


@router.get("/alert-policy", summary="Show the alert policy")
async def show_alert_policy(request: Request, _: Reader) -> AlertPolicyDocument:
    """The version alerts are judged and timed by now: who wrote it, why, and from when on."""
    alerting: Alerting = request.app.state.alerting
    policies: Sequence[AlertPolicyDocument] = request.app.state.alert_policies
    return in_force(policies, utc_now().astimezone(alerting.zone).date())
