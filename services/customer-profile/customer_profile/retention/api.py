"""`/retention`, `/holds` and the life of a file: what is due, who agrees, what keeps it, what became of it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from customer_profile.customer import store as customers
from customer_profile.customer.api import CustomerId, on_all_customers, on_customer
from customer_profile.customer.domain import CustomerNotFound
from customer_profile.retention import handlers
from customer_profile.retention.domain.agreeing import Batch, BatchNotFound, HoldNotFound, State
from customer_profile.retention.store import batches, holds
from customer_profile.retention.views import (
    BATCH,
    HOLD,
    STEP,
    BatchDecision,
    BatchView,
    FileStepView,
    HoldAsked,
    HoldView,
)
from rapport.events.base import Token
from rapport.messaging.transaction import Transaction
from rapport.web import Page, Paging, Principal, read, write
from rapport.web.examples import answers

router = APIRouter(tags=["retention"])
Reader = Annotated[Principal, Depends(on_all_customers("retention:read"))]
Approver = Annotated[Principal, Depends(on_all_customers("retention:approve"))]
Holder = Annotated[Principal, Depends(on_customer("holds:write"))]
ById = Annotated[Paging, Depends(Paging.by(UUID))]
BatchId = Annotated[UUID, Path(description="Names the batch")]
HoldId = Annotated[UUID, Path(description="Names the hold")]


@router.get(
    "/retention/batches",
    summary="List what was found due to end",
    responses=answers(200, {"items": [BATCH], "next": None}),
)
async def list_batches(
    request: Request,
    _: Reader,
    paging: ById,
    state: Annotated[State | None, Query(description="Only those in this state: `open` waits for two people")] = None,
) -> Page[BatchView]:
    """Batches that `retention --propose` made, the oldest first, each with how many files are to end how."""
    async with read(request) as connection:
        found = await batches.page(connection, state=state, after=paging.key, limit=paging.limit + 1)
        files = await batches.summary(connection, [batch.batch_id for batch in found])
    return paging.page(found, item=lambda batch: BatchView.of(batch, files), key=lambda batch: (batch.batch_id,))


@router.get(
    "/retention/batches/{batch_id}", summary="Show a batch", responses=answers(200, BATCH, _404="No such batch")
)
async def show_batch(batch_id: BatchId, request: Request, _: Reader) -> BatchView:
    """What was found due, who agreed, and how far it is carried out."""
    async with read(request) as connection:
        batch = await batches.find(connection, batch_id)
        if batch is None:
            raise BatchNotFound("no batch has this batch_id")
        return BatchView.of(batch, await batches.summary(connection, [batch_id]))


@router.post(
    "/retention/batches/{batch_id}/decision",
    status_code=201,
    response_model=BatchView,
    summary="Agree that files end, or refuse",
    responses=answers(
        201, BATCH, _403="Who confirmed it does not approve it", _404="No such batch", _409="It is decided"
    ),
)
async def decide_batch(batch_id: BatchId, body: BatchDecision, request: Request, principal: Approver) -> Response:
    """The first who approves confirms it, a second person's word approves it; then the job carries it out, and what it
    destroys nobody brings back. Either may refuse, and its files are proposed again by the next run.
    """

    async def act(tx: Transaction) -> BatchView:
        batch: Batch = await handlers.decide(tx, batch_id, body.decision, by=principal.key)
        return BatchView.of(batch, await batches.summary(tx.connection, [batch_id]))

    return await write(request, principal, act=act)


@router.post(
    "/customers/{customer_id}/holds",
    status_code=201,
    response_model=HoldView,
    summary="Hold a file for the law",
    responses=answers(201, HOLD, _404="No such customer"),
)
async def hold_file(customer_id: CustomerId, body: HoldAsked, request: Request, principal: Holder) -> Response:
    """Nothing of the file, nor of another file of the same person, is archived or destroyed up to the day `until`.

    One person sets it, so that nothing is lost meanwhile; it is let go before its day by two.
    """
    zone = request.app.state.calendar.zone

    async def act(tx: Transaction) -> HoldView:
        return HoldView.of(await handlers.hold(tx, customer_id, body.reason, body.until, by=principal.key, zone=zone))

    return await write(request, principal, customers=[customer_id], act=act)


@router.get("/holds", summary="List holds", responses=answers(200, {"items": [HOLD], "next": None}))
async def list_holds(
    request: Request,
    _: Reader,
    paging: ById,
    customer_id: Annotated[Token | None, Query(description="Only those on this customer's file")] = None,
) -> Page[HoldView]:
    """Every hold, the oldest first, with who set it and who let it go."""
    async with read(request) as connection:
        found = await holds.page(connection, customer_id=customer_id, after=paging.key, limit=paging.limit + 1)
    return paging.page(found, item=HoldView.of, key=lambda hold: (hold.hold_id,))


@router.post(
    "/holds/{hold_id}/release",
    status_code=201,
    response_model=HoldView,
    summary="Let a held file go",
    responses=answers(201, HOLD, _403="Who asked does not agree", _404="No such hold", _409="It has ended"),
)
async def release_hold(hold_id: HoldId, request: Request, principal: Approver) -> Response:
    """The first call asks for the release, another person's call releases."""
    zone = request.app.state.calendar.zone
    async with read(request) as connection:
        held = await holds.find(connection, hold_id)
    if held is None:
        raise HoldNotFound("no hold has this hold_id")

    async def act(tx: Transaction) -> HoldView:
        return HoldView.of(await handlers.release(tx, hold_id, by=principal.key, zone=zone))

    return await write(request, principal, customers=[held.customer_id], act=act)


@router.get(
    "/customers/{customer_id}/life",
    summary="List the steps of a file's life",
    responses=answers(200, {"items": [STEP], "next": None}, _404="No such customer"),
)
async def list_life(customer_id: CustomerId, request: Request, _: Reader, paging: ById) -> Page[FileStepView]:
    """From its collection to its end, the oldest first. Of a destroyed file this is all there is."""
    async with read(request) as connection:
        found = await customers.life(connection, customer_id, after=paging.key, limit=paging.limit + 1)
    if not found and paging.key is None:
        raise CustomerNotFound
    return paging.page(found, item=FileStepView.of, key=lambda step: (step.step_id,))
