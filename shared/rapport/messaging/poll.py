"""One poll, from Kafka to the outbox, in one transaction. Read `Poll._apply` top to bottom: it is the guarantee."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

import asyncpg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from rapport.clock import utc_now
from rapport.errors import DomainError, NotReady, sqlstate
from rapport.events.base import Event, Received
from rapport.messaging import refused_fields
from rapport.messaging.dead_letters import RUN, SHARE, WINDOW, DeadLetter, DeadLetterLimit
from rapport.messaging.inbox import ALTERED, Inbox, Sorted
from rapport.messaging.observer import Observer
from rapport.messaging.offsets import Fenced, Stretch, advance, fence, move_clocks
from rapport.messaging.records import Arrival, TopicPartition
from rapport.messaging.sparing import spared
from rapport.messaging.transaction import Transaction, Transactions

Handler = Callable[[Transaction, Sequence[Received[Any]]], Awaitable[None]]
Subscriptions = Mapping[type[Event], Handler]


def is_permanent(error: BaseException) -> bool:
    """Would the same event fail again? A refusal, an error of Python, a value the database cannot take (class 22, 23).

    Everything else (a deadlock, a time-out, a lost connection) is the world's fault, is tried again for ever and is
    never a dead letter.
    """
    if isinstance(error, (DBAPIError, asyncpg.PostgresError)):
        return (sqlstate(error) or "")[:2] in {"22", "23"}
    passing = (Fenced, NotReady, SQLAlchemyError, asyncpg.InterfaceError, asyncpg.InternalClientError)
    return isinstance(error, Exception) and not isinstance(error, (*passing, OSError, TimeoutError, MemoryError))


def why(error: BaseException) -> str:
    """What may be told of an error: a refusal's own words, else only its kind, since any other text can hold values."""
    if isinstance(error, (DomainError, NotReady)):
        return f"{type(error).__name__}: {error}"
    state = sqlstate(error)
    return f"{type(error).__name__}{f' (SQLSTATE {state})' if state else ''}"


class ConsumerStopped(Exception):
    """Going on would do harm: the consumer stops, its process stays and says so, and a person decides."""


class Poll:
    """Applies arrivals to a service's database through its handlers."""

    def __init__(
        self, transactions: Transactions, subscriptions: Subscriptions, *, observer: Observer, inbox: Inbox
    ) -> None:
        self._transactions = transactions
        self._service = transactions.service
        self._subscriptions = subscriptions
        self.observer = observer
        self._inbox = inbox
        self._limit = DeadLetterLimit()

    async def apply(self, arrivals: Sequence[Arrival], log_ends: Mapping[TopicPartition, int]) -> None:
        """Have the effect of these records exactly once; `arrivals` are contiguous in each partition.

        An event whose handler fails for good is found by ever shorter prefixes, each its own transaction, and becomes a
        dead letter. Raises Fenced when another worker owns a partition, every passing error (then nothing has
        happened), and ConsumerStopped when too much became dead letters.
        """
        room = self._limit.room([arrival.fault is not None for arrival in arrivals])
        await self._apply_by_prefixes(arrivals[:room], log_ends)

    async def _apply_by_prefixes(self, arrivals: Sequence[Arrival], log_ends: Mapping[TopicPartition, int]) -> None:
        try:
            await self._apply(arrivals, log_ends)
        except Exception as error:
            self.observer.rolled_back(error)
            if not is_permanent(error):
                raise
            if len(arrivals) > 1:
                middle = len(arrivals) // 2
                await self._apply_by_prefixes(arrivals[:middle], log_ends)
                await self._apply_by_prefixes(arrivals[middle:], log_ends)
                return
            first = arrivals[0]
            first.handler = first.event.data.name if first.event else "decode"
            first.event, first.fault = None, why(error)
            await self._apply(arrivals, log_ends)
        for arrival in arrivals:
            if self._limit.record(is_dead=arrival.fault is not None or arrival.is_refused):
                raise ConsumerStopped(f"{RUN} records in a row, or {SHARE:.0%} of {WINDOW}, became dead letters")

    async def _apply(self, arrivals: Sequence[Arrival], log_ends: Mapping[TopicPartition, int]) -> None:
        began = perf_counter()
        step = self.observer.step
        stretches = _stretches(arrivals, log_ends)
        events = [arrival.event for arrival in arrivals if arrival.event is not None]
        async with self._transactions.engine.begin() as connection:
            tx = Transaction(self._service, connection, utc_now())
            step("begun")
            tx.ends = {log: stretch.end for log, stretch in stretches.items()}
            await fence(connection, stretches)
            step("fenced")
            await tx.lock([customer_id for event in events for customer_id in event.data.customers])
            step("locked")
            inbox = await self._inbox.sort(connection, events)
            step("sorted")
            await self.handle(tx, inbox.fresh)
            step("handled")
            letters = [*self._undecodable(arrivals, inbox), *tx.refused.values()]
            await self._inbox.forget(connection, list(tx.refused))
            await tx.bury(letters)
            told = await tx.flush()
            step("told")
            _count(tx, arrivals, inbox)
            refused = await refused_fields.note(connection, arrivals, tx.now)
            await advance(connection, stretches, tx.counts)
            await move_clocks(connection, {a.raw.partition: a.position for a in arrivals if a.position is not None})
            step("advanced")
        step("committed")
        if told:
            self._transactions.committed()
        lags = {tp: max(stretch.log_end - stretch.end, 0) for tp, stretch in stretches.items()}
        self.observer.committed(tx.counts, lags, perf_counter() - began)
        for topic, count in refused.items():
            self.observer.refused_fields(topic, count)

    async def handle(self, tx: Transaction, events: Sequence[Received[Any]]) -> None:
        """Give events to their handlers: each handler once, with all of its events in their order.

        Of who is destroyed nothing is handled: what is told late, or told again, is counted as skipped.
        """
        events = spared(tx, events)
        self.observer.begin(events)
        batches: dict[Handler, list[Received[Any]]] = defaultdict(list)
        published, moment = -1, tx.now
        for event in events:
            if not self._service.is_stream_time:
                # After an outage the backlog is decided as of its publication: by the clock on the wall everybody would
                # have been silent since the outage began.
                if event.published_ms != published:
                    published = event.published_ms
                    moment = min(tx.now, datetime.fromtimestamp(published / 1000, UTC))
                event.at = moment
            batches[self._subscriptions[type(event.data)]].append(event)
        for handler in dict.fromkeys(self._subscriptions.values()):
            if handler in batches:
                await handler(tx, batches[handler])

    def _undecodable(self, arrivals: Sequence[Arrival], inbox: Sorted) -> list[DeadLetter]:
        name = self._service.name
        faults = [DeadLetter(a.raw, a.fault, f"{name}:{a.handler}") for a in arrivals if a.fault is not None]
        return faults + [DeadLetter(event.raw, ALTERED, f"{name}:inbox") for event in inbox.altered]


def _stretches(arrivals: Sequence[Arrival], log_ends: Mapping[TopicPartition, int]) -> dict[TopicPartition, Stretch]:
    stretches: dict[TopicPartition, Stretch] = {}
    for arrival in arrivals:
        stretch = stretches.get(arrival.log)
        if stretch is None:
            stretches[arrival.log] = Stretch(arrival.begins_at, arrival.raw.offset + 1, log_ends.get(arrival.log, 0))
        else:
            stretch.end = arrival.raw.offset + 1
    return stretches


def _count(tx: Transaction, arrivals: Sequence[Arrival], inbox: Sorted) -> None:
    duplicate, altered = set(map(id, inbox.duplicates)), set(map(id, inbox.altered))
    counts = {log: tx.count(log) for log in {arrival.log for arrival in arrivals}}
    for arrival in arrivals:
        count = counts[arrival.log]
        count.received += 1
        event = arrival.event
        if arrival.fault is not None or id(event) in altered:
            count.dead_lettered += 1
            arrival.is_refused = True
        elif event is None or tx.without_effect.get(event.id) == "skipped":
            count.skipped += 1
        elif id(event) in duplicate:
            count.duplicate += 1
        elif event.id in tx.refused:
            count.dead_lettered += 1
            arrival.is_refused = True
        elif event.id in tx.without_effect:
            count.duplicate += 1
        elif event.id not in tx.parked:
            count.applied += 1
