"""`/audits`: the management audit of a period, for who answers for the handling of personal data or audits it."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.exceptions import RequestValidationError

from customer_profile.audit.handlers import draw_up
from customer_profile.audit.views import AUDIT, AuditView
from customer_profile.customer.api import on_all_customers
from rapport.clock import utc_now
from rapport.events.base import Day
from rapport.web import Principal, read

router = APIRouter(prefix="/audits", tags=["trails"])
Auditor = Annotated[Principal, Depends(on_all_customers("audits:read"))]
_DAYS = 30
_MOST_DAYS = 366
_STATE = ("contact_rules", "purposes", "merge_master")


@router.get(
    "",
    summary="Show the management audit of a period",
    responses={200: {"content": {"application/json": {"example": AUDIT}}}},
)
async def show_audit(
    request: Request,
    _: Auditor,
    since: Annotated[Day | None, Query(alias="from", description="The first day; thirty days back")] = None,
    until: Annotated[Day | None, Query(alias="to", description="The last day; today. A year later at most")] = None,
) -> AuditView:
    """Who did what by role and operation, who saw identity in clear unusually often, what is overdue, whose rights
    nobody used for ninety days, and which rules are in force. It is counted from the trails and names no customer.
    """
    zone = request.app.state.calendar.zone
    last = until or utc_now().astimezone(zone).date()
    first = since or last - timedelta(days=_DAYS)
    if not timedelta() <= last - first <= timedelta(days=_MOST_DAYS):
        message = f"must be at most {_MOST_DAYS} days before `to`, and not after it"
        raise RequestValidationError([{"type": "value_error", "loc": ("query", "from"), "msg": message}])
    state = {name: getattr(request.app.state, name) for name in _STATE}
    async with read(request) as connection:
        report = await draw_up(connection, first, last, zone=zone, state=state)
    return AuditView.of(report)
