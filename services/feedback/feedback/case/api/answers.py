"""Staff answer, resolve and reopen a case; what its state forbids is 409 with the reason as its title."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import ConfigDict, Field
from starlette.responses import Response

from feedback.case.api import examples
from feedback.case.api.cases import CaseId
from feedback.case.api.views import CaseView
from feedback.case.domain.lifecycle import Case, CaseNotFound
from feedback.case.handlers import answers
from feedback.case.store import files
from rapport.events.base import Code
from rapport.messaging.transaction import Transaction
from rapport.web import Body, Principal, read, require, write
from rapport.web.examples import made

router = APIRouter(prefix="/cases", tags=["cases"])
_made = partial(made, missing="No such case")
Writer = Annotated[Principal, Depends(require("cases:write"))]


class Respond(Body):
    """The answer the customer was given."""

    model_config = ConfigDict(json_schema_extra={"example": {"text": examples.ANSWER}}, hide_input_in_errors=True)

    text: str = Field(min_length=1, description="As the customer reads it; encrypted")


class Resolve(Body):
    """What lay behind the case."""

    model_config = ConfigDict(json_schema_extra={"example": {"root_cause": "fee-charged-twice"}})

    root_cause: Code | None = Field(default=None, description="A code of the bank's own list, if the cause is known")


class Reopen(Body):
    """Why the customer is not content."""

    model_config = ConfigDict(json_schema_extra={"example": {"reason": examples.REASON}}, hide_input_in_errors=True)

    reason: str = Field(min_length=1, description="Encrypted")


@router.post(
    "/{case_id}/response",
    status_code=201,
    response_model=CaseView,
    summary="Keep the answer a customer was given",
    response_description="The case, responded to; its first clock is stopped",
    responses=_made(examples.CASE, refusal="It is answered already, it is resolved, or no answer is owed"),
)
async def respond_to_case(case_id: CaseId, body: Respond, request: Request, principal: Writer) -> Response:
    """Stops the `respond` clock. After the deadline the answer still counts, and the breach stays on record."""
    keyring = request.app.state.keyring
    return await _change(
        request,
        principal,
        case_id,
        lambda tx: answers.respond(tx, case_id, body.text, keyring=keyring, by=principal.subject),
    )


@router.post(
    "/{case_id}/resolution",
    status_code=201,
    response_model=CaseView,
    summary="Resolve a case",
    response_description="The case, resolved; its second clock is stopped",
    responses=_made(
        examples.RESOLVED,
        refusal="The customer is not answered yet, it is resolved, or no answer is owed",
    ),
)
async def resolve_case(case_id: CaseId, body: Resolve, request: Request, principal: Writer) -> Response:
    """Stops the `resolve` clock. Only a case whose customer was answered can be resolved."""
    return await _change(
        request, principal, case_id, lambda tx: answers.resolve(tx, case_id, body.root_cause, by=principal.subject)
    )


@router.post(
    "/{case_id}/reopening",
    status_code=201,
    response_model=CaseView,
    summary="Reopen a resolved case",
    response_description="The case, reopened; both clocks begin a new run of 24 hours",
    responses=_made(examples.REOPENED, refusal="It is not resolved, or no answer is owed"),
)
async def reopen_case(case_id: CaseId, body: Reopen, request: Request, principal: Writer) -> Response:
    """The customer is not content and waits as on the first day. What the first run's clocks say stays on record."""
    keyring = request.app.state.keyring
    return await _change(
        request,
        principal,
        case_id,
        lambda tx: answers.reopen(tx, case_id, body.reason, keyring=keyring, by=principal.subject),
    )


async def _change(
    request: Request, principal: Principal, case_id: UUID, handler: Callable[[Transaction], Awaitable[Case]]
) -> Response:
    async with read(request) as connection:
        customer_id = await files.customer_of(connection, case_id, sight=principal.sight)
    if customer_id is None:
        raise CaseNotFound

    async def act(tx: Transaction) -> CaseView:
        return CaseView.of(await handler(tx))

    return await write(request, principal, customers=[customer_id], act=act, status=201)
