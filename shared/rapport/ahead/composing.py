"""How a service comes to handle every event in its time: one call once its subscriptions and sweeps are there."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from sqlalchemy import Table

from rapport.ahead.queue import CountsFrom, Queue
from rapport.ahead.store import keep, take
from rapport.composition import Composition
from rapport.events.base import AnyReceived, Event
from rapport.messaging.poll import Handler
from rapport.messaging.sweeper import Sweep
from rapport.messaging.transaction import Transaction

Fire = Callable[[Transaction, Sequence[str]], Awaitable[None]]

SWEEP = "ahead"


def punctual(
    composition: Composition,
    table: Table,
    facts: type[Event],
    counts_from: CountsFrom,
    *,
    others: Sequence[type[Event]],
) -> Composition:
    """The service with what is dated ahead handled when its time comes, by silence too, and before anything later.

    `facts`: an event of the handler whose events may be ahead. `others`: those that decide the same customers.
    """
    subscriptions = composition.subscriptions
    handler = subscriptions[facts]
    waited = _waited(handler, counts_from)
    before = {one: _before(one, handler, counts_from) for one in {subscriptions[event] for event in others}}
    wrapped: Mapping[Handler, Handler] = {handler: waited, **before}
    return replace(
        composition,
        subscriptions={event: wrapped.get(one, one) for event, one in subscriptions.items()},
        sweeps=(
            Sweep(SWEEP, table, partial(_fire, handler=handler, counts_from=counts_from)),
            *(replace(one, fire=_swept(one, handler, counts_from)) for one in composition.sweeps),
        ),
    )


def _waited(handler: Handler, counts_from: CountsFrom) -> Handler:
    async def on_facts(tx: Transaction, events: Sequence[AnyReceived]) -> None:
        clocks: dict[str, datetime] = {}
        for event in events:
            customer_id = event.data.customer_id
            clocks[customer_id] = max(event.at, clocks.get(customer_id, event.at))
        queue = await _come(tx, clocks, counts_from)
        ready = queue.in_time(events)
        await keep(tx.connection, queue.left())
        if ready:
            await handler(tx, ready)

    return on_facts


def _before(other: Handler, handler: Handler, counts_from: CountsFrom) -> Handler:
    """What has come is handled before other words on the same customers."""

    async def on_words(tx: Transaction, events: Sequence[AnyReceived]) -> None:
        clocks: dict[str, datetime] = {}
        for event in events:
            for customer_id in event.data.customers:
                clocks[customer_id] = max(event.at, clocks.get(customer_id, event.at))
        await _handle(tx, clocks, handler, counts_from)
        await other(tx, events)

    return on_words


def _swept(sweep: Sweep, handler: Handler, counts_from: CountsFrom) -> Fire:
    """What silence brings is looked for once what came before it is handled, whichever sweep is first."""

    async def fire(tx: Transaction, customer_ids: Sequence[str]) -> None:
        await _fire(tx, customer_ids, handler=handler, counts_from=counts_from)
        await sweep.fire(tx, customer_ids)

    return fire


async def _fire(tx: Transaction, customer_ids: Sequence[str], *, handler: Handler, counts_from: CountsFrom) -> None:
    await _handle(tx, {one: tx.clock_of(one) for one in customer_ids}, handler, counts_from)


async def _handle(tx: Transaction, clocks: Mapping[str, datetime], handler: Handler, counts_from: CountsFrom) -> None:
    queue = await _come(tx, clocks, counts_from)
    if come := [event for customer_id, until in clocks.items() for event in queue.come(customer_id, until)]:
        await handler(tx, sorted(come, key=lambda event: event.at))


async def _come(tx: Transaction, clocks: Mapping[str, datetime], counts_from: CountsFrom) -> Queue:
    queue = Queue(counts_from)
    for due_at, event in await take(tx.connection, clocks, tx.service.hears, tx.service.topic_prefix):
        queue.put(event, due_at)
    return queue
