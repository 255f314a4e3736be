"""How a service comes to handle every event in its time: one call once its subscriptions and sweeps are there."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Table

from rapport.ahead.queue import MILLISECOND, NOWHERE, CountsFrom, Queue
from rapport.ahead.store import NEVER, keep, set_aside, take
from rapport.composition import Composition
from rapport.events.base import AnyReceived, Event
from rapport.messaging.poll import Handler, is_permanent, why
from rapport.messaging.savepoint import savepoint
from rapport.messaging.sweeper import Limits, Sweep
from rapport.messaging.transaction import Transaction
from rapport.telemetry.logs import get_logger
from rapport.telemetry.metrics import Figures

Fire = Callable[[Transaction, Sequence[str]], Awaitable[None]]

SWEEP = "ahead"
_FIGURES = Figures(
    "rapport_ahead_set_aside", "Events that could not be handled when their time came, and are kept", (), set_aside
)


def punctual(
    composition: Composition,
    table: Table,
    facts: type[Event],
    counts_from: CountsFrom,
    *,
    others: Sequence[type[Event]],
    limits: Limits | None = None,
) -> Composition:
    """The service with what is dated ahead handled when its time comes, by silence too, and before anything later:
    an event, a sweep, or what a request, a job or upkeep decides of customers whom it locks.

    `facts`: an event of the handler whose events may be ahead. `others`: those that decide the same customers.
    `limits`: how far silence may be judged; what comes after waits, whatever else is handled or swept.
    """
    subscriptions = composition.subscriptions
    handler = subscriptions[facts]
    ahead = _Ahead(handler, counts_from, limits)
    before = {one: ahead.before(one) for one in {subscriptions[event] for event in others}}
    wrapped: Mapping[Handler, Handler] = {handler: ahead.on_facts, **before}
    return replace(
        composition,
        subscriptions={event: wrapped.get(one, one) for event, one in subscriptions.items()},
        sweeps=(
            Sweep(SWEEP, table, ahead.fire),
            *(replace(one, fire=ahead.swept(one)) for one in composition.sweeps),
        ),
        comes_first=ahead.fire,
        figures=(*composition.figures, _FIGURES),
    )


@dataclass(frozen=True)
class _Ahead:
    """What waits for `handler`, whose events count from their own time on."""

    handler: Handler
    counts_from: CountsFrom
    limits: Limits | None

    async def on_facts(self, tx: Transaction, events: Sequence[AnyReceived]) -> None:
        """These in their time, and before each what has come of its customer."""
        clocks: dict[str, datetime] = {}
        for event in events:
            customer_id, until = event.data.customer_id, event.at + MILLISECOND
            clocks[customer_id] = max(until, clocks.get(customer_id, until))
        queue = await self._come(tx, clocks)
        ready = queue.in_time(events)
        await keep(tx.connection, queue.left())
        if len(events) == 1 and len(ready) > 1:
            # By itself an event would become a dead letter for what waited before it.
            await self._handle(tx, [one for one in ready if one.offset == NOWHERE])
            ready = [one for one in ready if one.offset != NOWHERE]
        if ready:
            await self.handler(tx, ready)

    def before(self, other: Handler) -> Handler:
        """What has come is handled before other words on the same customers."""

        async def on_words(tx: Transaction, events: Sequence[AnyReceived]) -> None:
            clocks: dict[str, datetime] = {}
            for event in events:
                here = tx.partition_of(event.data.key)
                for customer_id in event.data.customers:
                    # A stream may be behind where another of the files is.
                    is_here = tx.partition_of(customer_id) == here
                    at = event.at if is_here else min(event.at, tx.clock_of(customer_id))
                    clocks[customer_id] = max(at, clocks.get(customer_id, at))
            await self._handle_until(tx, clocks)
            await other(tx, events)

        return on_words

    def swept(self, sweep: Sweep) -> Fire:
        """What silence brings is looked for once what came before it is handled, whichever sweep is first."""

        async def fire(tx: Transaction, customer_ids: Sequence[str]) -> None:
            await self.fire(tx, customer_ids)
            await sweep.fire(tx, customer_ids)

        return fire

    async def fire(self, tx: Transaction, customer_ids: Sequence[str]) -> None:
        """What has come of these by the clock."""
        await self._handle_until(tx, {one: tx.clock_of(one) for one in customer_ids})

    async def _handle_until(self, tx: Transaction, clocks: Mapping[str, datetime]) -> None:
        if self.limits and not tx.limits:
            limits = await self.limits(tx.connection, tx.service, tx.now)
            clocks = {one: min(at, limits.get(tx.partition_of(one), at)) for one, at in clocks.items()}
        queue = await self._come(tx, clocks)
        come = [event for customer_id, until in clocks.items() for event in queue.come(customer_id, until)]
        await self._handle(tx, sorted(come, key=lambda event: event.at))

    async def _handle(self, tx: Transaction, come: Sequence[AnyReceived]) -> None:
        """Handle what has come; what fails for good is set aside, since whatever is handled with it is not at fault."""
        if not come:
            return
        try:
            async with savepoint(tx):
                await self.handler(tx, come)
        except Exception as error:
            if not is_permanent(error):
                raise
            if len(come) == 1:
                await keep(tx.connection, [(NEVER, come[0])], reason=why(error))
                _warn(why(error))
                return
            for one in come:
                await self._handle(tx, [one])

    async def _come(self, tx: Transaction, clocks: Mapping[str, datetime]) -> Queue:
        queue = Queue(self.counts_from)
        come, unreadable = await take(tx.connection, clocks, tx.service.hears, tx.service.topic_prefix)
        for due_at, event in come:
            queue.put(event, due_at)
        for reason in unreadable:
            _warn(reason)
        return queue


def _warn(reason: str) -> None:
    get_logger().warning("an event whose time has come cannot be handled and is set aside", reason=reason)
