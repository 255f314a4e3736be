"""`GET /customers/{customer_id}/portrait`: all that is known of a customer, masked, in one read."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from customer_profile.consent.domain.ledger import states_of
from customer_profile.customer.api import CustomerId, access
from customer_profile.customer.identity import Locks
from customer_profile.portrait import store
from customer_profile.portrait.domain import MONTHS
from customer_profile.portrait.examples import PORTRAIT
from customer_profile.portrait.views import PortraitView
from rapport.clock import utc_now
from rapport.web import Principal, backend, read, require

router = APIRouter(prefix="/customers/{customer_id}/portrait", tags=["customers"])
Reader = Annotated[Principal, Depends(require("customers:read"))]


@router.get(
    "",
    summary="Show all that is known of a customer",
    responses={
        200: {"content": {"application/json": {"example": PORTRAIT}}},
        404: {"description": "No such customer"},
    },
)
async def show_portrait(customer_id: CustomerId, request: Request, principal: Reader) -> PortraitView:
    """The file, accounts, turnover of twelve months, holdings, risk preference, tier with its reasons, stage of life,
    risk of leaving and the open alert on it, open cases, consents and recent interactions, from this service's own copy
    of what the others tell. Who looks after customers of their own is not shown an alert that is held out, and the risk
    beside an open alert alone.

    Of a customer with several files all but `basic` is of all of them, by whichever it is asked for.
    Every part says as of when it is and how many records of its source are not handled yet.
    """
    locks: Locks = request.app.state.locks
    now, calendar = utc_now(), request.app.state.calendar
    until = now.astimezone(calendar.zone)
    async with read(request) as connection:
        # Not by `on_customer`, whose read would be a transaction more: of all reads this one is made most.
        found = await store.find(connection, customer_id, sight=principal.sight, months=MONTHS, until=until)
        if found is None:
            raise await access.unfound(connection, customer_id, sight=principal.sight)
    keys = await locks.keyring.open(found.keys)
    prefix = backend(request).transactions.service.topic_prefix
    consents = states_of(list(found.consents.values()), request.app.state.purposes, now)
    return PortraitView.of(found, consents, keys.get(customer_id), principal.roles, topic_prefix=prefix, at=now)
