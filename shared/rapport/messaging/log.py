"""The log of events as a replay reads it, wherever it lies: what was published, by topic and partition."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from aiokafka import TopicPartition as KafkaPartition

from rapport.clock import utc_now
from rapport.messaging.clients import connection_options, stop
from rapport.messaging.records import RawRecord, TopicPartition
from rapport.settings import KafkaSettings

BATCH = 5000
_LOOK_MS = 1000


class HistoryMissing(Exception):
    """The log does not hold all that was published from its beginning to the moment asked for. The text says where."""


class Stretch(NamedTuple):
    """The next records of a log, in order; the offset after them, also where compaction took the last."""

    records: Sequence[RawRecord]
    next_offset: int


class Log(Protocol):
    """Where the records are."""

    @property
    def complete_to(self) -> datetime:
        """All that was published by then is there."""
        ...

    async def ends(self, logs: Collection[TopicPartition], until: datetime | None) -> dict[TopicPartition, int]:
        """The offset after the last record of each that was published up to `until`. Raises HistoryMissing."""
        ...

    def read(
        self, begins: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]
    ) -> AsyncIterator[dict[TopicPartition, Stretch]]:
        """Everything between these offsets, the logs side by side. Raises HistoryMissing."""
        ...


class KafkaLog:
    """The log on Kafka, read apart from any consumer group."""

    def __init__(self, kafka: KafkaSettings) -> None:
        self._kafka = kafka

    @property
    def complete_to(self) -> datetime:
        """See `Log`: now."""
        return utc_now()

    async def ends(self, logs: Collection[TopicPartition], until: datetime | None) -> dict[TopicPartition, int]:
        """See `Log`."""
        consumer = AIOKafkaConsumer(**connection_options(self._kafka), enable_auto_commit=False)
        await consumer.start()
        try:
            partitions = [KafkaPartition(*log) for log in logs]
            ends: dict[KafkaPartition, int] = await consumer.end_offsets(partitions)
            if until is not None:
                after = await consumer.offsets_for_times(dict.fromkeys(partitions, int(until.timestamp() * 1000) + 1))
                ends |= {log: found.offset for log, found in after.items() if found is not None}
            return {TopicPartition(*log): end for log, end in ends.items()}
        finally:
            await stop(consumer)

    async def read(
        self, begins: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]
    ) -> AsyncIterator[dict[TopicPartition, Stretch]]:
        """See `Log`."""
        consumer = AIOKafkaConsumer(
            **connection_options(self._kafka), enable_auto_commit=False, auto_offset_reset="none"
        )
        await consumer.start()
        try:
            unread = {KafkaPartition(*log) for log, begin in begins.items() if begin < ends[log]}
            await _require_beginnings(consumer, begins)
            consumer.assign(unread)
            for log in unread:  # at once: else the client looks for a position by itself, and may set it later
                consumer.seek(log, begins[TopicPartition(*log)])
            while unread:
                fetched = await consumer.getmany(timeout_ms=_LOOK_MS, max_records=BATCH)
                found: dict[TopicPartition, Stretch] = {}
                for log in list(unread):
                    end, position = ends[TopicPartition(*log)], await consumer.position(log)
                    records = [_raw(record) for record in fetched.get(log, ()) if record.offset < end]
                    found[TopicPartition(*log)] = Stretch(records, min(position, end))
                    if position >= end:
                        unread.remove(log)
                yield found
        finally:
            await stop(consumer)


async def _require_beginnings(consumer: AIOKafkaConsumer, begins: Mapping[TopicPartition, int]) -> None:
    first = await consumer.beginning_offsets([KafkaPartition(*log) for log in begins])
    for log, offset in first.items():
        if offset > begins[TopicPartition(*log)]:
            raise HistoryMissing(
                f"{log.topic}/{log.partition} begins at offset {offset}: what was published before is gone by "
                "retention, so no state can be rebuilt from this log; replay from a log that is kept whole"
            )


def _raw(record: ConsumerRecord) -> RawRecord:
    return RawRecord(
        record.topic, record.partition, record.offset, record.timestamp, record.key, record.value, record.headers
    )
