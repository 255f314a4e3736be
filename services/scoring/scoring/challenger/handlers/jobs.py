"""What the worker does for a challenger: whoever is silent gets a shadow and is decided in it; all are counted."""

from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.messaging.transaction import Transaction, Transactions
from rapport.telemetry.metrics import Figures
from scoring.challenger.domain.comparison import Comparison
from scoring.challenger.domain.contest import BEGINS_AFTER, Ring
from scoring.challenger.domain.course import Shadow
from scoring.challenger.handlers import following
from scoring.challenger.store import challengers, shadows
from scoring.drift.handlers import clock_of_book
from scoring.scorecard.handlers import take_up_approved
from scoring.standing.domain.rules import Rules
from scoring.standing.store import book
from scoring.standing.store.persons import load_persons
from scoring.standing.taking_up import take_up

_PAGE = 500
_CLEARED = 5000


async def fire_due_shadows(tx: Transaction, customer_ids: Sequence[str], *, ring: Ring, rules: Rules) -> None:
    """Decide in shadow whoever has been silent, as of the moment it fell due; what is left of another challenger goes.

    A process that does not know the present one yet deletes nothing of it: it has not begun.
    """
    await take_up(rules, tx.connection)
    await following.take_up(tx.connection, ring, rules)
    await shadows.forget(tx.connection, customer_ids, but=ring.version)
    if ring.rules is None:
        return
    found = await shadows.load(tx.connection, ring.version, customer_ids)
    standings = await load_persons(tx.connection, found)
    for customer_id, shadow in found.items():
        shadow.reach(standings[customer_id], ring.rules, tx.clock_of(customer_id))
    await shadows.save(tx.connection, ring.version, list(found.values()), partition_of=tx.partition_of)


async def begin_shadows(transactions: Transactions, *, ring: Ring, rules: Rules) -> bool:
    """Bring the challenger to the next customers who have no shadow yet. False: it is with everybody, or there is none.

    Each begins where the customer stands at the moment of the batch, as if the version came into force then.
    """
    async with transactions.begin() as tx:
        challenger = await challengers.claim_unbegun(tx.connection, tx.now)
        if challenger is None or challenger.begun_up_to is None:
            return False
        await take_up(rules, tx.connection)
        await following.take_up(tx.connection, ring, rules, at_once=True)
        if ring.rules is None or ring.version != challenger.version:  # it was approved just now
            return False
        ids = await book.page(tx.connection, after=challenger.begun_up_to, limit=_PAGE)
        await tx.lock(ids)
        # Who was erased since the page was read has no standing any more.
        known = tx.destroyed | (await shadows.load(tx.connection, ring.version, ids)).keys()
        begun = []
        for standing in (await load_persons(tx.connection, [one for one in ids if one not in known])).values():
            at = max(tx.clock_of(standing.customer_id), standing.decided_at or tx.now)
            shadow = Shadow.of(standing, at)
            shadow.decide(standing, ring.rules, at)
            begun.append(shadow)
        await shadows.save(tx.connection, ring.version, begun, partition_of=tx.partition_of)
        done = challenger.customers_done + len(ids)
        is_over = len(ids) < _PAGE
        cells = {"customers_total": done, "begun_up_to": None} if is_over else {"begun_up_to": ids[-1]}
        await challengers.change(tx.connection, challenger.version, customers_done=done, **cells)
    return True


async def compare(transactions: Transactions, *, ring: Ring, rules: Rules) -> bool:
    """Count both courses of the whole book once a minute; delete the shadows of challengers that ended.

    False: there is nothing more to do at once.
    """
    async with transactions.begin() as tx:
        await challengers.note_ended(tx.connection, tx.now)
        # By then no process decides in it any more, as none passed an event over when it began.
        ended = await challengers.claim_uncleared(tx.connection, tx.now - BEGINS_AFTER)
        if ended is not None:
            if await shadows.clear(tx.connection, ended, limit=_CLEARED) < _CLEARED:
                await challengers.change(tx.connection, ended, cleared_at=tx.now)
            return True
        challenger = await challengers.claim_uncounted(tx.connection, tx.now)
        if challenger is None:
            return False
        await following.take_up(tx.connection, ring, rules, at_once=True)
        if ring.rules is None or ring.version != challenger.version:
            return False
        await take_up_approved(rules.cards, tx.connection)
        now = clock_of_book(tx, is_stream_time=transactions.service.is_stream_time) or tx.now
        present, draft = rules.cards.at(now), ring.rules.cards.at(now)
        cells = await shadows.count(tx.connection, challenger.version)
        comparison = Comparison.of(
            cells, against=present.version, old_top=present.thresholds.tiers[-1], top=draft.thresholds.tiers[-1]
        )
        await challengers.keep_comparison(tx.connection, challenger.version, comparison, tx.now)
    return False


async def latest_agreement(connection: AsyncConnection) -> Mapping[tuple[str, ...], float]:
    """The share of customers, and of events, on whom both agree, by version: for Prometheus."""
    challenger = await challengers.running(connection)
    if challenger is None or challenger.comparison is None:
        return {}
    said = {"customers": challenger.comparison.agreement, "events": challenger.comparison.agreement_of_events}
    return {(str(challenger.version), name): rate.value for name, rate in said.items() if rate is not None}


AGREEMENT = Figures(
    "rapport_scoring_shadow_agreement",
    "Share on which challenger and version in force agree",
    ("version", "of"),
    latest_agreement,
)
