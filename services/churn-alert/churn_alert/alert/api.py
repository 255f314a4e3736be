"""Alerts over REST: staff see who is drifting away and why, take an alert up, and say how it ended."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from churn_alert.alert import handlers
from churn_alert.alert.alerting import Alerting
from churn_alert.alert.domain.lifecycle import Alert, AlertNotFound, Severity, Status
from churn_alert.alert.store import reading
from churn_alert.alert.store.alerts import find
from churn_alert.alert.views import ACKNOWLEDGED, ALERT, CLOSED, AlertDetail, AlertView, CloseAlert
from rapport.events.base import Time, Token
from rapport.messaging.transaction import Transaction
from rapport.web import Page, Paging, Principal, read, require, write

router = APIRouter(prefix="/alerts", tags=["alerts"])
Reader = Annotated[Principal, Depends(require("alerts:read"))]
Writer = Annotated[Principal, Depends(require("alerts:write"))]
ByOpening = Annotated[Paging, Depends(Paging.by(datetime, UUID))]
AlertId = Annotated[UUID, Path(description="Names the alert")]


def _filters(
    status: Annotated[Status | None, Query(description="Only alerts in this state")] = None,
    severity: Annotated[Severity | None, Query(description="Only alerts this severe")] = None,
    customer_id: Annotated[Token | None, Query(description="Only alerts of this one", examples=["c-4f1d8a"])] = None,
    opened_from: Annotated[Time | None, Query(description="At or after, with a zone")] = None,
    opened_to: Annotated[Time | None, Query(description="Before, with a zone")] = None,
) -> reading.Filters:
    return reading.Filters(status, severity, customer_id, opened_from, opened_to)


@router.get(
    "",
    summary="List alerts",
    response_description="A page, the latest opened first",
    responses={200: {"content": {"application/json": {"example": {"items": [ALERT], "next": None}}}}},
)
async def list_alerts(
    request: Request, principal: Reader, paging: ByOpening, filters: Annotated[reading.Filters, Depends(_filters)]
) -> Page[AlertView]:
    """Of the customers that the caller sees, the latest opened first; every filter narrows."""
    sight = principal.sight_of_tokens
    async with read(request) as connection:
        rows = await reading.page(connection, filters, sight=sight, before=paging.after, limit=paging.limit + 1)
    return paging.page(rows, item=AlertView.of, key=lambda one: (one.opened_at, one.alert_id))


@router.get("/{alert_id}", summary="Show an alert", responses={404: {"description": "No such alert"}})
async def show_alert(alert_id: AlertId, request: Request, principal: Reader) -> AlertDetail:
    """Why it was opened, in words and figures, and every step since with both of its times."""
    async with read(request) as connection:
        alert = await find(connection, alert_id, sight=principal.sight_of_tokens)
        if alert is None:
            raise AlertNotFound
        return AlertDetail.with_history(alert, await reading.history(connection, alert_id))


def _responses(example: Any, refusals: str) -> dict[int | str, dict[str, Any]]:
    return {
        201: {"content": {"application/json": {"example": example}}},
        404: {"description": "No such alert"},
        409: {"description": f"{refusals}; or a twin of this request is still running"},
    }


@router.post(
    "/{alert_id}/acknowledgement",
    status_code=201,
    response_model=AlertView,
    summary="Take an alert up",
    response_description="The alert, acknowledged",
    responses=_responses(ACKNOWLEDGED, "Somebody has taken it up already, or it is closed"),
)
async def acknowledge_alert(alert_id: AlertId, request: Request, principal: Writer) -> Response:
    """From now on the alert is the caller's: it no longer closes by itself when the risk falls."""
    alerting: Alerting = request.app.state.alerting
    return await _change(
        request,
        principal,
        alert_id,
        lambda tx: handlers.acknowledge_alert(tx, alert_id, by=principal.subject, alerting=alerting),
    )


@router.post(
    "/{alert_id}/closure",
    status_code=201,
    response_model=AlertView,
    summary="Close an alert",
    response_description="The alert, closed",
    responses=_responses(CLOSED, "It is closed already"),
)
async def close_alert(alert_id: AlertId, body: CloseAlert, request: Request, principal: Writer) -> Response:
    """Taken up before or not. Another alert of this customer opens after the rest of 30 days at the earliest."""
    alerting: Alerting = request.app.state.alerting
    let_rest: handlers.LetRest = request.app.state.let_rest
    return await _change(
        request,
        principal,
        alert_id,
        lambda tx: handlers.close_alert(
            tx, alert_id, body.outcome, by=principal.subject, let_rest=let_rest, alerting=alerting
        ),
    )


async def _change(
    request: Request, principal: Principal, alert_id: UUID, handler: Callable[[Transaction], Awaitable[Alert]]
) -> Response:
    async with read(request) as connection:
        alert = await find(connection, alert_id, sight=principal.sight_of_tokens)
    if alert is None:
        raise AlertNotFound

    async def act(tx: Transaction) -> AlertView:
        return AlertView.of(await handler(tx))

    return await write(request, principal, customers=[alert.customer_id], act=act, status=201)
