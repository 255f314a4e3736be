"""An archive is what was written, to the bit, or is refused by the name of the file; none joins two different logs."""

import shutil
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rapport.messaging.archive import Archive
from rapport.messaging.archiving import archive
from rapport.messaging.log import HistoryMissing, Stretch
from rapport.messaging.records import RawRecord, TopicPartition

NOW = datetime(2026, 11, 1, tzinfo=UTC)
LOGS = [TopicPartition("account-opened", number) for number in range(2)]
FIRST, SECOND = "00-000000000000.parquet", "00-000000000004.parquet"
Records = dict[TopicPartition, list[RawRecord]]


@dataclass
class Kafka:
    """Logs in memory. `kept_from`: what is before is gone by retention; `breaks` where a log is read of partition 1."""

    records: Records
    kept_from: int = 0
    breaks: bool = False
    complete_to: datetime = NOW

    async def ends(self, logs: Collection[TopicPartition], until: datetime | None) -> dict[TopicPartition, int]:
        latest = until.timestamp() * 1000 if until else float("inf")
        return {log: sum(raw.timestamp <= latest for raw in self.records[log]) for log in logs}

    async def read(
        self, begins: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]
    ) -> AsyncIterator[dict[TopicPartition, Stretch]]:
        for log, begin in begins.items():
            if begin < self.kept_from:
                raise HistoryMissing(f"gone before {self.kept_from}")
            if self.breaks and log.partition == 1:
                raise ConnectionError
            yield {log: Stretch(self.records[log][begin : ends[log]], ends[log])}


def records(count: int, told: str = "") -> Records:
    """One a second in each log, the last at NOW."""
    last = int(NOW.timestamp())
    return {
        log: [
            RawRecord(*log, n, (last - count + 1 + n) * 1000, f"c-{told}{n}".encode(), f"{log}{n}".encode(), [])
            for n in range(count)
        ]
        for log in LOGS
    }


async def keep(log: Kafka, folder: Path, moment: datetime = NOW) -> None:
    await archive(log, LOGS, folder, moment, written=lambda _done, _total: None, records_a_file=4)


async def read(folder: Path) -> Records:
    kept, found = Archive(folder), {log: list[RawRecord]() for log in LOGS}
    async for stretches in kept.read(dict.fromkeys(LOGS, 0), await kept.ends(LOGS, None)):
        for log, stretch in stretches.items():
            found[log] += stretch.records
    return found


def written_at(folder: Path) -> dict[Path, int]:
    """When each file of partition 0 was written."""
    return {path: path.stat().st_mtime_ns for path in folder.glob("*/00-*.parquet")}


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """An archive of two logs, each in two files."""
    await keep(Kafka(records(6)), tmp_path / "archive")
    return tmp_path / "archive"


async def test_what_was_archived_is_read_as_it_was(folder: Path) -> None:
    assert await read(folder) == records(6)


async def test_a_file_with_any_bit_flipped_is_refused_by_its_name(folder: Path) -> None:
    for path in (folder / LOGS[0].topic / FIRST, folder / LOGS[0].topic / SECOND, folder / "archive.json"):
        kept = path.read_bytes()
        for place in range(0, len(kept), 7):
            path.write_bytes(kept[:place] + bytes([kept[place] ^ (1 << place % 8)]) + kept[place + 1 :])
            if path.name == "archive.json" and path.read_bytes().split() == kept.split():
                continue
            with pytest.raises(HistoryMissing, match=f"{path.name} is damaged: put it back as it was"):
                await read(folder)
        path.write_bytes(kept)
    assert await read(folder) == records(6)


async def test_a_file_of_another_partition_is_refused_by_its_name(folder: Path) -> None:
    paths = [folder / LOGS[0].topic / f"{number:02}-000000000000.parquet" for number in (0, 1)]
    kept = [path.read_bytes() for path in paths]
    for path, other in zip(paths, reversed(kept), strict=True):
        path.write_bytes(other)
    with pytest.raises(HistoryMissing, match=f"{FIRST} is damaged"):
        await read(folder)


async def test_a_file_too_few_or_too_many_or_too_short_is_refused_by_its_name(folder: Path) -> None:
    first, second = (folder / LOGS[0].topic / name for name in (FIRST, SECOND))
    for path in (first, second):
        kept = path.read_bytes()
        path.unlink()
        with pytest.raises(HistoryMissing, match=f"{path.name} is missing: put it back"):
            Archive(folder)
        path.write_bytes(kept[:-1])
        with pytest.raises(HistoryMissing, match=f"{path.name} is damaged"):
            Archive(folder)
        path.write_bytes(kept)
    for name in ("copy-of-00.parquet", "00-000000000009.parquet"):
        shutil.copy(first, first.with_name(name))
        with pytest.raises(HistoryMissing, match=rf"{name} is not in .*archive\.json: take it away"):
            Archive(folder)
        first.with_name(name).unlink()
    (folder / "archive.json").unlink()
    for act in (read(folder), keep(Kafka(records(6)), folder)):
        with pytest.raises(HistoryMissing, match=r"archive\.json is not there: put it back"):
            await act


async def test_a_file_that_the_system_does_not_give_is_refused_by_its_name(folder: Path) -> None:
    said = "cannot be read .*: archives are readable by who wrote them alone"
    listed = Archive(folder)
    for path in (folder / "archive.json", folder / LOGS[0].topic / FIRST):
        path.unlink()
        path.mkdir()
    with pytest.raises(HistoryMissing, match=rf"archive\.json {said}"):
        Archive(folder)
    with pytest.raises(HistoryMissing, match=f"{FIRST} {said}"):
        await listed.ends(LOGS, NOW - timedelta(seconds=4))


async def test_archiving_that_was_broken_off_goes_on_where_it_was(tmp_path: Path) -> None:
    with pytest.raises(HistoryMissing, match=r"archive\.json is not there: .* archive into .* again"):
        Archive(tmp_path)
    with pytest.raises(ConnectionError):
        await keep(Kafka(records(6), breaks=True), tmp_path)
    with pytest.raises(HistoryMissing, match=r"archive\.json is not complete: .* archive into .* again"):
        Archive(tmp_path)
    kept = written_at(tmp_path)
    (tmp_path / LOGS[1].topic / "01-000000000000.parquet").write_text("written, and not yet listed")
    await keep(Kafka(records(6)), tmp_path)
    assert len(kept) == 2
    assert written_at(tmp_path) == kept
    assert await read(tmp_path) == records(6)


async def test_what_came_since_is_added_and_until_then_the_archive_is_complete_to_where_it_was(tmp_path: Path) -> None:
    whole, early = Kafka(records(12)), NOW - timedelta(seconds=4)
    await keep(whole, tmp_path, early)
    whole.breaks = True
    with pytest.raises(ConnectionError):
        await keep(whole, tmp_path)
    assert Archive(tmp_path).complete_to == early
    assert await read(tmp_path) == {log: found[:8] for log, found in records(12).items()}
    await keep(Kafka(records(12)), tmp_path)
    assert await read(tmp_path) == records(12)


@pytest.mark.parametrize("count", [5, 6, 9])
async def test_a_topic_that_was_made_anew_is_not_joined_to_what_is_archived(folder: Path, count: int) -> None:
    with pytest.raises(HistoryMissing, match=r"account-opened/0 is another log .* archive into another folder"):
        await keep(Kafka(records(count, "other")), folder, NOW + timedelta(days=1))
    assert await read(folder) == records(6)
    assert Archive(folder).complete_to == NOW


@pytest.mark.parametrize("kept_from", [0, 5, 6])
async def test_a_log_goes_on_while_it_has_what_comes_next(tmp_path: Path, kept_from: int) -> None:
    await keep(Kafka(records(12)), tmp_path, NOW - timedelta(seconds=6))
    await keep(Kafka(records(12), kept_from=kept_from), tmp_path)
    assert await read(tmp_path) == records(12)
    with pytest.raises(HistoryMissing, match="gone before 13"):
        await keep(Kafka(records(14), kept_from=13), tmp_path)
