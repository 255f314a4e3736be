"""The worker of a service: consumer, relay, sweeper and upkeep, each begun again for ever when it fails.

Whatever dies, the offsets in the database say where to go on; meanwhile readiness says what is wrong.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from time import monotonic

from aiokafka import AIOKafkaProducer

from rapport.clock import utc_now
from rapport.messaging import clients
from rapport.messaging.consuming import Consuming
from rapport.messaging.inbox import keep_partitions
from rapport.messaging.observer import Observer
from rapport.messaging.ownership import Ownership
from rapport.messaging.poll import ConsumerStopped, why
from rapport.messaging.relay import BATCH, Relay
from rapport.messaging.retelling import Retelling, States
from rapport.messaging.sweeper import Sweeper
from rapport.messaging.transaction import Transactions
from rapport.settings import KafkaSettings

_PING_SECONDS = 3.0
_UPKEEP_SECONDS = 600
_LONGEST_BACKOFF = 10.0
Upkeep = Callable[[Transactions], Awaitable[None]]
Batch = Callable[[], Awaitable[bool]]
"""Does a bit of a long work; whether there may be more."""


class Worker:
    """Everything of a service that runs without being asked. `faults`: what is wrong now, by part; empty when ready."""

    def __init__(  # noqa: PLR0913 - it is made of these parts, in one place
        self,
        transactions: Transactions,
        kafka: KafkaSettings,
        *,
        consuming: Consuming,
        relay: Relay,
        sweeper: Sweeper,
        jobs: Mapping[str, Batch],
        ownership: Ownership,
        states: Sequence[States],
        upkeep: Sequence[Upkeep],
        observer: Observer,
    ) -> None:
        self.faults: dict[str, str] = {"consumer": "starting"}
        self._transactions = transactions
        self._kafka = kafka
        self._consuming = consuming
        self._relay = relay
        self._sweeper = sweeper
        self._jobs = jobs
        self._ownership = ownership
        self._owning = asyncio.Lock()
        self._mine: frozenset[int] = frozenset()
        self._states = states
        self._upkeep = upkeep
        self._observer = observer

    async def run(self) -> None:
        """Work until cancelled; then finish what is in hand, give the locks back and leave."""
        parts: dict[str, Callable[[], Awaitable[None]]] = {
            "consumer": self._consume,
            "broker": self._ask_broker,
            "ownership": self._own,
            "relay": self._relay_facts,
            "sweeper": self._sweep,
            **{name: partial(self._work_off, name, batch) for name, batch in self._jobs.items()},
            "upkeep": self._keep_up,
            "retelling": self._retell,
        }
        tasks = [asyncio.create_task(self._supervise(name, part), name=name) for name, part in parts.items()]
        try:
            # Not `gather`: when we are cancelled it cancels each part, and is over as soon as the first one is. The
            # second cancellation below would then interrupt others while they close their Kafka clients, and a client
            # left open sends heartbeats for ever: its partitions stay assigned to nobody.
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._ownership.close()

    async def _supervise(self, name: str, part: Callable[[], Awaitable[None]]) -> None:
        backoff, began = 0.2, monotonic()
        while True:
            try:
                await part()
            except asyncio.CancelledError:
                if (task := asyncio.current_task()) is None or task.cancelling():
                    raise
                # A client's own cancellation, not ours: the part would be gone for good.
                self.faults[name] = "cancelled from within"
            except ConsumerStopped as stop:
                self.faults[name] = str(stop)
                self._observer.stopped(str(stop))
                return
            except Exception as error:  # noqa: BLE001 - whatever it is, the part begins again
                self.faults[name] = why(error)
                self._observer.part_failed(name, error)
            backoff = 0.2 if monotonic() - began > 30 else min(backoff * 2, _LONGEST_BACKOFF)
            await asyncio.sleep(backoff)
            began = monotonic()

    def _succeeded(self, name: str) -> None:
        self.faults.pop(name, None)

    async def _consume(self) -> None:
        async with self._owning:
            number = await self._ownership.claim_instance()
        instance = f"{self._kafka.topic_prefix}{self._transactions.service.name}-{number}"
        await self._consuming.run(
            instance,
            succeeded=lambda: self._succeeded("consumer"),
            owned=lambda: self._ownership.has_instance,
        )

    async def _ask_broker(self) -> None:
        """Only for readiness: a client that lost its broker finds back by itself."""
        while True:
            await self._consuming.ask_broker()
            self._succeeded("broker")
            await asyncio.sleep(_PING_SECONDS)

    async def _relay_facts(self) -> None:
        producer: AIOKafkaProducer | None = None
        try:
            producer = clients.producer(self._kafka, name=f"{self._transactions.service.name}-relay")
            await producer.start()
            await self._relay_with(producer)
        finally:
            await clients.stop(producer)

    async def _relay_with(self, producer: AIOKafkaProducer) -> None:
        while True:
            sent = await self._relay.relay(producer, self._mine)
            self._succeeded("relay")
            if sent < BATCH:
                await self._relay.wait()

    async def _own(self) -> None:
        """Hold the locks of what is assigned; also the ping without which a connection counts as frozen."""
        wanted: frozenset[int] = frozenset()
        pinged = 0.0
        try:
            while True:
                if wanted != self._consuming.assigned or monotonic() - pinged > _PING_SECONDS:
                    wanted, pinged = self._consuming.assigned, monotonic()
                    async with self._owning:
                        self._mine = await self._ownership.hold(wanted)
                    self._succeeded("ownership")
                await asyncio.sleep(0.1)
        finally:
            self._mine = frozenset()

    async def _sweep(self) -> None:
        while True:
            fired = await self._sweeper.sweep(self._consuming.current)
            self._succeeded("sweeper")
            await asyncio.sleep(0.02 if fired else 0.5)

    async def _work_off(self, name: str, batch: Batch) -> None:
        while True:
            more = await batch()
            self._succeeded(name)
            await asyncio.sleep(0 if more else 1)

    async def _keep_up(self) -> None:
        while True:
            async with self._transactions.engine.begin() as connection:
                await keep_partitions(connection)
            for upkeep in self._upkeep:
                await upkeep(self._transactions)
            self._succeeded("upkeep")
            await asyncio.sleep(_UPKEEP_SECONDS)

    async def _retell(self) -> None:
        retellings = [Retelling(self._transactions, states, self._observer) for states in self._states]
        while True:
            for retelling in retellings:
                while await retelling.tell_page(utc_now()):  # noqa: ASYNC110 - a pace, nobody to wait for
                    await asyncio.sleep(0.5)
            self._succeeded("retelling")
            await asyncio.sleep(_UPKEEP_SECONDS)


async def cancel(task: "asyncio.Task[None]") -> None:
    """End a worker's task and wait until it has given everything back."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
