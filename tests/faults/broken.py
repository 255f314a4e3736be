"""Deliveries broken on purpose, each by one well-known mistake: a campaign that lets one pass proves nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.consumer.fetcher import OffsetResetStrategy
from asyncpg import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.clock import utc_now
from rapport.composition import Runtime
from rapport.events.base import AnyReceived
from rapport.messaging import outbox
from rapport.messaging.consuming import Consuming
from rapport.messaging.inbox import Inbox, Sorted
from rapport.messaging.locks import lock_customers
from rapport.messaging.offsets import Counts, advance, fence
from rapport.messaging.ownership import Ownership
from rapport.messaging.poll import Poll, _count, _stretches
from rapport.messaging.records import Arrival, TopicPartition
from rapport.messaging.relay import Relay
from rapport.messaging.replay import Replay
from rapport.messaging.sweeper import Sweeper
from rapport.messaging.transaction import Transaction
from rapport.messaging.worker import Worker

VARIANTS = ("offset-first", "relay-cursor", "inbox-off", "no-seek")


class OffsetFirst(Poll):
    """Moves the position in a transaction of its own, before the effect: what dies in between is lost."""

    async def _apply(self, arrivals: Sequence[Arrival], log_ends: Mapping[TopicPartition, int]) -> None:
        step = self.observer.step
        events = [arrival.event for arrival in arrivals if arrival.event is not None]
        async with self._transactions.engine.begin() as connection:
            stretches = _stretches(arrivals, log_ends)
            await fence(connection, stretches)
            await advance(connection, stretches, {tp: Counts() for tp in stretches})
        step("advanced")
        async with self._transactions.engine.begin() as connection:
            tx = Transaction(self._service, connection, utc_now())
            await lock_customers(connection, [e.data.key for e in events], partitions=self._service.partitions)
            inbox = await self._inbox.sort(connection, events)
            await self.handle(tx, inbox.fresh)
            await tx.flush()
            _count(tx, arrivals, inbox)
            await advance(connection, {}, tx.counts)
        self._transactions.committed()


class CursorRelay(Relay):
    """Reads on from the last id it has seen: what another worker wrote below it, and did not send, is never sent."""

    _last = 0

    async def read(self, driver: Connection, partitions: list[int]) -> list[outbox.Waiting]:
        rows = await outbox.waiting(driver, partitions, limit=1_000_000)
        rows = [row for row in rows if row.outbox_id > self._last]
        self._last = max([self._last, *(row.outbox_id for row in rows)])
        return rows


class NoInbox(Inbox):
    """Remembers nothing: every second arrival counts again."""

    async def sort(self, connection: AsyncConnection, events: Sequence[AnyReceived]) -> Sorted:  # noqa: ARG002
        return Sorted(fresh=list(events))


class NoSeek(Consuming):
    """Positions its consumer once; after a change of assignment it reads on where Kafka thinks.

    That is the end of the log, aiokafka's own default. The product's own default makes the client fail instead.
    """

    _sought: AIOKafkaConsumer | None = None

    async def _position(self, consumer: AIOKafkaConsumer) -> bool:
        consumer._fetcher._default_reset_strategy = OffsetResetStrategy.LATEST
        done = await super()._position(_Unsought(consumer) if self._sought is consumer else consumer)
        if done and self.assigned:
            self._sought = consumer
        return done


class _Unsought:
    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer

    def seek(self, *_: object) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        return getattr(self._consumer, name)


def worker_of(runtime: Runtime, variant: str) -> Worker:
    """The worker of a runtime with one part replaced by a broken one."""
    transactions, observer, kafka = runtime.transactions, runtime.observer, runtime.settings.kafka
    inbox = NoInbox() if variant == "inbox-off" else Inbox()
    relay = CursorRelay(runtime.engine, observer) if variant == "relay-cursor" else runtime.relay
    poll_class = OffsetFirst if variant == "offset-first" else Poll
    poll = poll_class(transactions, runtime.composition.subscriptions, observer=observer, inbox=inbox)
    consuming_class = NoSeek if variant == "no-seek" else Consuming
    return Worker(
        transactions,
        kafka,
        consuming=consuming_class(transactions, poll, kafka, observer),
        relay=relay,
        sweeper=Sweeper(transactions, runtime.composition.sweeps, observer),
        jobs={"replay": Replay(transactions, poll, inbox).next},
        ownership=Ownership(runtime.url),
        states=runtime.composition.states,
        upkeep=runtime.composition.upkeep,
        observer=observer,
    )
