"""The whole way between a real Kafka, a real PostgreSQL and the file: the worker as it runs, asked twice over."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from aiokafka import AIOKafkaProducer

from customer_profile.main import compose
from customer_profile.settings import Settings
from deploy.local.stack import Stack
from rapport.clock import utc_now
from rapport.composition import Runtime
from rapport.messaging.beginnings import write_beginnings
from rapport.messaging.observer import Observer
from rapport.messaging.worker import cancel
from rapport.settings import KafkaSettings
from tests.customer_profile.contact.asking import answer, care, sunk
from tests.customer_profile.facts import customer, record
from tests.customer_profile.test_kafka import _read
from tests.support.delivering import Delivering
from tests.support.serving import Subject
from tests.support.stack import FreshDatabase, Topics

ANSWERS = ("contact-delivered", "contact-refused")
CUSTOMERS = 20


async def test_each_request_is_answered_once_on_kafka_and_each_message_lies_once_in_the_file(
    stack: Stack,
    topics: Topics,
    subject: Subject,
    empty_database: Callable[[], FreshDatabase],
    key_folder: Path,
    tmp_path: Path,
) -> None:
    settings = subject.settings(empty_database(), key_folder, mode="wall", contact={"sink_folder": tmp_path})
    assert isinstance(settings, Settings)
    heard = {event.name for event in compose(settings).subscriptions}
    prefix = await topics.make([*heard, *ANSWERS, "customer-profiled", "customer-profile.dead-letter"])
    kafka = KafkaSettings(bootstrap_servers=stack.bootstrap_servers, topic_prefix=prefix, session_timeout_ms=6000)
    settings = settings.model_copy(update={"kafka": kafka})
    runtime = Runtime(compose(settings), settings, role="worker", observer=Observer())
    await write_beginnings(runtime.url, settings.kafka, runtime.composition.subscriptions)
    service = Delivering(runtime)
    working = asyncio.create_task(runtime.worker().run())
    try:
        await _send(service, prefix, [record(service, customer(f"c-{n}")) for n in range(CUSTOMERS)])
        async with asyncio.timeout(60):
            while len(await service.rows("SELECT 1 FROM profiles")) < CUSTOMERS:
                await asyncio.sleep(0.1)
        asked = [make(f"{make.__name__}-{n}", f"c-{n}") for n in range(CUSTOMERS) for make in (answer, care)]
        await _send(service, prefix, [service.feed.record(one, time=utc_now()) for one in asked + asked])
        delivered, refused = [await _read(stack, prefix + name, CUSTOMERS) for name in ANSWERS]
    finally:
        await cancel(working)
        await runtime.close()
    assert {fact["request_id"] for fact in delivered} == {f"answer-{n}" for n in range(CUSTOMERS)}
    assert {(fact["request_id"], fact["reason"]) for fact in refused} == {
        (f"care-{n}", "no-consent") for n in range(CUSTOMERS)
    }
    assert len(sunk(tmp_path)) == len({line["key"] for line in sunk(tmp_path)}) == CUSTOMERS


async def _send(service: Delivering, prefix: str, records: list) -> None:  # type: ignore[type-arg]
    producer = AIOKafkaProducer(bootstrap_servers=service.runtime.settings.kafka.bootstrap_servers, acks="all")
    await producer.start()
    for raw in records:
        await producer.send_and_wait(prefix + raw.topic, raw.value, key=raw.key, headers=list(raw.headers))
    await producer.stop()
