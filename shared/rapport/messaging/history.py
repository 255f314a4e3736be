"""One partition's events from the beginning of the log, apart from any consumer group and any database.

For replays: the same records in the same order as a worker handled them, each once, up to what was published by some
moment.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from aiokafka import TopicPartition as KafkaPartition

from rapport.events.base import Received
from rapport.messaging.clients import connection_options, stop
from rapport.messaging.decoding import decode
from rapport.messaging.intake import Intake
from rapport.messaging.records import Arrival, RawRecord, TopicPartition
from rapport.messaging.service import Service
from rapport.settings import KafkaSettings

_BATCH = 5000
_LOOK_MS = 1000
_NEVER = datetime.max.replace(tzinfo=UTC)


class HistoryMissing(Exception):
    """The log does not begin at its beginning: what was published before is gone. The text says where."""


@dataclass(slots=True)
class Passed:
    """What became of the records of a partition in a replay. `position`: where stream time stands after them."""

    read: int = 0
    applied: int = 0
    duplicate: int = 0
    skipped: int = 0
    dead_lettered: int = 0
    position: datetime | None = None


class History:
    """The bank's topics about customers that a service hears, of one partition number.

    What our own services tell is in no order with the bank's facts, so no replay could have it at the same place.
    """

    def __init__(self, kafka: KafkaSettings, service: Service, partition: int) -> None:
        self.partition = partition
        self.is_stream_time = service.is_stream_time
        self._kafka = kafka
        self._service = service
        self.logs = [KafkaPartition(topic, partition) for topic in sorted(service.of_customers)]
        self.passed = Passed()
        self._seen: dict[UUID, bytes] = {}

    async def events(self, until: datetime | None = None) -> AsyncIterator[Sequence[Received[Any]]]:
        """Batches of events as a worker's handlers get them, of what was published up to `until`, the end included.

        In wall time an event is handled at the moment it was published; one partition's topics follow each other in
        that order. Raises HistoryMissing.
        """
        consumer = AIOKafkaConsumer(
            **connection_options(self._kafka), enable_auto_commit=False, auto_offset_reset="none"
        )
        await consumer.start()
        try:
            ends = await _ends(consumer, self.logs, until)
            await self._require_beginnings(consumer)
            consumer.assign(self.logs)
            for log in self.logs:  # at once: else the client looks for a position by itself, and may set it later
                consumer.seek(log, 0)
            intake, unread = self._intake(), set(self.logs)
            while unread:
                fetched = await consumer.getmany(timeout_ms=_LOOK_MS, max_records=_BATCH)
                for log, records in fetched.items():
                    intake.add(_raw(record) for record in records if record.offset < ends[log])
                for log in [log for log in unread if await consumer.position(log) >= ends[log]]:
                    unread.remove(log)
                    intake.add(self._ended(log, ends[log]))
                while arrivals := intake.take(_BATCH):
                    yield self._fresh(arrivals)
        finally:
            await stop(consumer)

    async def _require_beginnings(self, consumer: AIOKafkaConsumer) -> None:
        for log, offset in (await consumer.beginning_offsets(self.logs)).items():
            if offset > 0:
                raise HistoryMissing(
                    f"{log.topic}/{log.partition} begins at offset {offset}: what was published before is gone by "
                    "retention, so no state can be rebuilt from this log; replay from a log that is kept whole"
                )

    def _intake(self) -> Intake:
        read = partial(decode, classes=self._service.hears, partitions=self._service.partitions)
        intake = Intake(
            read if self.is_stream_time else partial(_by_publication, read=read),
            merged=frozenset(log.topic for log in self.logs),
        )
        intake.assign({TopicPartition(*log): 0 for log in self.logs}, {})
        return intake

    def _ended(self, log: KafkaPartition, end: int) -> list[RawRecord]:
        """In wall time nothing waits for a log that has ended; in stream time a worker would wait, and so do we."""
        return [] if self.is_stream_time else [RawRecord(log.topic, log.partition, end, -1, None, None, ())]

    def _fresh(self, arrivals: Sequence[Arrival]) -> list[Received[Any]]:
        passed, fresh = self.passed, []
        for arrival in arrivals:
            event = arrival.event
            passed.read += arrival.raw.timestamp >= 0
            passed.position = arrival.position
            if event is None:
                passed.dead_lettered += arrival.fault is not None
                passed.skipped += arrival.fault is None and arrival.raw.timestamp >= 0
            elif event.id not in self._seen:
                self._seen[event.id] = event.fingerprint
                passed.applied += 1
                fresh.append(event)
            elif self._seen[event.id] == event.fingerprint:
                passed.duplicate += 1
            else:
                passed.dead_lettered += 1
        return fresh


async def lengths(kafka: KafkaSettings, service: Service, until: datetime | None = None) -> list[int]:
    """How many offsets the logs of each partition number span, up to what was published by `until`."""
    consumer = AIOKafkaConsumer(**connection_options(kafka), enable_auto_commit=False)
    await consumer.start()
    try:
        histories = [History(kafka, service, number) for number in range(service.partitions)]
        logs = [log for history in histories for log in history.logs]
        ends = await _ends(consumer, logs, until)
        return [sum(ends[log] for log in history.logs) for history in histories]
    finally:
        await stop(consumer)


async def _ends(
    consumer: AIOKafkaConsumer, logs: Sequence[KafkaPartition], until: datetime | None
) -> dict[KafkaPartition, int]:
    ends: dict[KafkaPartition, int] = await consumer.end_offsets(logs)
    if until is not None:
        after = await consumer.offsets_for_times(dict.fromkeys(logs, int(until.timestamp() * 1000) + 1))
        ends |= {log: found.offset for log, found in after.items() if found is not None}
    return ends


def _raw(record: ConsumerRecord) -> RawRecord:
    return RawRecord(
        record.topic, record.partition, record.offset, record.timestamp, record.key, record.value, record.headers
    )


def _by_publication(raw: RawRecord, read: Callable[[RawRecord], Arrival]) -> Arrival:
    """An arrival whose turn is that of its publication; one with the timestamp -1 says that its log has ended."""
    if raw.timestamp < 0:
        return Arrival(raw, _NEVER, is_mark=True)
    arrival = read(raw)
    arrival.time, arrival.is_mark = datetime.fromtimestamp(raw.timestamp / 1000, UTC), False
    return arrival
