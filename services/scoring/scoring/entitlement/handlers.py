"""Brings up what a policy asks of a customer, and notes once a day since when classes that nobody tells have held."""

from collections.abc import Sequence
from datetime import datetime, time

from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.messaging.transaction import Transaction, Transactions
from scoring.classification import store as classes
from scoring.classification.domain.classes import DIMENSIONS
from scoring.classification.domain.reckoning import reckoned
from scoring.drift.handlers import clock_of_book, is_far_behind
from scoring.entitlement import store
from scoring.entitlement.domain import Profile
from scoring.policy.domain.rules import Policy
from scoring.policy.handlers import Policies
from scoring.segment.domain.model import SegmentModel, segment_of
from scoring.standing.domain.evidence import values_of
from scoring.standing.domain.rules import Rules
from scoring.standing.domain.state import Standing
from scoring.standing.store import book
from scoring.standing.store.persons import load_persons
from scoring.standing.taking_up import take_up

_PAGE = 500


async def profile_of(
    connection: AsyncConnection,
    standing: Standing,
    at: datetime,
    *,
    rules: Rules,
    policy: Policy,
    segments: SegmentModel | None,
) -> Profile:
    """A customer as of `at`: the tier as last decided, what was told as it was last heard, the rest reckoned."""
    known = await classes.load(connection, [standing.customer_id])
    held = {dimension: one for (_, dimension), one in known.items()}
    now = reckoned(standing, at, rules, policy.limits, policy.effective_from, held)
    held |= {one.dimension: one for one in now}
    return Profile(
        tier=standing.tier,
        tier_since=standing.tier_since,
        place=None if standing.tier is None else rules.cards.at(at).thresholds.place_of(standing.tier),
        classes=[held[name] for name in DIMENSIONS if name in held],
        segment=segment_of(values_of(standing, at, rules.bank, rules.rates), standing.holdings.loans_minor, segments),
    )


async def note_classes(transactions: Transactions, *, rules: Rules, policies: Policies) -> bool:
    """Note attribute and activity of the next customers, where they changed. False: the bank's day is noted.

    Each as of the clock at the moment of the batch. By another policy the book is noted once more; a run by one that
    was withdrawn is dropped and begun anew.
    """
    async with transactions.begin() as tx:
        await policies.take_up(tx.connection)
        run = await store.claim_run(tx.connection)
        if run is None:
            return await _begin(tx, rules, policies, is_stream_time=transactions.service.is_stream_time)
        policy = policies.of(run["policy_version"])
        if policy is None:
            await store.drop_run(tx.connection, run["due_at"], run["policy_version"])
            return True
        await take_up(rules, tx.connection)
        ids = await book.page(tx.connection, after=run["noted_up_to"], limit=_PAGE)
        await tx.lock(ids)
        standings = await load_persons(tx.connection, [one for one in ids if one not in tx.destroyed])
        await _note(tx, list(standings.values()), rules, policy)
        is_over = len(ids) < _PAGE
        after = run["noted_up_to"] if is_over else ids[-1]
        place = run["due_at"], run["policy_version"]
        await store.save_run(tx.connection, *place, after, tx.now if is_over else None)
    return not is_over


async def _begin(tx: Transaction, rules: Rules, policies: Policies, *, is_stream_time: bool) -> bool:
    now = clock_of_book(tx, is_stream_time=is_stream_time)
    if now is None or await is_far_behind(tx.connection):
        return False
    zone = rules.bank.zone
    due = datetime.combine(now.astimezone(zone).date(), time(), zone), policies.at(now).version
    last = await store.last_run(tx.connection)
    if (last is not None and last >= due) or not await book.page(tx.connection, after="", limit=1):
        return False
    await store.save_run(tx.connection, *due, "", None)
    return True


async def _note(tx: Transaction, standings: Sequence[Standing], rules: Rules, policy: Policy) -> None:
    known = await classes.load(tx.connection, [one.customer_id for one in standings])
    changed = []
    for standing in standings:
        customer_id = standing.customer_id
        of_customer = {name: known[customer_id, name] for name in DIMENSIONS if (customer_id, name) in known}
        at = tx.clock_of(customer_id)
        held = reckoned(standing, at, rules, policy.limits, policy.effective_from, of_customer)
        changed += [one for one in held if one is not of_customer.get(one.dimension)]
    await classes.save(tx.connection, changed, known, known_at=tx.now)
