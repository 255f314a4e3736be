"""The load every measurement shares: card payments and salaries of some thousand customers, as records."""

import asyncio
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from aiokafka import AIOKafkaProducer

from rapport.messaging.partitions import partition_of
from rapport.messaging.topics import TopicSettings

TOPIC = "transaction-recorded"
TOLD = "tier-changed"
CREATED: TopicSettings = {"message.timestamp.type": "CreateTime", "retention.ms": -1}
"""Of a topic that takes its producer's word for when a record was published: what is old then would be deleted."""
NEW = b"n-"
"""How the token of a customer begins who was never seen before."""
START = datetime(2025, 1, 1, tzinfo=UTC)
SPAN = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class LoadRecord:
    """One transaction as it goes to Kafka."""

    customer: str
    key: bytes
    partition: int
    value: bytes
    headers: list[tuple[str, bytes]]
    at: datetime


def transaction(number: int, customer: str, moment: datetime, rng: random.Random) -> LoadRecord:
    """A payment or, one in twenty, a salary."""
    is_salary = rng.random() < 0.05
    time = moment.isoformat()
    data = {
        "source": "bench",
        "transaction_no": f"t{number}",
        "account_id": f"a-{customer}",
        "customer_id": customer,
        "amount": f"{rng.randrange(100, 900000) / 100:.2f}",
        "currency": "CNY",
        "direction": "credit" if is_salary else "debit",
        "kind": "salary" if is_salary else "card-payment",
        "initiator": "automatic" if is_salary else "customer",
        "channel": "transfer" if is_salary else "card",
        "occurred_at": time,
    }
    attributes = {
        "ce_specversion": "1.0",
        "ce_id": f"bench-{number}",
        "ce_source": "bench",
        "ce_type": f"{TOPIC}.v1",
        "ce_time": time,
        "ce_subject": customer,
    }
    headers = [(name, value.encode()) for name, value in attributes.items()]
    return LoadRecord(customer, customer.encode(), partition_of(customer), json.dumps(data).encode(), headers, moment)


def history(count: int, customers: int, *, seed: int = 1, start: datetime = START) -> Iterator[LoadRecord]:
    """`count` transactions of `customers` customers over half a year, in order of time."""
    rng = random.Random(seed)
    for number in range(count):
        moment = start + SPAN * (number / count)
        yield transaction(number, f"c-{rng.randrange(customers):06}", moment, rng)


async def fill(bootstrap: str, prefix: str, count: int, customers: int, *, start: datetime = START) -> None:
    """Put a history on the topic as fast as it goes, each record as published when it happened: a topic that takes its
    producer's word for that (`CREATED`) says so to who reads, any other says now."""
    async with AIOKafkaProducer(
        bootstrap_servers=bootstrap, acks="all", linger_ms=20, max_batch_size=1 << 18
    ) as producer:
        pending = []
        for record in history(count, customers, start=start):
            place: dict[str, Any] = {"key": record.key, "partition": record.partition, "headers": record.headers}
            published = int(record.at.timestamp() * 1000)
            pending.append(await producer.send(prefix + TOPIC, record.value, timestamp_ms=published, **place))
            if len(pending) == 10_000:
                await asyncio.gather(*pending)
                pending.clear()
        await asyncio.gather(*pending)
