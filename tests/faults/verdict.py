"""What is true after a run: drained, recounted, compared. Every broken promise is a violation with its kind."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer
from aiokafka import TopicPartition as KafkaPartition

from tests.faults.recount import book as recount
from tests.faults.recount.book import Kind, Recount
from tests.faults.subjects import Subject


@dataclass(frozen=True, slots=True)
class Violation:
    """One promise that was not kept."""

    kind: Kind
    text: str


@dataclass(slots=True)
class Verdict:
    """The figures of one run and what was wrong with them."""

    violations: list[Violation] = field(default_factory=list)
    figures: dict[str, int] = field(default_factory=dict)

    def demand(self, kind: Kind, bad: int, text: str) -> None:
        """A count that must be zero."""
        self.figures[kind] = self.figures.get(kind, 0) + bad
        if bad:
            self.violations.append(Violation(kind, f"{bad:,} {text}"))


class Scene:
    """The database and the log a run works on, as an onlooker sees them."""

    def __init__(self, subject: Subject, *, admin_url: str, bootstrap: str, prefix: str) -> None:
        self.subject = subject
        self.bootstrap = bootstrap
        self.prefix = prefix
        self._dsn = admin_url.replace("+asyncpg", "")

    @asynccontextmanager
    async def database(self) -> AsyncIterator["asyncpg.Connection"]:
        """A connection as the superuser."""
        connection = await asyncpg.connect(self._dsn, timeout=10)
        try:
            yield connection
        finally:
            await connection.close(timeout=5)

    async def backlog(self) -> tuple[int, int, int]:
        """Records not yet handled, measured at the broker, facts not yet relayed, and timers about to run out."""
        async with self.database() as connection:
            rows = await connection.fetch("SELECT topic, partition, next_offset FROM consumer_offsets")
            waiting = await connection.fetchval("SELECT count(*) FROM outbox")
            due = await connection.fetchval(self.subject.recount.due)
        async with AIOKafkaConsumer(bootstrap_servers=self.bootstrap) as consumer:
            ends = await consumer.end_offsets([KafkaPartition(row["topic"], row["partition"]) for row in rows])
        lag = sum(ends[KafkaPartition(row["topic"], row["partition"])] - row["next_offset"] for row in rows)
        return lag, waiting, due

    async def drained(self, *, patience: float) -> tuple[int, int, int]:
        """Waits until all is handled, told and quiet; answers what is left: nothing, or what nobody will take."""
        until = monotonic() + patience
        left = await self.backlog()
        while any(left) and monotonic() < until:
            await asyncio.sleep(0.5)
            left = await self.backlog()
        return left

    async def told(self) -> list[tuple[Any, ...]]:
        """Every fact the service has decided, as it lies on Kafka, read as plain JSON."""
        async with AIOKafkaConsumer(bootstrap_servers=self.bootstrap, auto_offset_reset="earliest") as consumer:
            partitions = [KafkaPartition(self.prefix + name, n) for name in self.subject.decides for n in range(24)]
            consumer.assign(partitions)
            ends = await consumer.end_offsets(partitions)
            rows: list[tuple[Any, ...]] = []
            while any([await consumer.position(tp) < end for tp, end in ends.items()]):
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    rows += [_told(record, self.prefix) for record in records]
            return rows

    async def judge(self, book: Path, *, patience: float) -> Verdict:
        """Wait for the end, recount the book, compare."""
        verdict = Verdict()
        lag, waiting, due = await self.drained(patience=patience)
        verdict.demand("undrained", lag, "records were never handled")
        verdict.demand("untold", waiting, "facts are left in the outbox")
        verdict.demand("untold", due, "timers have never run out")
        told = await self.told()
        async with self.database() as connection:
            await recounted(connection, self.subject.recount, book, told, verdict)
        return verdict


async def recounted(
    connection: "asyncpg.Connection", by: Recount, book: Path, told: list[tuple[Any, ...]], verdict: Verdict
) -> None:
    """Compare the service's tables, and what it has told, with the book."""
    await connection.execute(recount.CREATE)
    await connection.copy_to_table("book", schema_name="recount", source=book, format="csv", header=True)
    await connection.copy_records_to_table("told", schema_name="recount", records=told)
    await connection.execute(by.script, timeout=600)
    await _state(connection, by, verdict)
    await _facts(connection, by, verdict)
    await _accounting(connection, verdict)


async def _state(connection: "asyncpg.Connection", by: Recount, verdict: Verdict) -> None:
    ask = connection.fetchval
    verdict.figures["customers"] = await ask(recount.CUSTOMERS)
    verdict.figures["booked"] = await ask(recount.BOOKED, list(by.heard))
    verdict.demand("lost", await ask(recount.LOST), "events were lost")
    verdict.demand("double", await ask(recount.DOUBLE), "events were counted twice")
    different = await connection.fetch(recount.DIFFERENT)
    columns = sorted({name for row in different for name in row["wrong"].split()})
    named = ", ".join(columns[:3]) + (f" and {len(columns) - 3} more" if len(columns) > 3 else "")
    verdict.demand("different", len(different), f"customers differ from the recount in {named}")


async def _facts(connection: "asyncpg.Connection", by: Recount, verdict: Verdict) -> None:
    for name, sql in by.figures.items():
        verdict.figures[name] = await connection.fetchval(sql)
    verdict.figures["told again"] = await connection.fetchval(recount.TOLD_AGAIN)
    for kind, sql, text in by.demands:
        verdict.demand(kind, await connection.fetchval(sql), text)


def _told(record: Any, prefix: str) -> tuple[Any, ...]:
    identifier = dict(record.headers)["ce_id"].decode()
    customer_id = json.loads(record.value)["customer_id"]
    topic = record.topic.removeprefix(prefix)
    return (topic, record.partition, record.offset, identifier, customer_id, record.value.decode())


async def _accounting(connection: "asyncpg.Connection", verdict: Verdict) -> None:
    unbalanced = await connection.fetchval(recount.UNBALANCED)
    verdict.demand("unbalanced", unbalanced, "partitions whose accounting does not balance")
    applied, duplicate, skipped, dead = await connection.fetchrow(recount.COUNTS)
    parked = await connection.fetchval(recount.PARKED)
    verdict.figures |= {"applied": int(applied), "duplicate": int(duplicate), "parked at the end": parked}
    between = abs(int(applied) + parked - verdict.figures["booked"])
    verdict.demand("unbalanced", between, "events between booked and applied or parked")
    verdict.demand("unbalanced", int(skipped + dead), "events skipped or dead-lettered, all of them good")
