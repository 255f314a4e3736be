"""The whole way on a real Kafka: churn-alert asks, customer-profile answers, and what is done goes on."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from aiokafka import AIOKafkaProducer

from customer_profile.contact.documents import POLICY
from deploy.local.stack import Stack
from rapport.clock import utc_now
from rapport.composition import Runtime
from rapport.messaging.beginnings import write_beginnings
from rapport.messaging.observer import Observer
from rapport.messaging.records import RawRecord
from rapport.messaging.worker import cancel
from rapport.settings import KafkaSettings
from tests.churn_alert.intervention.test_nodes import account
from tests.customer_profile.facts import customer, record
from tests.support.delivering import Delivering
from tests.support.serving import SUBJECTS
from tests.support.stack import FreshDatabase, Topics

SERVICES = ("customer_profile", "churn_alert")
_STEPS = (
    "SELECT i.customer_id, i.status, s.number, s.status AS step "
    "FROM interventions i JOIN intervention_steps s USING (intervention_id)"
)


def awake(folder: Path) -> Path:
    """A policy under which it is not quiet now, whenever the test runs."""
    policy = json.loads(POLICY.read_text(encoding="utf-8"))
    begin = utc_now() + timedelta(hours=18)  # by the bank's clock, which is eight hours ahead, in ten hours
    end = begin + timedelta(hours=1)
    policy["quiet_hours"] = {"begin": f"{begin:%H:%M}", "end": f"{end:%H:%M}"}
    path = folder / "policy.json"
    path.write_text(json.dumps(policy))
    return path


async def test_who_is_reached_is_contacted_and_who_is_not_is_called(
    stack: Stack, topics: Topics, fresh_database: Callable[..., FreshDatabase], key_folder: Path, tmp_path: Path
) -> None:
    given = {"customer_profile": {"contact": {"sink_folder": tmp_path, "policy": awake(tmp_path)}}, "churn_alert": {}}
    settings = {
        name: SUBJECTS[name].settings(fresh_database(name), key_folder, mode="wall", **given[name]) for name in SERVICES
    }
    heard = {event.name for name in SERVICES for event in SUBJECTS[name].compose(settings[name]).subscriptions}
    told = {"intervention-changed", "customer-profiled", "customer-profile.dead-letter", "churn-alert.dead-letter"}
    prefix = await topics.make(sorted(heard | told))
    kafka = KafkaSettings(bootstrap_servers=stack.bootstrap_servers, topic_prefix=prefix, session_timeout_ms=6000)
    services, working = {}, []
    for name in SERVICES:
        own = settings[name].model_copy(update={"kafka": kafka})
        runtime = Runtime(SUBJECTS[name].compose(own), own, role="worker", observer=Observer())
        await write_beginnings(runtime.url, own.kafka, runtime.composition.subscriptions)
        services[name] = Delivering(runtime)
        working.append(asyncio.create_task(runtime.worker().run()))
    profile, churn = services["customer_profile"], services["churn_alert"]
    try:
        await _send(profile, prefix, [record(profile, customer("c-1"))])
        await _until(profile, "SELECT 1 FROM profiles", 1)
        today = utc_now()
        opened = [account(today.date(), customer_id=who, account_id=f"a-{who}", as_of=today) for who in ("c-1", "c-2")]
        await _send(churn, prefix, [churn.feed.record(one, time=today) for one in opened + opened])
        await _until(churn, "SELECT 1 FROM intervention_steps WHERE kind = 'task' AND status = 'open'", 2)
        rows = {(row.customer_id, row.number): (row.status, row.step) for row in await churn.rows(_STEPS)}
        asked = await churn.rows("SELECT DISTINCT request_id FROM intervention_steps WHERE request_id IS NOT NULL")
    finally:
        for task in working:
            await cancel(task)
        for service in services.values():
            await service.runtime.close()
    assert rows == {
        ("c-1", 1): ("contacted", "delivered"),
        ("c-1", 2): ("contacted", "open"),
        ("c-2", 1): ("proposed", "refused"),
        ("c-2", 2): ("proposed", "open"),
    }
    assert len(asked) == 2
    assert len((tmp_path / "contacts.jsonl").read_text(encoding="utf-8").splitlines()) == 1


async def _until(service: Delivering, sql: str, count: int) -> None:
    async with asyncio.timeout(60):
        while len(await service.rows(sql)) < count:
            await asyncio.sleep(0.1)


async def _send(service: Delivering, prefix: str, records: list[RawRecord]) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=service.runtime.settings.kafka.bootstrap_servers, acks="all")
    await producer.start()
    for raw in records:
        await producer.send_and_wait(prefix + raw.topic, raw.value, key=raw.key, headers=list(raw.headers))
    await producer.stop()
