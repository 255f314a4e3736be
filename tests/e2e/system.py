"""Services as they are composed, side by side on one log, each with workers of any number and appetite."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from aiokafka import TopicPartition as KafkaPartition
from sqlalchemy import text

import churn_alert.main
import churn_alert.settings
import customer_profile.main
import customer_profile.settings
import feedback.main
import feedback.settings
import scoring.main
import scoring.settings
from deploy.local.connections import Connections
from rapport.composition import Composition, Runtime
from rapport.messaging.beginnings import write_beginnings
from rapport.messaging.observer import Observer
from rapport.messaging.worker import cancel
from rapport.settings import ServiceSettings
from tests.support.stack import FreshDatabase

PARTITIONS = 4
_PATIENCE = 180
"""Seconds that tell a system that hangs from a machine that is busy."""
Compose = Callable[[Any], Composition]
SERVICES: dict[str, tuple[type[ServiceSettings], Compose]] = {
    "customer_profile": (customer_profile.settings.Settings, customer_profile.main.compose),
    "scoring": (scoring.settings.Settings, scoring.main.compose),
    "churn_alert": (churn_alert.settings.Settings, churn_alert.main.compose),
    "feedback": (feedback.settings.Settings, feedback.main.compose),
}
DECIDED = {
    "scoring": (
        "SELECT to_jsonb(d) - 'known_at' - 'consent_version' FROM decisions d ORDER BY customer_id, revision",
        """SELECT to_jsonb(s) || jsonb_strip_nulls(to_jsonb(d))
        FROM standings s JOIN due_times d USING (customer_id) ORDER BY customer_id""",
    ),
    "churn_alert": (
        "SELECT to_jsonb(c) - 'known_at' - 'consent_version' FROM risk_crossings c ORDER BY crossing_id",
        # By the tier and the manager that were heard by then, an alert is severe, waits so long, is somebody's, has a
        # playbook. Its experiment and its arm hang on neither.
        """SELECT to_jsonb(a)
        - '{tier,segment,owner,urgency,severity,answer_by,due_at,waiting_since,escalation,revision}'::text[]
        - '{playbook,playbook_version}'::text[]
        FROM alerts a ORDER BY alert_id""",
        """SELECT to_jsonb(e) - '{known_at,consent_version,number,owner,escalation}'::text[]
        FROM alert_events e WHERE step <> 'escalated' ORDER BY alert_id, number""",
        # What a file was like before it was heard of again is kept where nobody had looked at its person by then.
        "SELECT to_jsonb(r) - 'before' FROM risks r ORDER BY customer_id",
    ),
}
"""All that a service has decided and keeps, but when this machine knew of it, and of which consents."""


@dataclass(frozen=True, slots=True)
class Served:
    """One service over a database of its own."""

    name: str
    runtime: Runtime

    async def rows(self, sql: str) -> list[Any]:
        async with self.runtime.engine.connect() as connection:
            return list((await connection.execute(text(sql))).scalars())

    async def cells(self, sql: str) -> list[Any]:
        """Whole rows."""
        async with self.runtime.engine.connect() as connection:
            return list((await connection.execute(text(sql))).all())

    async def decided(self) -> list[list[Any]]:
        return [await self.rows(sql) for sql in DECIDED[self.name]]

    async def is_settled(self) -> bool:
        """Nothing is unread, unsent or due."""
        async with self.runtime.engine.connect() as connection:
            offsets = (
                await connection.execute(text("SELECT topic, partition, next_offset FROM consumer_offsets"))
            ).all()
            waiting = (await connection.execute(text("SELECT count(*) FROM outbox"))).scalar_one()
            service, partitions = self.runtime.transactions.service, range(PARTITIONS)
            due = [await one.look(connection, service, partitions, limit=1) for one in self.runtime.composition.sweeps]
        if waiting or any(due):
            return False
        ends = await ends_of(self.runtime, [KafkaPartition(row.topic, row.partition) for row in offsets])
        return all(ends[KafkaPartition(row.topic, row.partition)] == row.next_offset for row in offsets)


async def ends_of(runtime: Runtime, partitions: Sequence[KafkaPartition]) -> dict[KafkaPartition, int]:
    """Where these logs end."""
    async with AIOKafkaConsumer(bootstrap_servers=runtime.settings.kafka.bootstrap_servers) as consumer:
        ends: dict[KafkaPartition, int] = await consumer.end_offsets(list(partitions))
        return ends


class System:
    """All services on the topics of one prefix, in stream time unless another is asked for."""

    def __init__(self, stack: Connections, prefix: str, *, auth: dict[str, str] | None = None) -> None:
        """`auth`: whose tokens the APIs take, for who asks one."""
        self._stack = stack
        self._auth = auth or {"issuer": "nobody", "jwks": "nowhere"}
        self.prefix = prefix
        self.bootstrap_servers = stack.bootstrap_servers
        self.services: list[Served] = []

    async def add(
        self,
        name: str,
        database: FreshDatabase,
        *,
        max_poll_records: int,
        observer: Observer | None = None,
        mode: str = "stream",
        bank: dict[str, Any] | None = None,
    ) -> None:
        """A service, ready to begin at the beginning; an observer that remembers is one worker's alone. `bank`: its
        documents, instead of the published ones.
        """
        settings_class, compose = SERVICES[name]
        settings = settings_class.model_validate(
            {
                "database": {"url": database.url},
                "kafka": {
                    "bootstrap_servers": self.bootstrap_servers,
                    "topic_prefix": self.prefix,
                    "partitions": PARTITIONS,
                    "session_timeout_ms": 6000,
                    "max_poll_records": max_poll_records,
                },
                "time": {"mode": mode},
                "auth": self._auth,
                "api": {"burst": 1000, "requests_per_second": 1000},
                "encryption": {"key_file": self._stack.encryption_key_file},
                "look_up": {"key_file": self._stack.look_up_key_file},
                "hold_out": {"key_file": self._stack.hold_out_key_file},
                **({"bank": bank} if bank else {}),
            }
        )
        runtime = Runtime(compose(settings), settings, role="worker", observer=observer or Observer())
        await write_beginnings(database.owner_url, settings.kafka, runtime.composition.subscriptions)
        self.services.append(Served(name, runtime))

    @asynccontextmanager
    async def working(self, *, workers: int) -> AsyncIterator[None]:
        """So many workers of each service."""
        async with AsyncExitStack() as crew:
            for served in self.services:
                for _ in range(workers):
                    await crew.enter_async_context(_worker(served.runtime))
            yield

    async def settle(self) -> None:
        """Until nothing is left to do."""
        until = monotonic() + _PATIENCE
        while not all([await served.is_settled() for served in self.services]):
            assert monotonic() < until, f"not settled within {_PATIENCE} s"
            await asyncio.sleep(0.2)

    async def decided(self) -> dict[str, list[list[Any]]]:
        return {served.name: await served.decided() for served in self.services}

    async def told(self, topic: str) -> dict[str, bytes]:
        """Every fact of a topic, by event id."""
        return {dict(record.headers)["ce_id"].decode(): record.value for record in await self.records(topic)}

    async def records(self, topic: str) -> list[ConsumerRecord]:
        """Everything of a topic."""
        partitions = [KafkaPartition(self.prefix + topic, number) for number in range(PARTITIONS)]
        read: list[ConsumerRecord] = []
        async with AIOKafkaConsumer(bootstrap_servers=self.bootstrap_servers) as consumer:
            consumer.assign(partitions)
            await consumer.seek_to_beginning()
            ends = await consumer.end_offsets(partitions)
            while any([await consumer.position(tp) < end for tp, end in ends.items()]):
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    read += records
        return read

    async def close(self) -> None:
        for served in self.services:
            await served.runtime.close()


@asynccontextmanager
async def _worker(runtime: Runtime) -> AsyncIterator[None]:
    own = Runtime(runtime.composition, runtime.settings, role="worker", observer=runtime.observer)
    task = asyncio.create_task(own.worker().run())
    try:
        yield
    finally:
        await cancel(task)
        await own.close()
