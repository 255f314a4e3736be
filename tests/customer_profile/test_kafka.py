"""The service at work between a real Kafka and a real PostgreSQL: heard, parked, woken, told."""

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from customer_profile.main import compose
from customer_profile.settings import Settings
from deploy.local.stack import Stack
from rapport.composition import Runtime
from rapport.messaging.beginnings import write_beginnings
from rapport.messaging.observer import Observer
from rapport.messaging.worker import cancel
from rapport.settings import KafkaSettings
from tests.customer_profile.facts import HOUR, MONDAY, BankFact, account, customer, record
from tests.support.delivering import Delivering
from tests.support.stack import Topics

TOPICS = ("customer-profiled", "customer-profile.dead-letter")
CUSTOMERS = 40


async def test_a_mix_with_duplicates_and_orphans_is_told_once_for_each_change(
    stack: Stack, topics: Topics, make_settings: Callable[..., Settings]
) -> None:
    settings = make_settings()
    heard = {event.name for event in compose(settings).subscriptions}
    prefix = await topics.make([*heard, *TOPICS])
    settings = settings.model_copy(
        update={
            "kafka": KafkaSettings(
                bootstrap_servers=stack.bootstrap_servers, topic_prefix=prefix, session_timeout_ms=6000
            )
        }
    )
    runtime = Runtime(compose(settings), settings, role="worker", observer=Observer())
    await write_beginnings(runtime.url, settings.kafka, runtime.composition.subscriptions)
    service = Delivering(runtime)
    working = asyncio.create_task(runtime.worker().run())
    try:
        # Every account first: in wall time no topic waits for another, so each is parked until its customer comes.
        accounts = [account(f"c-{n}", f"a-{n}") for n in range(CUSTOMERS)]
        await _send(service, prefix, accounts + accounts[::2])
        await _until(service, received=60, parked=40, duplicate=20)
        records = [customer(f"c-{n}", relationship_manager="e-1") for n in range(CUSTOMERS - 1)]
        later = [customer("c-0", unit="B2", recorded_at=MONDAY + HOUR)]
        await _send(service, prefix, records + later + records[::3])
        await _until(service, received=60 + 39 + 1 + 13, applied=39 + 39 + 1, parked=1, duplicate=20 + 13)
        told = await _read(stack, prefix + "customer-profiled", 39 * 2 + 1)
    finally:
        await cancel(working)
        await runtime.close()
    by_customer: dict[str, list[tuple[int, str, str]]] = {}
    for fact in told:
        by_customer.setdefault(fact["customer_id"], []).append((fact["revision"], fact["customer_class"], fact["unit"]))
    assert by_customer.pop("c-0") == [(1, "potential", "B0017"), (2, "core", "B0017"), (3, "ordinary", "B2")]
    assert len(by_customer) == 38
    assert set(map(tuple, by_customer.values())) == {((1, "potential", "B0017"), (2, "core", "B0017"))}


async def _send(service: Delivering, prefix: str, events: Sequence[BankFact]) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=service.runtime.settings.kafka.bootstrap_servers, acks="all")
    await producer.start()
    for event in events:
        raw = record(service, event, identifier=f"{event.key}:{event.name}:{event.model_dump_json()}")
        await producer.send_and_wait(prefix + event.name, raw.value, key=raw.key, headers=list(raw.headers))
    await producer.stop()


async def _until(service: Delivering, **expected: int) -> None:
    """Waits until the accounting says this; it must balance at every moment in between."""
    names = ("received", "applied", "duplicate", "skipped", "dead_lettered", "parked")
    wanted = {name: expected.get(name, 0) for name in names}
    async with asyncio.timeout(60):
        while await service.counts() != wanted:
            await asyncio.sleep(0.1)


async def _read(stack: Stack, topic: str, count: int) -> list[dict[str, Any]]:
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=stack.bootstrap_servers, auto_offset_reset="earliest", group_id=None
    )
    await consumer.start()
    read: list[dict[str, Any]] = []
    async with asyncio.timeout(30):
        while len(read) < count:
            for records in (await consumer.getmany(timeout_ms=500)).values():
                read += [json.loads(raw.value) for raw in records]
        extra = await consumer.getmany(timeout_ms=1000)
    await consumer.stop()
    assert not extra, "nothing is told twice"
    return read
