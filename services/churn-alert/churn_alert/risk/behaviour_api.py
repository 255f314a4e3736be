"""Behaviour over REST: what a customer does, by product, channel, kind of contact and account."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from churn_alert.risk.behaviour_shown import (
    accounts_of,
    channels_of,
    held_of,
    products_of,
    services_of,
    stream_of,
)
from churn_alert.risk.behaviour_views import BehaviourView, Scale
from churn_alert.risk.domain.behaviour import RiskNotFound
from churn_alert.risk.domain.crossing import Rules
from churn_alert.risk.domain.parts import AUTOMATIC, OWN
from churn_alert.risk.store import reading
from churn_alert.risk.store.holdings import held_by
from churn_alert.risk.store.tallies import parts_of
from rapport.clock import utc_now
from rapport.sight.access import CustomerId, on_customer
from rapport.sight.store import seen_of
from rapport.web import Principal, backend, read

router = APIRouter()
OfCustomer = Annotated[Principal, Depends(on_customer("risks:read", unknown=RiskNotFound))]


@router.get(
    "/risks/{customer_id}/behaviour",
    summary="Show what a customer's behaviour is made of",
    responses={404: {"description": "Nothing was heard of this customer"}},
)
async def show_behaviour(customer_id: CustomerId, request: Request, principal: OfCustomer) -> BehaviourView:
    """By product, channel, kind of contact and account: how often, for how much, and whether it wanes.

    What customers do themselves is kept apart from what is booked for them. Of a file that was merged into another it
    is the behaviour of the person. Empty of who refused such care, or whose relationship is restricted.
    """
    rules: Rules = request.app.state.rules
    async with read(request) as connection:
        seen = await reading.find(connection, customer_id, [])
        if seen is None:
            raise RiskNotFound
        is_withheld = seen.risk.is_left_alone
        parts = {} if is_withheld else await parts_of(connection, seen.files)
        held = [] if is_withheld else await held_by(connection, seen.files)
        files = await seen_of(connection, seen.files, principal.sight_of_tokens)
    service = backend(request).transactions.service
    as_of = (seen.position if service.is_stream_time else None) or utc_now()
    scale = Scale(at=as_of, currency=rules.bank.currency)
    return BehaviourView(
        customer_id=customer_id,
        merged_into=None if seen.risk.customer_id == customer_id else seen.risk.customer_id,
        files=list(files),
        is_withheld=is_withheld,
        own=stream_of(parts, OWN, scale),
        automatic=stream_of(parts, AUTOMATIC, scale),
        products=products_of(parts, scale),
        channels=channels_of(parts, scale),
        services=services_of(parts, scale),
        accounts=accounts_of({} if is_withheld else seen.risk.accounts, parts, scale, principal.roles),
        held=held_of(held),
        currency=rules.bank.currency,
        as_of=as_of,
    )
