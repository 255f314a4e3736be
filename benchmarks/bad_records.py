"""How soon a partition goes on after bad records: one of every kind between two good ones, to a shipped worker.

The time is from the publication of the second good one, a new customer's first transaction, to its tier-changed; beside
it the same without the bad ones.
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from time import perf_counter

import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka import TopicPartition as KafkaPartition

from benchmarks.ground import CONSOLE, Ground, middle, table, verdict
from benchmarks.load import START
from deploy.local.ports import free_port
from deploy.local.processes import PROJECT
from rapport.events.bank import TransactionRecorded
from simulator.malformed import FATES, KINDS, OVERSIZE, spoiled
from simulator.wire import Record, Wire

ROUNDS = 11
PARTITION = 0
PATIENCE_SECONDS = 30
GOAL_MS = 1000


def run(ground: Ground) -> None:
    """Start the worker, publish round after round, count the dead letters."""
    prefix = ground.topics_of("scoring")
    environment = ground.scoring(prefix, OPERATIONS__PORT=str(free_port()))
    worker = subprocess.Popen([sys.executable, "-m", "scoring", "worker"], env=environment, cwd=PROJECT)
    try:
        plain, after_bad = uvloop.run(_measure(ground.stack.bootstrap_servers, prefix))
    finally:
        worker.terminate()
        worker.wait(20)
    database = environment["SCORING_DATABASE__URL"].rpartition("/")[2]
    letters = int(ground.stack.run_sql("SELECT count(*) FROM dead_letters", database=database))
    if letters != ROUNDS * list(FATES.values()).count("dead-letter"):
        raise SystemExit(f"{letters} dead letters are not one for each record that had to become one")
    shown = table(f"a partition goes on after {len(KINDS)} kinds of bad records, ms", "", "median", "goal", "")
    shown.add_row("without bad records", f"{middle(plain):,.2f}", "", "")
    shown.add_row(*verdict("after bad records", middle(after_bad), GOAL_MS, at_least=False))
    shown.add_row("after bad records, slowest", f"{max(after_bad):,.2f}", "", "")
    CONSOLE.print(shown)


async def _measure(bootstrap: str, prefix: str) -> tuple[list[float], list[float]]:
    fresh = _transactions(Wire(prefix=prefix))
    plain: list[float] = []
    after_bad: list[float] = []
    async with (
        AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False) as reader,
        AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", max_request_size=2 * OVERSIZE) as producer,
    ):
        reader.assign([KafkaPartition(prefix + "tier-changed", PARTITION)])
        await reader.seek_to_beginning()
        await _told_after(producer, reader, [next(fresh)])  # the worker is up
        for number in range(ROUNDS):
            plain.append(await _told_after(producer, reader, [next(fresh), next(fresh)]))
            good = next(fresh)
            bad = [spoiled(good, kind, number) for kind in KINDS]
            after_bad.append(await _told_after(producer, reader, [good, *bad, next(fresh)]))
    return plain, after_bad


def _transactions(wire: Wire) -> Iterator[Record]:
    """One each of customers of one partition, whom nobody has heard of before."""
    stamp = wire.stamp(TransactionRecorded, "bench")
    facts = {"source": "bench", "amount": "125.00", "currency": "CNY", "direction": "debit", "kind": "card-payment"}
    facts |= {"initiator": "customer", "channel": "card"}
    for number in count():
        key = wire.key(f"m-{number}")
        if key.partition == PARTITION:
            at = START + timedelta(seconds=number)
            own = {"transaction_no": key.text, "account_id": key.text, "customer_id": key.text, "occurred_at": at}
            event = TransactionRecorded.model_validate(facts | own)
            yield wire.told(event, stamp, identifier=key.text, time_ms=int(at.timestamp() * 1000))


async def _told_after(producer: AIOKafkaProducer, reader: AIOKafkaConsumer, records: list[Record]) -> float:
    """Milliseconds from the publication of the last record to its customer's tier."""
    sent = []
    for record in records:
        place = {"key": record.key, "partition": PARTITION, "headers": list(record.headers)}
        began = perf_counter()
        sent.append(await producer.send(record.topic, record.value, **place))
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (await reader.getone()).key != records[-1].key:
            pass
        told = perf_counter()
        await asyncio.gather(*sent)
    return (told - began) * 1000
