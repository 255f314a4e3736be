"""The log archived in Parquet files is as good as the log: the same rows, to any moment; what is damaged is refused."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace as changed
from datetime import datetime, timedelta
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


def amid(path: Path, column: str) -> int:
    """A place in a file amid the values of a column."""
    group = pq.read_metadata(path).row_group(0)
    chunks = [group.column(number) for number in range(group.num_columns)]
    (chunk,) = [one for one in chunks if one.path_in_schema == column]
    begins: int = chunk.dictionary_page_offset or chunk.data_page_offset
    return begins + int(chunk.total_compressed_size) * 2 // 3


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
        await system.settle(patience=60)

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


async def test_an_archive_with_a_hole_or_a_damaged_file_is_refused_by_the_files_name(
    system: System, tmp_path: Path
) -> None:
    await publish(history_of(system, PLAN), system.bootstrap_servers)
    with pytest.raises(HistoryMissing, match=r"archive\.json is not there: .* archive into .* again"):
        Archive(tmp_path)
    await archived(system, tmp_path)
    first, second, *_, last = files(tmp_path, "*transaction-recorded/00-*.parquet")

    for missing, named in ((first, second.name), (second, "file is missing"), (last, "the last file is missing")):
        kept = missing.read_bytes()
        missing.unlink()
        with pytest.raises(HistoryMissing, match=named):
            await replayed(system, Archive(tmp_path))
        missing.write_bytes(kept)
    kept = second.read_bytes()
    second.write_bytes(kept[: len(kept) // 2])
    with pytest.raises(HistoryMissing, match=f"{second.name} is no file of an archive, or damaged"):
        Archive(tmp_path)
    second.write_bytes(kept)
    moment = pq.read_table(second).column("timestamp")[-1].as_py()
    for column in ("value", "timestamp"):
        place = amid(second, column)
        second.write_bytes(kept[:place] + bytes([kept[place] ^ 1]) + kept[place + 1 :])
        with pytest.raises(HistoryMissing, match=f"{second.name} is damaged"):
            await replayed(system, Archive(tmp_path))
        second.write_bytes(kept)
    place = amid(second, "timestamp")
    second.write_bytes(kept[:place] + bytes([kept[place] ^ 1]) + kept[place + 1 :])
    with pytest.raises(HistoryMissing, match=f"{second.name} is damaged"):
        await replayed(system, Archive(tmp_path), moment)


async def test_an_archive_that_was_broken_off_goes_on_where_it_was(system: System, tmp_path: Path) -> None:
    await publish(history_of(system, PLAN)[:3000], system.bootstrap_servers)
    await archived(system, tmp_path)
    kept = {path: path.read_bytes() for path in files(tmp_path)}
    lost = max(kept)
    lost.rename(lost.with_suffix(".part"))
    (tmp_path / "archive.json").unlink()
    await archived(system, tmp_path)
    assert {path.name for path in files(tmp_path, "*/*")} == {path.name for path in kept}
    assert pq.read_table(lost).num_rows > 0
    moment = Archive(tmp_path).complete_to
    assert moment - timedelta(minutes=1) < moment <= utc_now()
