"""What scoring does so that others know of segments: places customers as months begin, by a new model and when files
are merged, and tells who moved.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.events.base import AnyReceived
from rapport.messaging.poll import Handler
from rapport.messaging.transaction import Transaction, Transactions
from rapport.person.store import survivors_of
from scoring.segment.domain.model import SegmentModels
from scoring.segment.handlers.taking_up import take_up_segments
from scoring.segmentation import store
from scoring.segmentation.domain import Membership, Placing, lived, next_month, placed
from scoring.standing.domain.rules import Rules
from scoring.standing.domain.state import Standing
from scoring.standing.store import book
from scoring.standing.store.persons import load_persons
from scoring.standing.taking_up import take_up

_PAGE = 500


class Memberships:
    """Of the customers of one transaction: who is in which segment, and who has moved."""

    def __init__(self, tx: Transaction, found: dict[str, Membership], by: Placing) -> None:
        """`found`: what is known of them."""
        self._tx = tx
        self._found = found
        self._by = by
        self._changed: set[str] = set()

    def before(self, standing: Standing, at: datetime) -> None:
        """Place the customer as of each month that began before an event at `at`, which `standing` has not met yet."""
        known = self._found.get(standing.customer_id)
        if known is not None and known.due_at <= at:
            for one in lived(known, standing, at, self._by):
                self._take(one)

    def after(self, standing: Standing, at: datetime) -> None:
        """Look at who was heard of for the first time when the next month begins."""
        if standing.customer_id not in self._found:
            self._take(Membership(standing.customer_id, next_month(at, self._by.rules.bank.zone)))

    def now(self, standing: Standing, at: datetime) -> None:
        """Place the customer as of `at`, though no month begins."""
        self.before(standing, at)
        self.after(standing, at)
        self._take(placed(self._found[standing.customer_id], standing, at, self._by))

    def leave(self, customer_id: str, until: datetime) -> None:
        """Of a file that is merged into another nothing is told; it is looked at again in case it is separated."""
        if (known := self._found.get(customer_id)) is not None:
            self._take(replace(known, due_at=next_month(until, self._by.rules.bank.zone)))

    def _take(self, one: Membership) -> None:
        known = self._found.get(one.customer_id)
        if one == known:
            return
        self._found[one.customer_id] = one
        self._changed.add(one.customer_id)
        if one.since is not None and (known is None or known.revision < one.revision):
            cause = f"segment:{one.customer_id}:{one.revision}"
            self._tx.tell(store.fact_of(one), time=one.since, cause=cause)

    async def save(self, connection: AsyncConnection, partition_of: Callable[[str], int]) -> None:
        """Write back who changed, in one statement."""
        changed = [self._found[customer_id] for customer_id in sorted(self._changed)]
        await store.save(connection, changed, partition_of=partition_of)


async def looking_on(
    tx: Transaction, customer_ids: Collection[str], *, models: SegmentModels, rules: Rules
) -> Memberships | None:
    """Who of these customers is where, in one query; None while there is no model, which costs none."""
    await take_up_segments(models, tx.connection)
    if models.latest is None:
        return None
    return Memberships(tx, await store.load(tx.connection, customer_ids), Placing(models.latest, rules))


async def fire_due_memberships(
    tx: Transaction, customer_ids: Sequence[str], *, models: SegmentModels, rules: Rules
) -> None:
    """Place whoever has been silent as of the beginnings of months that have come meanwhile."""
    await take_up(rules, tx.connection)
    seen = await looking_on(tx, customer_ids, models=models, rules=rules)
    if seen is None:
        return
    survivors = await survivors_of(tx.connection, customer_ids)
    customers = await load_persons(tx.connection, [file for file, survivor in survivors.items() if file == survivor])
    for file in customer_ids:
        if file in customers:
            seen.before(customers[file], tx.clock_of(file))
        else:
            seen.leave(file, tx.clock_of(file))
    await seen.save(tx.connection, tx.partition_of)


async def place_now(tx: Transaction, customer_ids: Collection[str], *, models: SegmentModels, rules: Rules) -> None:
    """Place these customers, who are held, as of their clocks; a person of several files by the survivor."""
    seen = await looking_on(tx, customer_ids, models=models, rules=rules)
    if seen is None:
        return
    survivors = await survivors_of(tx.connection, customer_ids)
    customers = await load_persons(tx.connection, [file for file, survivor in survivors.items() if file == survivor])
    for customer_id, standing in customers.items():
        if standing.decided_at is not None:
            seen.now(standing, max(tx.clock_of(customer_id), standing.decided_at))
    await seen.save(tx.connection, tx.partition_of)


def with_groups(handler: Handler, *, models: SegmentModels, rules: Rules) -> Handler:
    """Whoever is of other files than before is another customer at once, in the segment of their sum."""

    async def on_grouped(tx: Transaction, events: Sequence[AnyReceived]) -> None:
        await handler(tx, events)
        await place_now(tx, {file for event in events for file in event.data.customers}, models=models, rules=rules)

    return on_grouped


async def bring_model(transactions: Transactions, *, models: SegmentModels, rules: Rules) -> bool:
    """Place the next customers by a new model, as of the clock at the moment of the batch. False: the book has it.

    A batch that was lost is placed again, and where the segment is the same nothing is told.
    """
    async with transactions.begin() as tx:
        run = await store.claim_run(tx.connection, tx.now)
        if run is None:
            return False
        await take_up(rules, tx.connection)
        await take_up_segments(models, tx.connection, at_once=True)
        ids = await book.page(tx.connection, after=run.told_up_to, limit=_PAGE)
        await tx.lock(ids)
        await place_now(tx, [one for one in ids if one not in tx.destroyed], models=models, rules=rules)
        is_over = len(ids) < _PAGE
        done = run._replace(told_up_to=run.told_up_to if is_over else ids[-1])
        await store.save_run(tx.connection, done, finished_at=tx.now if is_over else None)
    return not is_over
