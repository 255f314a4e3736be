"""`/merges`: propose that two files are one person, or that they are not, and decide on what others proposed."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from customer_profile.customer.api import on_all_customers
from customer_profile.customer.api.routes import locks_of
from customer_profile.merge import handlers
from customer_profile.merge.domain.proposals import MergeNotFound, Proposal, State
from customer_profile.merge.store import queue
from customer_profile.merge.views import MERGE, MergeView, NewDecision, NewMerge, NewUnmerge
from rapport.events.base import Token
from rapport.messaging.transaction import Transaction
from rapport.web import Page, Paging, Principal, read, write
from rapport.web.examples import answers

router = APIRouter(prefix="/merges", tags=["merges"])
Reader = Annotated[Principal, Depends(on_all_customers("merges:read"))]
Writer = Annotated[Principal, Depends(on_all_customers("merges:write"))]
Approver = Annotated[Principal, Depends(on_all_customers("merges:approve"))]
ById = Annotated[Paging, Depends(Paging.by(UUID))]
MergeId = Annotated[UUID, Path(description="Names the proposal, and the merge that it became")]


@router.post(
    "",
    status_code=201,
    response_model=MergeView,
    summary="Propose a merge",
    responses=answers(201, MERGE, _409="These two cannot be one person; the field and the reason are named"),
)
async def propose_merge(body: NewMerge, request: Request, principal: Writer) -> Response:
    """Nothing changes before another person approves it.

    409 names the field: a file with itself or with one of the same person, one that is not recorded or is erased, two
    valid numbers of one kind of paper without `evidence` of a change.
    """
    evidence = None if body.evidence is None else body.evidence.said()
    locks = locks_of(request)

    async def act(tx: Transaction) -> MergeView:
        proposal = await handlers.propose_merge(
            tx, body.survivor, body.merged, body.reason, evidence, by=principal.key, locks=locks
        )
        return MergeView.of(proposal)

    return await write(
        request,
        principal,
        customers=[body.survivor, body.merged],
        act=act,
        location=lambda made: f"/merges/{made.merge_id}",
    )


@router.get("", summary="List proposals", responses=answers(200, {"items": [MERGE], "next": None}))
async def list_merges(
    request: Request,
    _: Reader,
    paging: ById,
    state: Annotated[State | None, Query(description="Only those in this state: `open` is the queue")] = None,
    customer_id: Annotated[Token | None, Query(description="Only those that name this file")] = None,
) -> Page[MergeView]:
    """Merges and unmerges, the oldest first, with who proposed and who decided."""
    async with read(request) as connection:
        found = await queue.page(connection, state=state, file=customer_id, after=paging.key, limit=paging.limit + 1)
    return paging.page(found, item=MergeView.of, key=lambda proposal: (proposal.merge_id,))


@router.get("/{merge_id}", summary="Show a proposal", responses=answers(200, MERGE, _404="No such merge"))
async def show_merge(merge_id: MergeId, request: Request, _: Reader) -> MergeView:
    """What was proposed, and what became of it."""
    return MergeView.of(await _found(request, merge_id))


@router.post(
    "/{merge_id}/decision",
    status_code=201,
    response_model=MergeView,
    summary="Decide on a proposal",
    responses=answers(
        201,
        MERGE,
        _403="Who proposed it does not decide on it",
        _404="No such merge",
        _409="It is decided, or is no longer possible: the field and the reason are named",
    ),
)
async def decide_merge(merge_id: MergeId, body: NewDecision, request: Request, principal: Approver) -> Response:
    """Approved by another person than who proposed it, the files are one person, or two again, at once.

    Nothing of any file changes. Where the bank's ECIF is master, what is approved is `recommended`; its word merges,
    and says by that whether the recommendation is adopted.
    """
    state, locks = request.app.state, locks_of(request)

    async def act(tx: Transaction) -> MergeView:
        decided = await handlers.decide(
            tx, merge_id, body.decision, by=principal.key, locks=locks, master=state.merge_master
        )
        return MergeView.of(decided)

    proposal = await _found(request, merge_id)
    return await write(request, principal, customers=[proposal.survivor, proposal.merged], act=act)


@router.post(
    "/{merge_id}/unmerge",
    status_code=201,
    response_model=MergeView,
    summary="Propose to undo a merge",
    responses=answers(
        201,
        MERGE | {"kind": "unmerge", "undoes": MERGE["merge_id"], "reason": "mistaken", "evidence": None},
        _404="No such merge",
        _409="It does not hold, or a later merge is built on it, which is named: that one is undone first",
    ),
)
async def propose_unmerge(merge_id: MergeId, body: NewUnmerge, request: Request, principal: Writer) -> Response:
    """A proposal of its own, for another person to decide on: a wrong unmerge mixes up as much as a wrong merge.

    Of a merge that the bank's ECIF told too, by the id of its event.
    """
    async with read(request) as connection:
        merge = await handlers.merge_of(connection, merge_id)

    async def act(tx: Transaction) -> MergeView:
        return MergeView.of(await handlers.propose_unmerge(tx, merge_id, body.reason, by=principal.key))

    return await write(
        request,
        principal,
        customers=[merge.survivor, merge.merged],
        act=act,
        location=lambda made: f"/merges/{made.merge_id}",
    )


async def _found(request: Request, merge_id: UUID) -> Proposal:
    async with read(request) as connection:
        proposal = await queue.find(connection, merge_id)
    if proposal is None:
        raise MergeNotFound("nothing of this merge_id was proposed")
    return proposal
