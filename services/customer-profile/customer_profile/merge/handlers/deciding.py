"""Decisions on proposals, by another person than who proposed: approved, a proposal is an act at once."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from customer_profile.customer.identity import Locks
from customer_profile.merge.domain.acts import Act
from customer_profile.merge.domain.proposals import Decision, MergeNotFound, Proposal
from customer_profile.merge.handlers.acting import enter
from customer_profile.merge.handlers.answering import with_answers
from customer_profile.merge.handlers.proposing import merge_to_undo, survivors_to_merge
from customer_profile.merge.store import ledger, queue
from rapport.messaging.transaction import Transaction

Master = Literal["bank", "ours"]
_MOMENT = timedelta(microseconds=1)


async def decide(
    tx: Transaction, merge_id: UUID, decision: Decision, *, by: str, locks: Locks, master: Master
) -> Proposal:
    """What is approved is judged again as it is now. Where the bank's ECIF is master it is recommended and no act, and
    adopted at once where its word has come before.

    Raises MergeNotFound, MergeDecidedAlready, DeciderIsProposer, MergeImpossible, MergeNotInForce, UnmergeOutOfOrder.
    """
    await ledger.lock_acts(tx.connection)
    proposal = await queue.find(tx.connection, merge_id, lock=True)
    if proposal is None:
        raise MergeNotFound("nothing of this merge_id was proposed")
    proposal.demand_decision_by(by)
    decided = replace(proposal, state="refused", decided_by=by, decided_at=tx.now)
    if decision == "approve":
        decided = replace(decided, state="approved")
        if master == "bank":
            (decided,) = await with_answers(tx, [decided])
        if decided.state != "adopted":
            await _act_on(tx, decided, locks, is_ours=master == "ours")
    await queue.decide(tx.connection, decided)
    return decided


async def _act_on(tx: Transaction, decided: Proposal, locks: Locks, *, is_ours: bool) -> None:
    if decided.undoes is None:
        two = await survivors_to_merge(tx, decided.survivor, decided.merged, decided.evidence, locks=locks)
    else:
        undone = await merge_to_undo(tx, decided.undoes, [decided.survivor, decided.merged])
        two = (undone.survivor, undone.merged)
    if is_ours:
        now = tx.clock_of(decided.survivor)
        act = Act(decided.merge_id, decided.kind, *two, await _later(tx, two, now))
        await enter(
            tx,
            act,
            reason=decided.reason,
            at=now,
            evidence=decided.evidence,
            proposed_by=decided.proposed_by,
            decided_by=decided.decided_by,
        )


async def _later(tx: Transaction, files: tuple[str, str], now: datetime) -> datetime:
    """The moment of an act that is to count: now, or just after a word on these files that is dated later."""
    return max([now, *(act.at + _MOMENT for act in await ledger.acts_on(tx.connection, files))])
