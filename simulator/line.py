"""A connection to Kafka that is made again when it fails, and knows what is under way on it."""

import asyncio
import logging
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from simulator.ledger import Ledger
from simulator.malformed import OVERSIZE
from simulator.wire import Record

_log = logging.getLogger(__name__)
_IN_FLIGHT = 4
"""Chunks."""
_BATCH_BYTES = 256 * 1024
_ORDINARY_BYTES = 900_000
_PRODUCERS = 2
_GIVE_UP_AFTER = 300.0
"""Seconds without any acknowledgement."""
_STOP_WITHIN = 5.0


@dataclass(slots=True)
class Published:
    """What Kafka has acknowledged so far."""

    total: int = 0
    topics: Counter[str] = field(default_factory=Counter)
    trouble: Counter[str] = field(default_factory=Counter)
    """Records by what was done to them, among them the ones refused."""
    refused: int = 0
    """Records the broker does not take: too large for the topic. They are in no other count but `trouble`."""
    time_ms: int = 0
    """Business time reached."""
    started: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.monotonic() - self.started

    def note(self, records: Iterable[Record]) -> None:
        """Count acknowledged records."""
        for record in records:
            self.total += 1
            self.topics[record.topic] += 1
            if record.trouble:
                self.trouble[record.trouble] += 1
            if record.trouble is None:
                self.time_ms = record.time_ms

    def refuse(self, records: Iterable[Record]) -> None:
        """Count records the broker did not take."""
        for record in records:
            self.refused += 1
            if record.trouble:
                self.trouble[record.trouble] += 1


@dataclass(slots=True)
class _Chunk:
    """Records handed over together; nothing is `sent` until they are, and again after a failure."""

    records: list[Record]
    sent: list[asyncio.Future[Any]] = field(default_factory=list)

    def forget(self) -> None:
        """The client that was to answer is gone: its answers are of no interest."""
        for future in self.sent:
            future.add_done_callback(lambda done: done.cancelled() or done.exception())
        self.sent.clear()


class Line:
    """One connection to Kafka, made again when it fails, and what is under way on it."""

    def __init__(self, bootstrap: str, published: Published, ledger: Ledger | None, *, linger_ms: int) -> None:
        self._bootstrap = bootstrap
        self._published = published
        self._ledger = ledger
        self._linger_ms = linger_ms
        self._producers: tuple[AIOKafkaProducer, ...] = ()
        self._under_way: deque[_Chunk] = deque()
        self._last_success = time.monotonic()

    async def connect(self) -> None:
        """Make what is not there of an ordinary producer, and one for what is too large for most topics.

        A record that the broker refuses uses up a sequence number, after which an idempotent aiokafka producer gets
        OutOfOrderSequenceNumber for everything that follows.
        """
        while len(self._producers) < _PRODUCERS:
            self._producers += (await self._producer(is_idempotent=not self._producers),)

    async def send(self, records: list[Record]) -> None:
        """Send; waits while too much is under way."""
        chunk = _Chunk(records)
        self._under_way.append(chunk)
        await self._supervised(lambda: self._hand_over(chunk))
        while len(self._under_way) > _IN_FLIGHT:
            await self._supervised(self._settle_first)

    async def drain(self) -> None:
        """Wait until everything is acknowledged."""
        while self._under_way:
            await self._supervised(self._settle_first)

    async def close(self) -> None:
        """Let go of the clients; a stop of aiokafka can hang on a broker that is away."""
        producers, self._producers = self._producers, ()
        for producer in producers:
            try:
                await asyncio.wait_for(producer.stop(), timeout=_STOP_WITHIN)
            except (KafkaError, TimeoutError, OSError) as fault:
                _log.warning("a producer did not stop in order: %s", type(fault).__name__)

    async def _supervised(self, step: Callable[[], Awaitable[None]]) -> None:
        """A step on a client that works: after a failure all that is under way goes out again on a new one."""
        try:
            await self.connect()
            await step()
            return
        except (KafkaError, OSError) as fault:
            await self._give_up_if_late(fault)
        while True:
            try:
                await self.close()
                await self.connect()
                for chunk in self._under_way:
                    await self._hand_over(chunk)
                return
            except (KafkaError, OSError) as fault:
                await self._give_up_if_late(fault)

    async def _give_up_if_late(self, fault: Exception) -> None:
        if time.monotonic() - self._last_success > _GIVE_UP_AFTER:
            raise fault
        _log.warning("publishing failed, trying again: %s", type(fault).__name__)
        await asyncio.sleep(0.5)

    async def _producer(self, *, is_idempotent: bool) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap,
            acks="all",
            enable_idempotence=is_idempotent,
            linger_ms=self._linger_ms,
            max_batch_size=_BATCH_BYTES,
            max_request_size=2 * OVERSIZE,
            request_timeout_ms=30_000,
        )
        try:
            await producer.start()
        except BaseException:
            await asyncio.wait_for(producer.stop(), timeout=_STOP_WITHIN)
            raise
        return producer

    async def _hand_over(self, chunk: _Chunk) -> None:
        chunk.forget()
        for record in chunk.records:
            producer = self._producers[len(record.value) > _ORDINARY_BYTES]
            chunk.sent.append(
                await producer.send(
                    record.topic,
                    key=record.key,
                    value=record.value,
                    partition=record.partition,
                    headers=list(record.headers),
                )
            )

    async def _settle_first(self) -> None:
        """Wait for the oldest chunk, and book it."""
        chunk = self._under_way[0]
        taken: list[Record] = []
        refused: list[Record] = []
        for record, future in zip(chunk.records, chunk.sent, strict=True):
            try:
                await future
                taken.append(record)
            except MessageSizeTooLargeError:
                refused.append(record)
        self._under_way.popleft()
        self._last_success = time.monotonic()
        self._published.note(taken)
        self._published.refuse(refused)
        if self._ledger is not None:
            self._ledger.book(taken)
