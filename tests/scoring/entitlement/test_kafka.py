"""A lifecycle told on a real Kafka moves what a customer is entitled to, and is counted like every record."""

import asyncio
from collections.abc import Callable
from time import monotonic

import httpx
from aiokafka import AIOKafkaProducer

from deploy.local.stack import Stack
from rapport.composition import Runtime
from rapport.events.base import Event
from rapport.messaging.beginnings import write_beginnings
from rapport.messaging.observer import Observer
from rapport.messaging.worker import cancel
from rapport.serving import api_of
from rapport.settings import KafkaSettings
from scoring.main import compose
from scoring.settings import Settings
from tests.scoring.entitlement.counter import by_measure, profile, stage
from tests.scoring.facts import DAY, MONDAY, holdings, record
from tests.support.delivering import Delivering
from tests.support.stack import Topics
from tests.support.tokens import TestIssuer

TOPICS = (
    *(
        "transaction-recorded",
        "holding-changed",
        "customer-profiled",
        "lifecycle-changed",
        "exchange-rate-set",
        "consent-changed",
        "customer-erased",
        "employee-changed",
        "customers-merged",
        "customers-unmerged",
    ),
    *("tier-changed", "scoring.dead-letter"),
)


async def test_a_lifecycle_told_on_kafka_moves_what_a_customer_is_entitled_to(
    stack: Stack, topics: Topics, make_settings: Callable[..., Settings], issuer: TestIssuer
) -> None:
    prefix = await topics.make(TOPICS)
    kafka = KafkaSettings(bootstrap_servers=stack.bootstrap_servers, topic_prefix=prefix, session_timeout_ms=6000)
    settings = make_settings().model_copy(update={"kafka": kafka})
    runtime = Runtime(compose(settings), settings, role="worker", observer=Observer())
    await write_beginnings(runtime.url, settings.kafka, runtime.composition.subscriptions)
    service = Delivering(runtime)
    working = asyncio.create_task(runtime.worker().run())
    transport = httpx.ASGITransport(api_of(runtime))
    try:
        async with httpx.AsyncClient(
            transport=transport, base_url="http://scoring", headers=issuer.bearer("compliance", subject="ana")
        ) as client:
            await _send(service, prefix, holdings(1, "5000.00"), profile(), stage("new", revision=1))
            await _until(service, applied=3)
            new = (await client.get("/entitlements/c-1")).json()
            assert by_measure(new["risk"])["transfer-review"] == (50_000, "newcomers")
            late = stage("mature", MONDAY + DAY, revision=2)
            await _send(service, prefix, stage("lost", MONDAY + 2 * DAY, revision=3), late, late)
            await _until(service, applied=5, duplicate=1)
            lost = (await client.get("/entitlements/c-1")).json()
            assert by_measure(lost["risk"])["manual-credit-decision"] == (True, "lost")
            assert lost["missing"] == ["segment"]
    finally:
        await cancel(working)
        await runtime.close()


async def _send(service: Delivering, prefix: str, *events: Event) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=service.runtime.settings.kafka.bootstrap_servers, acks="all")
    await producer.start()
    for event in events:
        raw = record(service, event, identifier=event.model_dump_json()[-200:])
        await producer.send_and_wait(prefix + event.name, raw.value, key=raw.key, headers=list(raw.headers))
    await producer.stop()


async def _until(service: Delivering, **wanted: int) -> None:
    patience = monotonic() + 40
    while True:
        counts = await service.counts()
        if all(counts[name] == number for name, number in wanted.items()):
            return
        assert monotonic() < patience, counts
        await asyncio.sleep(0.1)
