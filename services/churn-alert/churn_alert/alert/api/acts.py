"""What people do about an alert: take it up, let it rest, hand it on, close it."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from churn_alert.alert import acts
from churn_alert.alert.api.lists import AlertId, shown
from churn_alert.alert.domain.lifecycle import Alert, AlertNotFound
from churn_alert.alert.store import reading
from churn_alert.alert.views import (
    ACKNOWLEDGED,
    CLOSED,
    REASSIGNED,
    SNOOZED,
    AlertView,
    CloseAlert,
    ReassignAlert,
    SnoozeAlert,
)
from rapport.messaging.transaction import Transaction
from rapport.web import Principal, read, require, write
from rapport.web.examples import made

router = APIRouter(prefix="/alerts/{alert_id}", tags=["alerts"])
_made = partial(made, missing="No such alert")
Writer = Annotated[Principal, Depends(require("alerts:write"))]
Assigner = Annotated[Principal, Depends(require("alerts:assign"))]
Do = Callable[[Transaction, acts.Act], Awaitable[Alert]]


@router.post(
    "/acknowledgement",
    status_code=201,
    response_model=AlertView,
    summary="Acknowledge an alert",
    response_description="The alert, taken up",
    responses=_made(ACKNOWLEDGED, refusal="Somebody has taken it up already, or it is closed"),
)
async def acknowledge_alert(alert_id: AlertId, request: Request, principal: Writer) -> Response:
    """From now on the alert is the caller's: it no longer closes by itself when the risk falls. A snooze is over."""
    return await _change(request, principal, alert_id, acts.acknowledge_alert)


@router.post(
    "/snooze",
    status_code=201,
    response_model=AlertView,
    summary="Snooze an alert",
    response_description="The alert, resting",
    responses=_made(SNOOZED, refusal="It is closed, or has rested as often as the alert policy allows"),
)
async def snooze_alert(alert_id: AlertId, body: SnoozeAlert, request: Request, principal: Writer) -> Response:
    """It is neither overdue nor escalated until that time, and then comes back by itself. Another snooze replaces
    this one."""
    return await _change(request, principal, alert_id, lambda tx, act: acts.snooze_alert(tx, act, body.until))


@router.post(
    "/assignment",
    status_code=201,
    response_model=AlertView,
    summary="Hand an alert to another employee",
    response_description="The alert, somebody else's",
    responses=_made(REASSIGNED, refusal="It is closed"),
)
async def reassign_alert(alert_id: AlertId, body: ReassignAlert, request: Request, principal: Assigner) -> Response:
    """To one who looks after customers and works here now; by a lead within the own unit. The new owner sees the alert
    while it is open, and the customer's manager goes on seeing it. Who changes hands takes the alert along."""
    return await _change(request, principal, alert_id, lambda tx, act: acts.reassign_alert(tx, act, body.owner))


@router.post(
    "/closure",
    status_code=201,
    response_model=AlertView,
    summary="Close an alert",
    response_description="The alert, closed",
    responses=_made(CLOSED, refusal="It is closed already"),
)
async def close_alert(alert_id: AlertId, body: CloseAlert, request: Request, principal: Writer) -> Response:
    """Taken up before or not. Another alert of this customer opens after the rest of 30 days at the earliest."""
    let_rest: acts.LetRest = request.app.state.let_rest

    async def closing(tx: Transaction, act: acts.Act) -> Alert:
        return await acts.close_alert(tx, act, body.outcome, outcome_at=body.outcome_at, let_rest=let_rest)

    return await _change(request, principal, alert_id, closing)


async def _change(request: Request, principal: Principal, alert_id: UUID, do: Do) -> Response:
    sight, alerting = principal.sight_of_tokens, request.app.state.alerting
    async with read(request) as connection:
        alert = await reading.seen(connection, alert_id, sight)
    if alert is None:
        raise AlertNotFound
    act = acts.Act(alert_id, principal.subject, alerting, is_bound=sight.extent == "team")

    async def acting(tx: Transaction) -> AlertView:
        (view,) = await shown(tx.connection, [await do(tx, act)], alerting)
        return view

    return await write(request, principal, customers=[alert.customer_id], act=acting, status=201)
