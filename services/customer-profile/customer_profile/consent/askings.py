"""`/customers/{customer_id}/consents/askings`: note that a customer is asked, or hear why nobody may ask."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from customer_profile.consent import handlers
from customer_profile.consent.domain.asking import Asking
from customer_profile.consent.domain.ledger import Channel
from customer_profile.customer.api import CustomerId, on_customer
from rapport.events.base import Code
from rapport.messaging.transaction import Transaction
from rapport.web import Body, Principal, write
from rapport.web.examples import answers

router = APIRouter(prefix="/customers/{customer_id}/consents/askings", tags=["consents"])
Writer = Annotated[Principal, Depends(on_customer("consents:write"))]

NEW_ASKING: dict[str, Any] = {"purpose": "marketing-phone", "channel": "contact-centre"}
ASKING: dict[str, Any] = {
    "asking_id": "019540b2-7c11-7e53-b1a4-6f3f0f6f2c11",
    **NEW_ASKING,
    "notice_version": 1,
    "asked_at": "2026-03-02T08:15:00Z",
    "asked_by": "https://login.bank.example e-4471",
}


class NewAsking(Body):
    """What a customer is to be asked for, and where."""

    model_config = ConfigDict(json_schema_extra={"examples": [NEW_ASKING]})

    purpose: Code
    channel: Channel


class AskingView(BaseModel):
    """A question that may be put now."""

    model_config = ConfigDict(json_schema_extra={"examples": [ASKING]})

    asking_id: UUID
    purpose: str
    channel: Channel
    notice_version: int = Field(description="Of the notice to be shown, which is among the customer's consents")
    asked_at: datetime
    asked_by: str = Field(description="Issuer and subject of the caller's token")

    @classmethod
    def of(cls, asking: Asking) -> Self:
        """The view of an asking."""
        return cls.model_validate(asking, from_attributes=True)


@router.post(
    "",
    status_code=201,
    response_model=AskingView,
    summary="Note that a customer is asked for a consent",
    responses=answers(
        201,
        ASKING,
        _404="No such customer",
        _409="The customer said no not long ago, and is not asked before the day that is named; or has said yes",
    ),
)
async def note_asking(customer_id: CustomerId, body: NewAsking, request: Request, principal: Writer) -> Response:
    """Told before the question is put. For some time after a no on any file of the person nobody asks again: 409 names
    the purpose and from when on it is allowed. What the customer answers, or does unasked, is an act of consent.
    """
    return await ask(request, principal, customer_id, body)


async def ask(request: Request, principal: Principal, customer_id: str, body: NewAsking) -> Response:
    """Note it, unless a no of the person is still respected."""

    async def act(tx: Transaction) -> AskingView:
        asking = await handlers.note_asking(
            tx,
            customer_id,
            body.purpose,
            body.channel,
            purposes=request.app.state.purposes,
            by=principal.key,
        )
        return AskingView.of(asking)

    return await write(request, principal, customers=[customer_id], act=act)
