"""A whole worker on a real Kafka: nothing lost, nothing twice, however workers come and go."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from time import monotonic

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka import TopicPartition as KafkaPartition

from deploy.local.connections import Connections
from deploy.local.stack import Stack
from rapport.composition import Runtime
from rapport.messaging.observer import Observer
from rapport.messaging.transaction import Transactions
from rapport.messaging.worker import Worker, cancel
from tests.support.delivering import Delivering
from tests.support.tally import NumberSaid

CUSTOMERS = 40


class Log:
    """Sends numbers and reads what is told, on the topics of one test."""

    def __init__(self, runtime: Runtime) -> None:
        self.bootstrap = runtime.settings.kafka.bootstrap_servers
        self.prefix = runtime.settings.kafka.topic_prefix
        self.sent: dict[str, tuple[int, int]] = {}

    async def send(self, tally: Delivering, numbers: range) -> None:
        async with AIOKafkaProducer(bootstrap_servers=self.bootstrap, acks="all") as producer:
            for number in numbers:
                customer = f"c-{number % CUSTOMERS}"
                raw = tally.feed.record(NumberSaid(customer_id=customer, number=100 + number), identifier=str(number))
                await producer.send(
                    self.prefix + raw.topic, raw.value, key=raw.key, partition=raw.partition, headers=list(raw.headers)
                )
                count, total = self.sent.get(customer, (0, 0))
                self.sent[customer] = (count + 1, total + 100 + number)

    async def told(self, topic: str) -> list[tuple[bytes, bytes]]:
        """Everything of a topic: key and value, in order within each partition."""
        async with AIOKafkaConsumer(bootstrap_servers=self.bootstrap, auto_offset_reset="earliest") as consumer:
            partitions = [KafkaPartition(self.prefix + topic, number) for number in range(24)]
            consumer.assign(partitions)
            ends = await consumer.end_offsets(partitions)
            read: list[tuple[bytes, bytes]] = []
            while any([await consumer.position(tp) < end for tp, end in ends.items()]):
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    read += [(record.key, record.value) for record in records]
            return read


@asynccontextmanager
async def working(runtime: Runtime) -> AsyncIterator[Worker]:
    worker = runtime.worker()
    task = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        await cancel(task)


async def until(condition: Callable[[], object], what: str, seconds: float = 60) -> None:
    end = monotonic() + seconds
    while not await condition():  # type: ignore[misc]
        assert monotonic() < end, f"not within {seconds} s: {what}"
        await asyncio.sleep(0.1)


async def tallies(tally: Delivering) -> dict[str, tuple[int, int]]:
    return {
        r.customer_id: (r.count, r.total) for r in await tally.rows("SELECT customer_id, count, total FROM tallies")
    }


async def all_told(tally: Delivering) -> bool:
    return bool((await tally.rows("SELECT count(*) = 0 FROM outbox"))[0][0])


@pytest.fixture
async def log(tally_on_kafka: Delivering) -> Log:
    return Log(tally_on_kafka.runtime)


async def test_what_is_sent_is_added_up_and_told_in_order(tally_on_kafka: Delivering, log: Log) -> None:
    tally = tally_on_kafka
    async with working(tally.runtime) as worker:
        await log.send(tally, range(2000))

        async def arrived() -> bool:
            # In this order: before the facts are applied there is nothing to tell either.
            return await tallies(tally) == log.sent and await all_told(tally)

        await until(arrived, "all numbers added up and told")
        assert worker.faults == {}
    counts = await tally.counts()
    assert (counts["received"], counts["applied"]) == (2000, 2000)
    told = await log.told("tally-changed")
    assert len(told) == 2000
    last = {}
    for key, value in told:
        assert value > last.get(key, b"") or len(value) > len(last.get(key, b"")), "a customer's facts are out of order"
        last[key] = value


async def test_workers_that_come_and_go_lose_nothing_and_repeat_nothing(tally_on_kafka: Delivering, log: Log) -> None:
    tally = tally_on_kafka
    sending = asyncio.create_task(_send_slowly(tally, log))
    for _ in range(3):
        async with working(tally.runtime), working(_another(tally.runtime)):
            await asyncio.sleep(1.5)
        async with working(tally.runtime):
            await asyncio.sleep(1)
    await sending
    async with working(tally.runtime):

        async def arrived() -> bool:
            return await tallies(tally) == log.sent

        await until(arrived, "all numbers added up")
    assert (await tally.counts())["duplicate"] == 0


async def _send_slowly(tally: Delivering, log: Log) -> None:
    for start in range(0, 6000, 200):
        await log.send(tally, range(start, start + 200))
        await asyncio.sleep(0.2)


def _another(runtime: Runtime) -> Runtime:
    return Runtime(runtime.composition, runtime.settings, role="worker", observer=Observer())


async def test_a_record_no_reader_can_take_does_not_hold_up_its_partition(tally_on_kafka: Delivering, log: Log) -> None:
    tally = tally_on_kafka
    raw = tally.feed.record(NumberSaid(customer_id="c-0", number=1))
    async with AIOKafkaProducer(bootstrap_servers=log.bootstrap, acks="all", max_request_size=4 << 20) as producer:
        topic = log.prefix + raw.topic
        await producer.send_and_wait(
            topic, b"x" * (2 << 20), key=raw.key, partition=raw.partition, headers=list(raw.headers)
        )
        await producer.send_and_wait(topic, b"{", partition=raw.partition)
        await producer.send_and_wait(topic, raw.value, key=raw.key, partition=raw.partition, headers=list(raw.headers))
    async with working(tally.runtime):

        async def arrived() -> bool:
            return (await tallies(tally)).get("c-0") == (1, 1) and await all_told(tally)

        await until(arrived, "the good record applied and the dead letters told")
    counts = await tally.counts()
    assert (counts["applied"], counts["dead_lettered"]) == (1, 2)
    assert len(await log.told("tally.dead-letter")) == 2


async def test_a_worker_that_ends_closes_its_kafka_clients(tally_on_kafka: Delivering) -> None:
    # One that is left open sends heartbeats for ever: its partitions stay assigned to nobody.
    async with working(tally_on_kafka.runtime) as worker:

        async def consuming() -> bool:
            return not worker.faults

        await until(consuming, "the worker has its partitions")
    files = [task.get_coro().cr_code.co_filename for task in asyncio.all_tasks()]  # type: ignore[union-attr]
    left = [file for file in files if "aiokafka" in file]
    assert left == []


async def test_a_broker_that_does_not_answer_makes_a_worker_not_ready_until_it_does(
    tally_on_kafka: Delivering, stack: Connections, log: Log
) -> None:
    if not isinstance(stack, Stack) or stack.kafka_pid is None:
        pytest.skip("only a broker of our own can be frozen")
    tally = tally_on_kafka
    async with working(tally.runtime) as worker:

        async def is_ready() -> bool:
            return not worker.faults

        async def is_not_ready() -> bool:
            return "broker" in worker.faults

        await until(is_ready, "ready")
        os.kill(stack.kafka_pid, signal.SIGSTOP)
        try:
            await until(is_not_ready, "said that the broker does not answer")
        finally:
            os.kill(stack.kafka_pid, signal.SIGCONT)
        await until(is_ready, "ready again")
        await log.send(tally, range(100))

        async def arrived() -> bool:
            return await tallies(tally) == log.sent

        await until(arrived, "all numbers added up")


async def test_a_long_work_is_done_batch_by_batch_and_goes_on_after_a_batch_that_failed(
    tally_on_kafka: Delivering,
) -> None:
    done: list[int] = []

    async def batch(_: Transactions) -> bool:
        done.append(len(done))
        if len(done) == 2:
            raise ConnectionError
        return len(done) % 5 > 0

    composition = replace(tally_on_kafka.runtime.composition, jobs={"counting": batch})
    runtime = Runtime(composition, tally_on_kafka.runtime.settings, role="worker", observer=Observer())
    async with working(runtime) as worker:

        async def again() -> bool:
            return len(done) > 5

        await until(again, "a pause after the fifth batch, and another round")
        assert "counting" not in worker.faults
    await runtime.close()
