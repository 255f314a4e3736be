"""From the outbox to Kafka: every committed fact, at least once, in order for each customer.

Part of the worker. A worker relays the partitions it is assigned and owns (see ownership.py), so that two relays never
write one customer's facts at the same time.
"""

import asyncio
from collections.abc import Iterable
from contextlib import suppress

from aiokafka import AIOKafkaProducer
from asyncpg import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from rapport.clock import utc_now
from rapport.database import borrow
from rapport.messaging import outbox
from rapport.messaging.observer import Observer

_LOOK_SECONDS = 0.05
BATCH = 2000
"""Facts of one send at most: a batch that is full says that more may wait."""


class Relay:
    """Sends what waits in the outbox of the assigned partitions and deletes it once Kafka has acknowledged it."""

    def __init__(self, engine: AsyncEngine, observer: Observer) -> None:
        self._engine = engine
        self._observer = observer
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Facts were committed in this process: look now instead of at the next 50 ms."""
        self._woken.set()

    async def wait(self) -> None:
        """Until facts were committed here, or 50 ms for those that another process wrote."""
        # Not `wait_for`: before Python 3.12 it swallows a cancellation that comes together with the wake-up, and the
        # worker would never end.
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_SECONDS):
                await self._woken.wait()
        self._woken.clear()

    async def relay(self, producer: AIOKafkaProducer, partitions: Iterable[int]) -> int:
        """Send one batch; returns how many facts. On any error nothing is deleted, and the next look sends it again."""
        mine = sorted(partitions)
        if not mine:
            return 0
        async with borrow(self._engine) as driver:
            rows = await self.read(driver, mine)
            if not rows:
                return 0
            self._observer.step("relay-read")
            sent = [
                await producer.send(row.topic, row.value, key=row.key, partition=row.partition, headers=row.headers)
                for row in rows
            ]
            await asyncio.gather(*sent)
            self._observer.step("relay-sent")
            await outbox.done(driver, [row.outbox_id for row in rows])
        self._observer.step("relay-deleted")
        self._tell(rows)
        return len(rows)

    async def read(self, driver: Connection, partitions: list[int]) -> list[outbox.Waiting]:
        """The rows to send next: what is there, in order of id, from the start."""
        return await outbox.waiting(driver, partitions, limit=BATCH)

    def _tell(self, rows: list[outbox.Waiting]) -> None:
        now = utc_now()
        seconds: dict[str, list[float]] = {}
        for row in rows:
            times = seconds.setdefault(row.topic, [])
            if row.caused_at is not None:
                times.append((now - row.caused_at).total_seconds())
        for topic, times in seconds.items():
            self._observer.relayed(topic, sum(row.topic == topic for row in rows), times)
