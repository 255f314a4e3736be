"""A product pitch over REST: the one node of the service that no system of the bank tells of."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from churn_alert.intervention.api.common import Writer
from churn_alert.intervention.handlers.opening import CustomerNotKnown, note_pitch
from churn_alert.intervention.views import NOTED, NotePitch, PitchNoted
from churn_alert.playbook.domain.playbooks import Shelf
from rapport.messaging.transaction import Transaction
from rapport.sight.store import sees
from rapport.web import read, write
from rapport.web.examples import answers

router = APIRouter(prefix="/product-pitches", tags=["interventions"])


@router.post(
    "",
    status_code=201,
    response_model=PitchNoted,
    summary="Note that a product was offered",
    response_description="That it was noted",
    responses=answers(
        201,
        NOTED,
        _404="Nothing was heard of this customer",
        _409="A twin of this request is still running",
    ),
)
async def note_product_pitch(body: NotePitch, request: Request, principal: Writer) -> Response:
    """The playbook of this node begins, where one fits, the customer does not refuse it and the lot is for it."""
    async with read(request) as connection:
        if not await sees(connection, body.customer_id, principal.sight_of_tokens):
            raise CustomerNotKnown
    shelf: Shelf = request.app.state.playbooks[1]

    async def act(tx: Transaction) -> PitchNoted:
        await note_pitch(tx, body.customer_id, body.product, shelf=shelf)
        return PitchNoted(customer_id=body.customer_id, product=body.product)

    return await write(request, principal, customers=[body.customer_id], act=act, status=201)
