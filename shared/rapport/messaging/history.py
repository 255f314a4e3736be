"""One partition's events from the beginning of the log, apart from any consumer group and any database.

For replays: the same records in the same order as a worker handled them, each once, up to what was published by some
moment.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

from rapport.events.base import Received
from rapport.messaging.intake import Intake
from rapport.messaging.log import BATCH, Log
from rapport.messaging.records import Arrival, RawRecord, TopicPartition
from rapport.messaging.service import Service

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True)
class Passed:
    """What became of the records of a partition in a replay. `position`: where stream time stands after them.

    `compacted`: how many offsets of compacted topics hold no record any more, known when all is read. Our producers use
    no transactions; where a bank's do, each end of one counts too.
    """

    read: int = 0
    applied: int = 0
    duplicate: int = 0
    skipped: int = 0
    dead_lettered: int = 0
    compacted: int = 0
    position: datetime | None = None


class History:
    """The bank's topics about customers that a service hears, of one partition number.

    What our own services tell is in no order with the bank's facts, so no replay could have it at the same place.
    """

    def __init__(self, log: Log, service: Service, partition: int) -> None:
        self.partition = partition
        self.is_stream_time = service.is_stream_time
        self._log = log
        self._service = service
        self.logs = [TopicPartition(topic, partition) for topic in sorted(service.of_customers)]
        self.passed = Passed()
        states = {service.topic_prefix + event.name for event in service.hears.values() if event.is_state}
        self._compacted = [log for log in self.logs if log.topic in states]
        self._seen: dict[UUID, bytes] = {}

    async def events(self, until: datetime | None = None) -> AsyncIterator[Sequence[Received[Any]]]:
        """Batches of events as a worker's handlers get them, of what was published up to `until`, the end included.

        In wall time an event is handled at the moment it was published; one partition's topics follow each other in
        that order. Raises HistoryMissing.
        """
        ends = await self._log.ends(self.logs, until)
        intake, there = self._intake(), Counter[TopicPartition]()
        for log, end in ends.items():
            if end == 0:
                intake.add(self._ended(log, end))
        async for found in self._log.read(dict.fromkeys(self.logs, 0), ends):
            for log, stretch in found.items():
                intake.add(stretch.records)
                there[log] += len(stretch.records)
                if stretch.next_offset == ends[log]:
                    intake.add(self._ended(log, ends[log]))
            while arrivals := intake.take(BATCH):
                yield self._fresh(arrivals)
        self.passed.compacted = sum(ends[log] - there[log] for log in self._compacted)
        while arrivals := intake.take(BATCH):
            yield self._fresh(arrivals)

    def _intake(self) -> Intake:
        read = self._service.decode
        intake = Intake(
            read if self.is_stream_time else partial(_by_publication, read=read),
            merged=frozenset(log.topic for log in self.logs),
        )
        intake.assign(dict.fromkeys(self.logs, 0), {})
        return intake

    def _ended(self, log: TopicPartition, end: int) -> list[RawRecord]:
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


async def lengths(log: Log, service: Service, until: datetime | None = None) -> list[int]:
    """How many offsets the logs of each partition number span, up to what was published by `until`."""
    histories = [History(log, service, number) for number in range(service.partitions)]
    ends = await log.ends([one for history in histories for one in history.logs], until)
    return [sum(ends[one] for one in history.logs) for history in histories]


def _by_publication(raw: RawRecord, read: Callable[[RawRecord], Arrival]) -> Arrival:
    """An arrival whose turn is that of its publication; one with the timestamp -1 says that its log has ended."""
    if raw.timestamp < 0:
        return Arrival(raw, _NEVER, is_mark=True)
    arrival = read(raw)
    arrival.time, arrival.is_mark = datetime.fromtimestamp(raw.timestamp / 1000, UTC), False
    return arrival
