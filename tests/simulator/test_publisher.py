"""What the publisher says it published is what lies on a real Kafka, in order, each record on its partition."""

from collections import Counter
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaConnectionError

from deploy.local.stack import Stack
from rapport.messaging.topics import create_topics
from simulator.bank import Bank, Plan
from simulator.ledger import Ledger
from simulator.line import Published
from simulator.malformed import spoiled
from simulator.marks import SOURCES
from simulator.publisher import publish
from simulator.trouble import Trouble
from simulator.wire import Record, Wire, header
from tests.support.stack import Topics

PARTITIONS = 3
PLAN = Plan(seed=6, customers=40, months=1)
NAMES = [event.name for event in SOURCES]


async def lying_on(stack: Stack, prefix: str) -> dict[tuple[str, int], list[ConsumerRecord]]:
    """Everything on the topics of that prefix."""
    found: dict[tuple[str, int], list[ConsumerRecord]] = {}
    consumer = AIOKafkaConsumer(bootstrap_servers=stack.bootstrap_servers, auto_offset_reset="earliest")
    await consumer.start()
    try:
        partitions = [TopicPartition(prefix + name, number) for name in NAMES for number in range(PARTITIONS)]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        left = {partition for partition, end in ends.items() if end}
        while left:
            for partition, records in (await consumer.getmany(timeout_ms=5_000)).items():
                found.setdefault(tuple(partition), []).extend(records)
                if records[-1].offset + 1 >= ends[partition]:
                    left.discard(partition)
    finally:
        await consumer.stop()
    return found


def by_partition(records: list[Record]) -> dict[tuple[str, int], list[Record]]:
    groups: dict[tuple[str, int], list[Record]] = {}
    for record in records:
        groups.setdefault((record.topic, record.partition), []).append(record)
    return groups


async def test_all_lies_on_kafka_in_its_order_and_the_counts_are_right(
    stack: Stack, topics: Topics, tmp_path: Path
) -> None:
    prefix = await topics.make(NAMES, partitions=PARTITIONS)
    wire = Wire(prefix=prefix, partitions=PARTITIONS)
    records = list(Trouble(duplicates=0.1, late=0.02, seed=3).added_to(Bank(PLAN, wire).records()))
    seen: list[int] = []
    with Ledger(tmp_path / "ledger.csv") as ledger:
        published = await publish(
            records, stack.bootstrap_servers, progress=lambda so_far: seen.append(so_far.total), ledger=ledger
        )
    found = await lying_on(stack, prefix)
    assert {place: [content(r) for r in there] for place, there in found.items()} == {
        place: [(r.key, r.value, r.headers) for r in there] for place, there in by_partition(records).items()
    }
    assert published.total == len(records) == seen[-1]
    assert published.topics == Counter(record.topic for record in records)
    assert published.trouble == Counter(record.trouble for record in records if record.trouble)
    facts = {(r.headers[1], r.headers[2]) for r in records if b'"customer_id":' in r.value}
    assert len((tmp_path / "ledger.csv").read_text().splitlines()) == 1 + len(facts)


async def test_a_record_the_broker_refuses_is_counted_and_what_follows_arrives(stack: Stack) -> None:
    prefix = "small."
    limited = {name: {"max.message.bytes": 1_000_000} for name in NAMES}
    await create_topics(stack.bootstrap_servers, limited, partitions=PARTITIONS, prefix=prefix)
    wire = Wire(prefix=prefix, partitions=PARTITIONS)
    records = list(Trouble(malformed=0.2, seed=3).added_to(Bank(PLAN, wire).records()))
    published = await publish(records, stack.bootstrap_servers)
    oversized = sum(record.trouble == "oversized" for record in records)
    found = await lying_on(stack, prefix)
    arrived = sum(len(there) for there in found.values())
    assert oversized >= 2
    assert published.trouble["oversized"] == oversized
    assert published.total + published.refused == len(records)
    assert arrived == published.total
    assert published.refused == oversized


async def test_topics_of_the_contracts_take_an_oversized_record_for_it_must_become_a_dead_letter(
    stack: Stack, topics: Topics
) -> None:
    prefix = await topics.make(NAMES, partitions=PARTITIONS)
    wire = Wire(prefix=prefix, partitions=PARTITIONS)
    good = next(r for r in Bank(PLAN, wire).records() if header(r, "ce_type") == b"transaction-recorded.v1")
    published = await publish([spoiled(good, "oversized", 0), good], stack.bootstrap_servers)
    assert (published.total, published.refused) == (2, 0)


async def test_a_rate_is_kept(stack: Stack, topics: Topics) -> None:
    prefix = await topics.make(NAMES, partitions=PARTITIONS)
    wire = Wire(prefix=prefix, partitions=PARTITIONS)
    records = list(Bank(PLAN, wire).records())[:600]
    published = await publish(records, stack.bootstrap_servers, rate=300)
    assert published.total == 600
    assert 1.8 <= published.seconds <= 4.0


async def test_without_a_broker_it_says_so_at_once() -> None:
    with pytest.raises(KafkaConnectionError):
        await publish(iter(()), "127.0.0.1:1")


def test_progress_counts_by_topic_and_trouble() -> None:
    record = Record("t", 0, b"k", b"{}", (), 5, None)
    published = Published()
    published.note([record, record._replace(trouble="late", time_ms=3)])
    assert (published.total, published.topics["t"], published.trouble["late"], published.time_ms) == (2, 2, 1, 5)


def content(record: ConsumerRecord) -> tuple[bytes | None, bytes | None, tuple[tuple[str, bytes], ...]]:
    return record.key, record.value, tuple(record.headers)
