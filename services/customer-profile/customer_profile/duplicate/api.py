"""`/duplicates`: the queue of files that may be of one person, a pair side by side, and the decision on it."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import ConfigDict, Field

from customer_profile.customer import store as customers
from customer_profile.customer.api import on_all_customers
from customer_profile.customer.api.routes import locks_of
from customer_profile.customer.api.views import CustomerView
from customer_profile.duplicate import handlers, store
from customer_profile.duplicate.domain.evidence import weight_of
from customer_profile.duplicate.domain.pairs import Decision, DuplicateNotFound, ForOnePerson, ForTwo, State
from customer_profile.duplicate.views import PAIR, SIDE_BY_SIDE, PairView, SideBySide
from rapport.messaging.transaction import Transaction
from rapport.person.store import person_of_each
from rapport.web import Body, Page, Paging, Principal, read, require, write
from rapport.web.examples import answers

router = APIRouter(prefix="/duplicates", tags=["duplicates"])
Reader = Annotated[Principal, Depends(on_all_customers("duplicates:read"))]
Writer = Annotated[Principal, Depends(on_all_customers("duplicates:write"))]
SeesCustomers = Annotated[Principal, Depends(require("customers:read"))]
ByWeight = Annotated[Paging, Depends(Paging.by(int, UUID))]
PairId = Annotated[UUID, Path(description="The pair's id")]
DECISION: dict[str, Any] = {"decision": "dismissed", "reason": "relatives"}


class PairDecision(Body):
    """What somebody has found out about a pair."""

    model_config = ConfigDict(json_schema_extra={"examples": [DECISION]})

    decision: Decision
    reason: ForOnePerson | ForTwo = Field(
        description="Accepted: same-paper-seen, confirmed-by-customer, same-life; dismissed: one of the others"
    )


@router.get("", summary="List probable duplicates")
async def list_pairs(
    request: Request,
    _: Reader,
    paging: ByWeight,
    state: Annotated[State | None, Query(description="Only pairs in this state", examples=["open"])] = None,
    min_probability: Annotated[
        float | None, Query(gt=0, lt=1, description="Only pairs that are of one person with at least this probability")
    ] = None,
) -> Page[PairView]:
    """Pairs of files that may be of one person, the likeliest first: what speaks for it, never a value.

    The job `duplicates` finds them. A dismissed pair is opened again only if its evidence is another.
    """
    least = None if min_probability is None else weight_of(min_probability)
    async with read(request) as connection:
        pairs = await store.page(connection, state=state, least=least, after=paging.after, limit=paging.limit + 1)
    return paging.page(pairs, item=PairView.of, key=lambda pair: (pair.likeness.weight, pair.pair_id))


@router.get(
    "/{pair_id}", summary="Show a probable duplicate", responses=answers(200, SIDE_BY_SIDE, _404="No such pair")
)
async def show_pair(pair_id: PairId, request: Request, _: Reader, principal: SeesCustomers) -> SideBySide:
    """Both files side by side, masked, for who may see customers as well."""
    async with read(request) as connection:
        pair = await store.find(connection, pair_id)
        if pair is None:
            raise DuplicateNotFound("no pair of this id is kept")
        of_pair = [pair.likeness.file_a, pair.likeness.file_b]
        files = await customers.load(connection, of_pair)
        if len(files) < len(of_pair):
            raise DuplicateNotFound("a file of this pair has ended")
        keys = await locks_of(request).keyring.find(connection, of_pair)
        persons = await person_of_each(connection, of_pair)
    views = [CustomerView.of(files[one], keys.get(one), persons[one], principal.roles) for one in of_pair]
    return SideBySide.beside(pair, views)


@router.post(
    "/{pair_id}/decision",
    status_code=201,
    response_model=PairView,
    summary="Decide on a probable duplicate",
    responses=answers(201, PAIR, _404="No such pair", _409="Somebody has decided on it already"),
)
async def decide_on_pair(pair_id: PairId, body: PairDecision, request: Request, principal: Writer) -> Response:
    """Accepted, both files are of one person: that is a proposal to merge them, for another person to approve.

    Dismissed, they are of two. Who decided, when and on what evidence is kept for good. 422 where the reason is of the
    other decision, 409 where the files cannot be merged so: two valid numbers need evidence, see `POST /merges`. Of two
    who decide at once the second is 409.
    """
    locks = locks_of(request)
    async with read(request) as connection:
        pair = await store.find(connection, pair_id)
    # Both are locked, as by whoever proposes to merge them otherwise: of two at once the second sees the first.
    files = [pair.likeness.file_a, pair.likeness.file_b] if pair else []

    async def act(tx: Transaction) -> PairView:
        return PairView.of(
            await handlers.decide(tx, pair_id, body.decision, body.reason, by=principal.key, locks=locks)
        )

    return await write(request, principal, customers=files, act=act)
