"""Channels and employees hand over what a customer said."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import ConfigDict, Field, ValidationInfo, field_validator
from starlette.responses import Response

from feedback.case.api import examples
from feedback.case.api.views import Receipt
from feedback.case.domain.assessment import Kind
from feedback.case.domain.lifecycle import CustomerNotFound, Submission
from feedback.case.handlers import submissions
from rapport.events.bank import Channel
from rapport.events.base import Code, Token
from rapport.ids import new_id
from rapport.messaging.transaction import Transaction
from rapport.sight.store import seen_of
from rapport.web import Body, Principal, read, require, write

router = APIRouter(prefix="/feedback", tags=["feedback"])
Writer = Annotated[Principal, Depends(require("feedback:write"))]


class SubmitFeedback(Body):
    """What a customer said, as the channel heard it. The moment is ours; a channel's clock is not asked."""

    model_config = ConfigDict(json_schema_extra={"example": examples.SUBMISSION}, hide_input_in_errors=True)

    customer_id: Token = Field(description="The customer's token, never a bank's own number")
    channel: Channel
    kind: Kind
    rating: int | None = Field(
        default=None, ge=1, le=5, validate_default=True, description="Of five; required when kind is rating"
    )
    text: str = Field(
        default="",
        validate_default=True,
        description="In the customer's own words; required without a rating; encrypted",
    )
    language: Literal["zh", "en", "other"] = "zh"
    product: Code | None = None
    unit: Code | None = None

    @field_validator("rating")
    @classmethod
    def _a_rating_is_given_when_it_is_all(cls, rating: int | None, info: ValidationInfo) -> int | None:
        if rating is None and info.data.get("kind") == "rating":
            raise ValueError("is required when kind is rating")
        return rating

    @field_validator("text")
    @classmethod
    def _something_is_said(cls, text: str, info: ValidationInfo) -> str:
        if not text and "rating" in info.data and info.data["rating"] is None:
            raise ValueError("is required without a rating")
        return text


@router.post(
    "",
    status_code=201,
    response_model=Receipt,
    summary="Hand over what a customer said",
    response_description="It is kept; `Location` names its case",
    responses={404: {"description": "No such customer"}},
)
async def submit_feedback(body: SubmitFeedback, request: Request, principal: Writer) -> Response:
    """Complaints, enquiries, suggestions and whatever was rated 1 or 2 of 5 open a case with two clocks: an answer and
    a solution within 24 hours each. Praise and a rating of 3 or more are kept, and nobody owes an answer.

    Of a customer whom the caller does not see nothing is taken, as of one whom nobody knows: 404.

    Send an `Idempotency-Key`, and a repeat after a lost answer opens no second case.
    """
    async with read(request) as connection:
        if not await seen_of(connection, [body.customer_id], principal.sight):
            raise CustomerNotFound
    keyring = request.app.state.keyring

    async def act(tx: Transaction) -> Receipt:
        said = Submission(case_id=new_id(), submitted_at=tx.clock_of(body.customer_id), **body.model_dump())
        return Receipt.of(await submissions.record_feedback(tx, said, keyring=keyring, by=principal.subject))

    return await write(
        request,
        principal,
        customers=[body.customer_id],
        act=act,
        status=201,
        location=lambda receipt: f"/cases/{receipt.case_id}",
    )
