"""What the worker does for a version in batches, each a transaction of its own: a worker that dies loses one."""

from rapport.messaging.transaction import Transactions
from scoring.release import store
from scoring.scorecard.documents import ScorecardContent
from scoring.scorecard.handlers import take_up_approved
from scoring.scorecard.store import scorecards
from scoring.standing.domain.evidence import values_of
from scoring.standing.domain.rules import Rules
from scoring.standing.domain.tiering import next_due
from scoring.standing.store import book, due_times
from scoring.standing.taking_up import take_up

_PAGE = 500


async def score_book(transactions: Transactions, *, rules: Rules) -> bool:
    """Score the next customers with the draft of a dry-run; nothing of it reaches a standing. False: none is asked for.

    Each customer as of the clock at the moment of the batch, as a request would be shown.
    """
    async with transactions.begin() as tx:
        run = await store.claim_dry_run(tx.connection)
        if run is None:
            return False
        await take_up(rules, tx.connection)
        document = await scorecards.document(tx.connection, run.version)
        draft = ScorecardContent.stored(document).card(run.version, run.requested_at)
        standings = await book.load_page(tx.connection, after=run.scored_up_to, limit=_PAGE)
        for standing in standings:
            at = tx.clock_of(standing.customer_id)
            present = rules.cards.at(at)
            values = values_of(standing, at, rules.bank, rules.rates, rules.model_for(at, present, draft))
            run.score(standing.course.tier, values, present, draft)
        if len(standings) < _PAGE:
            run.finished_at, run.customers_total = tx.now, run.customers_done
        else:
            run.scored_up_to = standings[-1].customer_id
        await store.save_dry_run(tx.connection, run)
    return True


async def bring_forward(transactions: Transactions, *, rules: Rules) -> bool:
    """Set the due times of the next customers anew after a version was approved or withdrawn. False: no such change.

    A due time is a function of the standing and the versions, so doing it twice changes nothing. It waits until nobody
    decides by the former versions, and holds the customers: what a worker decided before is seen, what comes after
    knows the version.
    """
    async with transactions.begin() as tx:
        change = await store.claim_change(tx.connection, tx.now)
        if change is None:
            return False
        version, after = change
        await take_up_approved(rules.cards, tx.connection, at_once=True)
        ids = await book.page(tx.connection, after=after, limit=_PAGE)
        await tx.lock(ids)
        due = [
            (one.customer_id, moment)
            for one in await book.schedules(tx.connection, ids)
            if (moment := next_due(rules, one.tier_since, one.below_since, one.decided_at, one.override_until))
            != one.due_at
        ]
        await due_times.move(tx.connection, due)
        is_over = len(ids) < _PAGE
        done = {"reschedule_from": None, "rescheduled_up_to": None} if is_over else {"rescheduled_up_to": ids[-1]}
        await scorecards.change(tx.connection, version, **done)
    return True
