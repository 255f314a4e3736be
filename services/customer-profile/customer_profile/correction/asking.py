"""Asking for a correction over REST: the same by staff on a customer's behalf and by the customer over a channel."""

from collections.abc import Callable
from typing import TypeVar

from fastapi import Request, Response
from pydantic import BaseModel

from customer_profile.correction import handlers
from customer_profile.correction.domain import Calendar, Correction
from customer_profile.correction.views import NewOwnCorrection
from customer_profile.customer.api.routes import locks_of
from rapport.messaging.transaction import Transaction
from rapport.web import Principal, write

V = TypeVar("V", bound=BaseModel)


async def ask_for(
    request: Request,
    principal: Principal,
    customer_id: str,
    body: NewOwnCorrection,
    view: Callable[[Correction], V],
    *,
    location: Callable[[V], str] | None = None,
) -> Response:
    """Keep a request, and answer with a view of it."""
    locks = locks_of(request)
    calendar: Calendar = request.app.state.calendar

    async def act(tx: Transaction) -> V:
        made = await handlers.ask(
            tx,
            customer_id,
            body.values(),
            evidence_digest=body.evidence_digest,
            channel=body.channel,
            by=principal.key,
            locks=locks,
            calendar=calendar,
        )
        return view(made)

    return await write(request, principal, customers=[customer_id], act=act, location=location)
