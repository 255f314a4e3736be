"""How long a transaction takes to become a tier on Kafka: 500 events/s to a shipped worker, every fifth a new customer.

A new customer's first transaction always decides a tier, so its time is from the record's publication to the arrival
of tier-changed at a reader of Kafka. The floor: one transaction with fence, inbox and upsert, then a record told.
"""

import asyncio
import random
import subprocess
import sys
from datetime import timedelta
from time import perf_counter, time

import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka import TopicPartition as KafkaPartition

from benchmarks.floor import TABLES
from benchmarks.ground import CONSOLE, Ground, table, verdict
from benchmarks.load import NEW, START, TOLD, TOPIC, transaction
from deploy.local.ports import free_port
from deploy.local.processes import PROJECT

RATE = 500
SECONDS = 30
WARM_UP = 20
"""Seconds not measured: the broker and the worker are just started, and a JVM compiles what it runs often."""


def run(ground: Ground) -> None:
    """Floor and ours in turn: start the worker, publish at a steady rate, read what it tells."""
    CONSOLE.print(f"latency: floor, then ours, {WARM_UP + SECONDS} s each", highlight=False)
    floor, ours = _floor(ground), _ours(ground)
    shown = table(
        f"publication to {TOLD} at {RATE} events/s, ms ({len(ours):,} decisions)", "", "floor", "ours", "goal", ""
    )
    for name, share, goal in (("p50", 0.50, 15.0), ("p99", 0.99, 50.0)):
        row, reached, *judged = verdict(name, _quantile(ours, share), goal, at_least=False)
        shown.add_row(row, f"{_quantile(floor, share):,.2f}", reached, *judged)
    shown.add_row("p99.9", f"{_quantile(floor, 0.999):,.2f}", f"{_quantile(ours, 0.999):,.2f}", "", "")
    CONSOLE.print(shown)


def _floor(ground: Ground) -> list[float]:
    name = ground.database()
    ground.stack.run_sql(TABLES, database=name)
    dsn = ground.stack.admin_url(name).replace("+asyncpg", "")
    prefix = ground.topics(TOPIC, TOLD)
    return _times(ground, prefix, ["benchmarks.floor", dsn, ground.stack.bootstrap_servers, prefix, "0"], None)


def _ours(ground: Ground) -> list[float]:
    prefix = ground.topics_of("scoring")
    environment = ground.scoring(prefix, OPERATIONS__PORT=str(free_port()))
    return _times(ground, prefix, ["scoring", "worker"], environment)


def _times(ground: Ground, prefix: str, module: list[str], environment: dict[str, str] | None) -> list[float]:
    worker = subprocess.Popen([sys.executable, "-m", *module], env=environment, cwd=PROJECT)
    try:
        times = sorted(uvloop.run(_measure(ground.stack.bootstrap_servers, prefix)))
    finally:
        worker.terminate()
        worker.wait(20)
    if missing := RATE * SECONDS // 5 - len(times) - 1:
        CONSOLE.print(f"{module[0]}: {missing:,} transactions had no decision within 5 s: it did not keep up")
    return times


def _quantile(times: list[float], share: float) -> float:
    return times[min(int(len(times) * share), len(times) - 1)] * 1000


async def _measure(bootstrap: str, prefix: str) -> list[float]:
    sent: dict[bytes, float] = {}
    times: list[float] = []
    reader = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, fetch_max_wait_ms=500)
    await reader.start()
    reader.assign([KafkaPartition(prefix + TOLD, number) for number in range(24)])
    await reader.seek_to_beginning()
    reading = asyncio.create_task(_read(reader, sent, times))
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all") as producer:
        await _publish(producer, prefix, sent)
    await asyncio.sleep(5)
    reading.cancel()
    await reader.stop()
    return times


async def _read(reader: AIOKafkaConsumer, sent: dict[bytes, float], times: list[float]) -> None:
    while True:
        for records in (await reader.getmany(timeout_ms=100)).values():
            now = time()
            times += [now - sent.pop(record.key) for record in records if record.key in sent]


async def _publish(producer: AIOKafkaProducer, prefix: str, sent: dict[bytes, float]) -> None:
    rng = random.Random(7)
    began, waiting = perf_counter(), []
    for number in range(RATE * (SECONDS + WARM_UP)):
        await asyncio.sleep(max(0.0, began + number / RATE - perf_counter()))
        is_new = number % 5 == 0
        customer = f"{NEW.decode()}{number}" if is_new else f"c-{rng.randrange(1000)}"
        record = transaction(number, customer, START + timedelta(seconds=number), rng)
        if is_new and number > RATE * WARM_UP:
            sent[record.key] = time()
        waiting.append(
            await producer.send(
                prefix + TOPIC, record.value, key=record.key, partition=record.partition, headers=record.headers
            )
        )
    await asyncio.gather(*waiting)
