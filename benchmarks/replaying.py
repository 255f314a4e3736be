"""The whole log replayed, beside plainly reading it: the same partitions, the same number of processes.

`python -m benchmarks.replaying BOOTSTRAP TOPIC NUMBER` is one of the processes that only read; prints seconds.
"""

import asyncio
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import uvloop
from aiokafka import AIOKafkaConsumer
from aiokafka import TopicPartition as KafkaPartition

from benchmarks.ground import CONSOLE, Ground, table
from benchmarks.load import TOPIC, fill
from deploy.local.processes import PROJECT

CUSTOMERS = 50_000
PROCESSES = 2
PARTITIONS = 24


def run(ground: Ground, events: int) -> None:
    """Fill the topic, read it plainly, replay it by the live scorecard; print events a second and the ratio."""
    prefix = ground.topics_of("scoring")
    servers = ground.stack.bootstrap_servers
    CONSOLE.print(f"replay: {events:,} events are being written", highlight=False)
    asyncio.run(fill(servers, prefix, events, CUSTOMERS))
    CONSOLE.print("replay: reading", highlight=False)
    floor = _read(servers, prefix + TOPIC)
    CONSOLE.print("replay: replaying", highlight=False)
    with tempfile.TemporaryDirectory() as folder:
        ours = _replay(ground.scoring(prefix), Path(folder))
    shown = table(f"{events:,} events of {CUSTOMERS:,} customers, {PROCESSES} processes", "", "seconds", "events/s")
    shown.add_row("read", f"{floor:,.1f}", f"{events / floor:,.0f}")
    shown.add_row("replayed", f"{ours:,.1f}", f"{events / ours:,.0f}")
    shown.add_row("replayed / read", f"{floor / ours:,.2f}", "")
    CONSOLE.print(shown)


def _read(servers: str, topic: str) -> float:
    command = [sys.executable, "-m", "benchmarks.replaying", servers, topic]
    began = perf_counter()
    reading = [subprocess.Popen([*command, str(number)], cwd=PROJECT) for number in range(PROCESSES)]
    if max(one.wait() for one in reading):
        raise SystemExit("reading the topic failed")
    return perf_counter() - began


def _replay(environment: dict[str, str], folder: Path) -> float:
    command = [sys.executable, "-m", "scoring", "replay", "--out", str(folder), "--processes", str(PROCESSES)]
    began = perf_counter()
    done = subprocess.run(command, env=environment, cwd=PROJECT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"the replay failed:\n{done.stdout[-1000:]}{done.stderr[-1000:]}")
    return perf_counter() - began


async def read(servers: str, topic: str, number: int) -> None:
    """Fetch this process's share of the partitions to their ends."""
    mine = [KafkaPartition(topic, partition) for partition in range(number, PARTITIONS, PROCESSES)]
    consumer = AIOKafkaConsumer(bootstrap_servers=servers, enable_auto_commit=False)
    await consumer.start()
    consumer.assign(mine)
    await consumer.seek_to_beginning()
    left = sum((await consumer.end_offsets(mine)).values())
    while left > 0:
        left -= sum(map(len, (await consumer.getmany(timeout_ms=250, max_records=5000)).values()))
    await consumer.stop()


if __name__ == "__main__":
    uvloop.run(read(sys.argv[1], sys.argv[2], int(sys.argv[3])))
