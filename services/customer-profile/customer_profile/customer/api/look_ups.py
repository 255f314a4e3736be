"""`POST /customers/look-up`: find customers by a number. In the body and nowhere else, since addresses are logged."""

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from customer_profile.customer import handlers
from customer_profile.customer.api.access import noting_refusal, on_all_customers
from customer_profile.customer.api.routes import locks_of
from customer_profile.customer.domain import LookUp
from rapport.events.base import Unseparated
from rapport.messaging.transaction import Transaction
from rapport.web import Body, Principal, write

router = APIRouter(prefix="/customers/look-up", tags=["customers"])
Looker = Annotated[Principal, Depends(on_all_customers("customers:look-up"))]
Purpose = Literal["service", "onboarding", "complaint", "data-quality", "compliance"]
_FIELDS = {"id-number": "id_number", "phone": "phone"}

_ASKED: dict[str, Any] = {"kind": "phone", "number": "138 1234 1234", "purpose": "service"}
_FOUND: dict[str, Any] = {"look_up_id": "019540b2-7c11-7e53-b1a4-6f3f0f6f2c11", "customers": ["9f1c0a6d2be84c5aa1d3"]}


class LookUpAsked(Body):
    """A number that somebody gave, and what it is looked for."""

    model_config = ConfigDict(hide_input_in_errors=True, json_schema_extra={"examples": [_ASKED]})

    kind: Literal["id-number", "phone"]
    number: Annotated[str, StringConstraints(min_length=1, max_length=40), Unseparated] = Field(
        description="The whole number, in any way of writing; a phone without a country's code is of China"
    )
    purpose: Purpose = Field(description="Kept with who looked and when; the number is not")


class LookUpView(BaseModel):
    """Who was found; the files are read by their tokens."""

    model_config = ConfigDict(json_schema_extra={"examples": [_FOUND]})

    look_up_id: UUID
    customers: list[str] = Field(description="Tokens; several where several files have the number")

    @classmethod
    def of(cls, looked: LookUp) -> Self:
        """The view of a look-up."""
        return cls(look_up_id=looked.id, customers=list(looked.customers))


@router.post(
    "",
    status_code=201,
    response_model=LookUpView,
    summary="Look customers up by a number",
    responses={201: {"content": {"application/json": {"example": _FOUND}}}},
)
async def look_up(body: LookUpAsked, request: Request, principal: Looker) -> Response:
    """Customers with this resident id, other paper or phone, whole and equal; nobody is found by a part of a number.

    Each look-up is noted: who, when, by what, to what end, and whether somebody was found. The number is not kept.
    Who tries out numbers finds few: there is a limit by the minute, and what it refuses is noted too. A repeat is a
    look-up of its own, so there is no Idempotency-Key.
    """
    locks, at_most = locks_of(request), request.app.state.look_ups_per_minute
    field, who = _FIELDS[body.kind], principal.key

    async def act(tx: Transaction) -> LookUpView:
        looked = await handlers.look_up(
            tx, field, body.number, purpose=body.purpose, by=who, locks=locks, at_most=at_most
        )
        return LookUpView.of(looked)

    async def note(tx: Transaction) -> None:
        await handlers.note_refused(tx, field, purpose=body.purpose, by=who)

    async with noting_refusal(request, principal, note):
        return await write(request, principal, act=act, is_kept=False)
