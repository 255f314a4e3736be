"""A core's own list against a service on a real broker, by the command that people call."""

import argparse
import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRecord

from customer_profile.adapter_commands import RECONCILE
from customer_profile.main import compose
from customer_profile.settings import Settings
from deploy.local.stack import Stack
from rapport.composition import Runtime
from rapport.messaging.beginnings import write_beginnings
from rapport.messaging.observer import Observer
from tests.customer_profile.adapter.cores import FINERACT, FINERACT_ACCOUNTS, LEGACY
from tests.support.delivering import Delivering
from tests.support.stack import Topics

TOPICS = (FINERACT, FINERACT_ACCOUNTS, LEGACY, "customer-recorded", "account-changed", "transaction-recorded")


async def on_broker(stack: Stack, topics: Topics, adapter_settings: Callable[..., Settings]) -> Delivering:
    """The service with topics of its own, whose names begin with `service.topic_prefix`."""
    heard = {event.name for event in compose(adapter_settings()).subscriptions}
    prefix = await topics.make({*TOPICS, *heard, "customer-profiled", "customer-profile.dead-letter"})
    kafka = {"bootstrap_servers": stack.bootstrap_servers, "topic_prefix": prefix, "session_timeout_ms": 6000}
    settings = adapter_settings(kafka=kafka)
    service = Delivering(Runtime(compose(settings), settings, role="worker", observer=Observer()))
    await write_beginnings(service.runtime.url, settings.kafka, service.runtime.composition.subscriptions)
    return service


async def reconcile(service: Delivering, source: str, file: Path, **asked: object) -> None:
    """The command, with these options."""
    options = {"day": None, "balances": False, "publish": False, "all": False} | asked
    named = argparse.Namespace(source=source, file=file, **options)
    await asyncio.to_thread(RECONCILE.act, service.runtime.composition, service.runtime.settings, named)


def shown(capsys: pytest.CaptureFixture[str]) -> dict[str, list[str]]:
    """What the command printed, by the first word of each line."""
    lines = capsys.readouterr().out.splitlines()
    return {line.split()[0]: line.split()[1:] for line in lines if line.strip()}


async def on_topic(stack: Stack, topic: str) -> list[ConsumerRecord]:
    """All records of a topic."""
    reader = AIOKafkaConsumer(topic, bootstrap_servers=stack.bootstrap_servers, auto_offset_reset="earliest")
    await reader.start()
    read = [r for records in (await reader.getmany(timeout_ms=5000)).values() for r in records]
    await reader.stop()
    return read
