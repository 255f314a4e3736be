"""Feeds a service's poll without Kafka: records made here, applied to a real PostgreSQL by the code that runs."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text

from rapport.clock import utc_now
from rapport.composition import Runtime
from rapport.events.base import Event
from rapport.ids import new_id
from rapport.messaging.inbox import Inbox
from rapport.messaging.intake import Intake
from rapport.messaging.observer import Observer
from rapport.messaging.offsets import accounting, begin_at
from rapport.messaging.partitions import partition_of
from rapport.messaging.poll import Poll
from rapport.messaging.records import Arrival, RawRecord, TopicPartition
from rapport.messaging.replay import Replay

NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)


class Feed:
    """Records of one or more topics as a broker would number them."""

    def __init__(self) -> None:
        self._next: dict[tuple[str, int], int] = defaultdict(int)

    def record(
        self,
        event: Event,
        *,
        time: datetime = NOON,
        identifier: str | None = None,
        source: str = "core",
        headers: Mapping[str, str] | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> RawRecord:
        """The event as the next record of its partition; `data` replaces fields on the wire, valid or not."""
        attributes = {
            "ce_specversion": "1.0",
            "ce_id": identifier or str(new_id()),
            "ce_source": source,
            "ce_type": event.wire_type(),
            "ce_time": time.isoformat(),
        } | dict(headers or {})
        value = json.dumps(event.model_dump(mode="json") | dict(data or {})).encode()
        partition = partition_of(event.key)
        place = (event.name, partition)
        offset = self._next[place]
        self._next[place] += 1
        pairs = [(name, cell.encode()) for name, cell in attributes.items()]
        published = int(utc_now().timestamp() * 1000)
        return RawRecord(event.name, partition, offset, published, event.key.encode(), value, pairs)


class Delivering:
    """The delivery of one service over one database."""

    def __init__(self, runtime: Runtime, *, inbox: Inbox | None = None) -> None:
        self.runtime = runtime
        self.service = runtime.transactions.service
        seen = inbox or Inbox()
        self.poll = Poll(runtime.transactions, runtime.composition.subscriptions, observer=runtime.observer, inbox=seen)
        self.replay = Replay(runtime.transactions, self.poll, seen)
        self.feed = Feed()

    async def begin(self) -> None:
        """The rows `migrate` writes: every partition of every topic begins at 0."""
        names = [event.name for event in self.service.hears.values()]
        rows = {TopicPartition(name, number): 0 for name in names for number in range(self.service.partitions)}
        async with self.runtime.engine.begin() as connection:
            await begin_at(connection, rows)

    def arrivals(self, records: Sequence[RawRecord]) -> list[Arrival]:
        """Decoded and ordered as a worker's intake would, in the time mode of the service."""
        intake = Intake(
            self.service.decode,
            merged=self.service.of_customers if self.service.is_stream_time else frozenset(),
        )
        first: dict[TopicPartition, int] = {}
        for raw in records:
            first.setdefault(TopicPartition(raw.topic, raw.partition), raw.offset)
        intake.assign(first, {})
        intake.add(records)
        return intake.take(len(records))

    async def deliver(self, *records: RawRecord) -> list[Arrival]:
        """One poll with these records."""
        arrivals = self.arrivals(records)
        await self.poll.apply(arrivals, {})
        return arrivals

    async def rows(self, sql: str, **values: Any) -> list[Any]:
        """What the database answers."""
        async with self.runtime.engine.connect() as connection:
            return list((await connection.execute(text(sql), values)).all())

    async def rows_written(self, *statements: str) -> None:
        """Change rows behind the service's back."""
        async with self.runtime.engine.begin() as connection:
            for statement in statements:
                await connection.execute(text(statement))

    async def counts(self) -> dict[str, int]:
        """The accounting over all partitions. Fails when it does not balance somewhere."""
        async with self.runtime.engine.connect() as connection:
            rows = await accounting(connection)
        assert all(row["balances"] for row in rows), "received is not the sum of what became of it"
        names = ("received", "applied", "duplicate", "skipped", "dead_lettered", "parked")
        return {name: sum(row[name] for row in rows) for name in names}


__all__ = ["NOON", "Delivering", "Feed", "Observer"]
