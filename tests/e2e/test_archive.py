"""The log archived in Parquet files is as good as the log: the same rows, to any moment."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace as changed
from datetime import datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from deploy.local.stack import Stack
from rapport.clock import utc_now
from rapport.messaging.archive import Archive
from rapport.messaging.archiving import archive
from rapport.messaging.history import History, lengths
from rapport.messaging.log import HistoryMissing, KafkaLog, Log
from rapport.messaging.records import TopicPartition
from scoring.replay.handlers import deciding, replay
from scoring.standing.domain.state import Standing
from simulator.bank import Plan
from simulator.publisher import publish
from tests.e2e.system import PARTITIONS, System
from tests.e2e.test_replay_of_the_log import TOPICS, end_of_a_day, history_of, live, rules_of, stored
from tests.support.stack import FreshDatabase, Topics

PLAN = Plan(seed=11, customers=15, months=3)


@pytest.fixture
async def system(stack: Stack, topics: Topics, fresh_database: Callable[..., FreshDatabase]) -> AsyncIterator[System]:
    made = System(stack, await topics.make(TOPICS, partitions=PARTITIONS))
    await made.add("scoring", fresh_database("scoring"), max_poll_records=500)
    yield made
    await made.close()


def files(folder: Path, of: str = "*/*.parquet") -> list[Path]:
    return sorted(folder.glob(of))


async def archived(system: System, folder: Path) -> list[tuple[int, int]]:
    """All that a replay reads, in files of 50 records; returns what was said of the progress."""
    service = system.services[0].runtime.transactions.service
    logs = [TopicPartition(topic, number) for topic in service.of_customers for number in range(PARTITIONS)]
    said: list[tuple[int, int]] = []
    kafka = KafkaLog(system.services[0].runtime.settings.kafka)
    await archive(
        kafka,
        logs,
        folder,
        utc_now(),
        written=lambda done, total: said.append((done, total)),
        records_a_file=50,
    )
    return said


async def replayed(
    system: System, log: Log, until: datetime | None = None, *, is_stream_time: bool = True
) -> dict[str, Standing]:
    runtime = system.services[0].runtime
    service = changed(deciding(runtime.transactions.service), is_stream_time=is_stream_time)
    book: dict[str, Standing] = {}
    for partition in range(PARTITIONS):
        history = History(log, service, partition)
        book |= (await replay(history, [rules_of(runtime)], until)).books[0].standings
    return book


async def test_a_replay_from_an_archive_equals_that_from_kafka_and_the_live_rows(
    system: System, tmp_path: Path
) -> None:
    runtime, history = system.services[0].runtime, history_of(system, PLAN)
    half, kafka = end_of_a_day(history), KafkaLog(runtime.settings.kafka)
    await publish(history[:half], system.bootstrap_servers)
    then = utc_now()
    await archived(system, tmp_path)
    early = {path: path.read_bytes() for path in files(tmp_path)}
    await publish(history[half:], system.bootstrap_servers)
    async with system.working(workers=1):
        await system.settle()

    with pytest.raises(HistoryMissing, match=r"archive\.json: complete up to .*ask for an earlier moment"):
        await replayed(system, Archive(tmp_path), utc_now())
    said = await archived(system, tmp_path)
    assert said[0][0] < said[-1][0] == said[-1][1] == len(history)
    assert {path: path.read_bytes() for path in early} == early, "what is there stays as it is"
    assert len(files(tmp_path, "*transaction-recorded/00-*.parquet")) > 2

    whole, service = Archive(tmp_path), deciding(runtime.transactions.service)
    rows = stored(await live(runtime))
    assert stored(await replayed(system, whole)) == stored(await replayed(system, kafka)) == rows
    assert stored(await replayed(system, whole, then)) == stored(await replayed(system, kafka, then)) != rows
    by_publication = [await replayed(system, log, then, is_stream_time=False) for log in (whole, kafka)]
    assert stored(by_publication[0]) == stored(by_publication[1])
    assert await lengths(whole, service) == await lengths(kafka, service)
    assert await lengths(whole, service, then) == await lengths(kafka, service, then)
    assert sum(pq.read_metadata(path).num_rows for path in files(tmp_path)) == len(history)
