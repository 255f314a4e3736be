"""A log in memory, of records made here or by the simulated bank, read as one on Kafka is."""

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from datetime import datetime

from rapport.clock import utc_now
from rapport.messaging.log import BATCH, Stretch
from rapport.messaging.records import RawRecord, TopicPartition
from simulator.bank import Bank


class Remembered:
    """Each topic and partition from offset 0 on."""

    def __init__(self, records: Iterable[RawRecord]) -> None:
        self.records: dict[TopicPartition, list[RawRecord]] = defaultdict(list)
        for raw in records:
            self.records[TopicPartition(raw.topic, raw.partition)].append(raw)
        self.complete_to = utc_now()

    @classmethod
    def of_bank(cls, bank: Bank) -> "Remembered":
        """All that the bank tells, as if it had been published at its own time."""
        offsets: dict[TopicPartition, int] = defaultdict(int)
        records = []
        for one in bank.records():
            log = TopicPartition(one.topic, one.partition)
            records.append(RawRecord(*log, offsets[log], one.time_ms, one.key, one.value, list(one.headers)))
            offsets[log] += 1
        return cls(records)

    async def ends(self, logs: Collection[TopicPartition], until: datetime | None) -> dict[TopicPartition, int]:
        """See `Log`."""
        latest = None if until is None else int(until.timestamp() * 1000)
        return {
            log: next(
                (raw.offset for raw in self.records[log] if latest is not None and raw.timestamp > latest),
                len(self.records[log]),
            )
            for log in logs
        }

    async def read(
        self, begins: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]
    ) -> AsyncIterator[dict[TopicPartition, Stretch]]:
        """See `Log`."""
        for log, begin in begins.items():
            for first in range(begin, ends[log], BATCH):
                part = self.records[log][first : min(first + BATCH, ends[log])]
                yield {log: Stretch(part, part[-1].offset + 1)}
