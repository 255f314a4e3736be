"""The consumer loop: Kafka only moves records, the database says from where.

After any change of assignment every partition is sought to the database's offset and what was fetched before is
dropped: else the next poll could begin where Kafka thinks, and the fence would pass over a gap.
"""

import asyncio
from collections.abc import Callable, Sequence

from aiokafka import AIOKafkaConsumer
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.errors import NoOffsetForPartitionError, OffsetOutOfRangeError

from rapport.messaging import clients
from rapport.messaging.intake import Intake
from rapport.messaging.observer import Observer
from rapport.messaging.offsets import Fenced, load_offsets, stream_positions
from rapport.messaging.poll import ConsumerStopped, Poll
from rapport.messaging.records import Arrival, TopicPartition
from rapport.messaging.transaction import Transactions
from rapport.settings import KafkaSettings

_SLICE = 100
"""Records decoded at one go beside a poll: some milliseconds."""
_BUFFERED = 20_000
"""Records of one partition that may wait for a slower topic before its fetching is paused."""


class Consuming:
    """Reads the subscribed topics and applies what it reads. `assigned`: the partition numbers it has now.

    `current`: those of them whose backlog was read since: before that, nobody can be said to have been silent.
    """

    def __init__(self, transactions: Transactions, poll: Poll, kafka: KafkaSettings, observer: Observer) -> None:
        self._transactions = transactions
        self._service = transactions.service
        self._poll = poll
        self._kafka = kafka
        self._observer = observer
        self._consumer: AIOKafkaConsumer | None = None
        self._changes = 0
        self._positioned = -1
        self.assigned: frozenset[int] = frozenset()
        self.current: frozenset[int] = frozenset()
        self._take = kafka.max_poll_records
        self._topics = sorted(self._service.topic_prefix + event.name for event in self._service.hears.values())
        self._intake = Intake(
            self._service.decode,
            merged=self._service.of_customers if self._service.is_stream_time else frozenset(),
        )

    async def run(self, instance: str, *, succeeded: Callable[[], None], owned: Callable[[], bool]) -> None:
        """Consume until cancelled or failed. `succeeded` is called after every round; `owned`: is the name ours?"""
        consumer = clients.consumer(self._kafka, group=self._kafka.topic_prefix + self._service.name, instance=instance)
        consumer.subscribe(self._topics, listener=clients.AssignmentWatch(self._assignment_changed))
        self._positioned = -1
        try:
            await consumer.start()
            self._consumer = consumer
            while owned():
                await self._round(consumer)
                succeeded()
        except OffsetOutOfRangeError as error:
            raise ConsumerStopped(
                "the log no longer holds the offset of the database: events were lost or the log was replaced"
            ) from error
        finally:
            self._consumer, self._positioned = None, -1
            await clients.stop(consumer)

    async def ask_broker(self) -> None:
        """Raises what says that no broker answers: fetches alone do not show it for a minute."""
        if self._consumer is not None:
            await clients.ask(self._consumer)

    def _assignment_changed(self) -> None:
        self._changes += 1

    async def _round(self, consumer: AIOKafkaConsumer) -> None:
        """Apply what is there and, while PostgreSQL is at it, fetch and decode what comes next."""
        if self.needs_position() and not await self._position(consumer):
            return
        if arrivals := self._intake.take(self._take):
            ahead = asyncio.create_task(self._fetch_ahead(consumer))
            try:
                await self._apply(consumer, arrivals)
            finally:
                ahead.cancel()
                await asyncio.wait({ahead})
            if not ahead.cancelled():
                ahead.result()
        else:
            await self._fetch(consumer)
        if self.current != self.assigned:
            behind = {tp.partition for tp in self._intake.waiting() if not self._is_read(consumer, tp)}
            self.current = self.assigned - behind | self.current & self.assigned

    async def _fetch_ahead(self, consumer: AIOKafkaConsumer) -> None:
        """Until it is cancelled or enough is there. In slices: a poll under way goes on as soon as its answer comes."""
        while not self.needs_position():
            if self._intake.decode(_SLICE):
                await asyncio.sleep(0)
            elif len(self._intake) < 2 * self._kafka.max_poll_records:
                await self._fetch(consumer)
            else:
                return

    async def _fetch(self, consumer: AIOKafkaConsumer) -> None:
        changes = self._changes
        try:
            records = await clients.fetch(consumer, limit=self._kafka.max_poll_records)
        except NoOffsetForPartitionError:
            # A partition was assigned and looked for a commit before it could be sought.
            self._positioned = -1
            return
        if self.is_stale(changes):
            return
        self._observer.step("polled")
        self._intake.add(records)
        self._pause(consumer)

    def _is_read(self, consumer: AIOKafkaConsumer, tp: TopicPartition) -> bool:
        end = clients.log_end(consumer, tp)
        return end is not None and self._intake.position(tp) >= end

    def needs_position(self) -> bool:
        """Did the assignment change since the partitions were last sought?"""
        return self._positioned != self._changes

    def is_stale(self, changes: int) -> bool:
        """Did it change while records were being fetched? Then they may be another worker's now."""
        return changes != self._changes

    async def _position(self, consumer: AIOKafkaConsumer) -> bool:
        changes = self._changes
        assignment = consumer.assignment()
        wanted = [TopicPartition(tp.topic, tp.partition) for tp in assignment]
        async with self._transactions.engine.connect() as connection:
            offsets = await load_offsets(connection, wanted)
            clocks = await stream_positions(connection) if self._service.is_stream_time else {}
        if changes != self._changes or assignment != consumer.assignment():
            return False
        for tp, offset in offsets.items():
            consumer.seek(KafkaPartition(tp.topic, tp.partition), offset)
        consumer.resume(*assignment)
        self._intake.assign(offsets, clocks)
        self.assigned = frozenset(tp.partition for tp in assignment)
        # Stream time stands still while a backlog is read, so nothing falls due too early.
        self.current = self.assigned if self._service.is_stream_time else frozenset()
        self._positioned = changes
        return True

    def _pause(self, consumer: AIOKafkaConsumer) -> None:
        if not self._service.is_stream_time:
            return
        paused, assigned = consumer.paused(), consumer.assignment()
        for tp, count in self._intake.waiting().items():
            partition = KafkaPartition(tp.topic, tp.partition)
            if partition not in assigned:
                continue
            if count > _BUFFERED and partition not in paused:
                consumer.pause(partition)
            elif count < _BUFFERED // 2 and partition in paused:
                consumer.resume(partition)

    async def _apply(self, consumer: AIOKafkaConsumer, arrivals: Sequence[Arrival]) -> None:
        log_ends = {log: clients.log_end(consumer, log) or 0 for log in {arrival.log for arrival in arrivals}}
        try:
            await self._poll.apply(arrivals, log_ends)
        except Fenced:
            self._observer.fenced()
            self._positioned = -1
            await asyncio.sleep(0.2)
        except BaseException:
            self._positioned = -1
            # What took too long as a whole may pass in parts.
            self._take = max(self._take // 2, 1)
            raise
        else:
            self._take = min(self._take * 2, self._kafka.max_poll_records)
