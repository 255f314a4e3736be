"""Writes an archive from the log on Kafka, and goes on with one that was written before."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from rapport.messaging.archive import SCHEMA, opened
from rapport.messaging.archive_index import File, Index, digest, path_of, read_index, write_index
from rapport.messaging.door import let_in
from rapport.messaging.log import HistoryMissing, Log
from rapport.messaging.records import RawRecord, TopicPartition


class _Writing:
    """One file: whole under its name or not at all."""

    def __init__(self, folder: Path, log: TopicPartition, begins_at: int) -> None:
        self._path = path_of(folder, log, begins_at)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._unfinished = self._path.with_suffix(".part")
        self._log, self._begins_at = log, begins_at
        self._writer = pq.ParquetWriter(self._unfinished, SCHEMA, compression="zstd")
        self.count = 0

    def add(self, records: Sequence[RawRecord]) -> None:
        rows = {
            "topic": [raw.topic for raw in records],
            "partition": [raw.partition for raw in records],
            "offset": [raw.offset for raw in records],
            "timestamp": [raw.timestamp for raw in records],
            "key": [raw.key for raw in records],
            "value": [raw.value for raw in records],
            "headers": [[{"name": name, "value": cell} for name, cell in raw.headers] for raw in records],
        }
        self._writer.write_table(pa.Table.from_pydict(rows, schema=SCHEMA))
        self.count += len(records)

    def close(self, ends_at: int) -> File:
        self._writer.close()
        with self._unfinished.open("rb") as file:
            sha256 = digest(file)
        size = self._unfinished.stat().st_size
        self._unfinished.replace(self._path)
        return File(*self._log, self._begins_at, ends_at, size, sha256)


async def archive(
    log: Log,
    logs: Collection[TopicPartition],
    folder: Path,
    moment: datetime,
    *,
    written: Callable[[int, int], None],
    records_a_file: int = 100_000,
) -> None:
    """Have all in the folder that was published in these logs up to `moment`; what is there already stays as it is.

    `written` hears how many offsets are archived and of how many. Raises HistoryMissing where the log no longer has
    what comes next, or is not the one that is archived; until all is written, the archive is complete up to where it
    was before.
    """
    index = read_index(folder, logs) or Index()
    await _require_same(log, logs, folder, index)
    write_index(folder, index)
    ends, begins = await log.ends(logs, moment), {one: index.archived_to(one) for one in logs}
    done, total = sum(begins.values()), sum(max(ends[one], begins[one]) for one in logs)
    written(done, total)
    for one in sorted(logs):
        if begins[one] < ends[one]:
            await _archive_log(log, one, ends[one], folder, index, records_a_file=records_a_file)
            done += ends[one] - begins[one]
            written(done, total)
    index.complete_to, index.ends = moment, {one: index.archived_to(one) for one in logs}
    write_index(folder, index)


async def _require_same(log: Log, logs: Collection[TopicPartition], folder: Path, index: Index) -> None:
    """A topic that was made anew has other records at offsets that are archived, or ends before them."""
    ends = await log.ends(logs, None)
    for one in sorted(logs):
        last = _last(folder, index.files.get(one, []))
        if ends[one] < index.archived_to(one) or (last and await _differs(log, one, *last)):
            raise HistoryMissing(
                f"{one.topic}/{one.partition} is another log than the one in {folder}: it was made anew after offset "
                f"{index.archived_to(one) - 1} was archived; archive into another folder"
            )


def _last(folder: Path, files: Sequence[File]) -> tuple[int, int, bytes | None] | None:
    """Offset, timestamp and key of the last record that is archived of a log."""
    for file in reversed(files):
        with opened(folder, file) as parquet:
            rows = parquet.read(columns=["offset", "timestamp", "key"])
        if rows.num_rows:
            offset, key = (rows[name][-1].as_py() for name in ("offset", "key"))
            return offset, rows["timestamp"][-1].value, key
    return None


async def _differs(log: Log, one: TopicPartition, offset: int, timestamp: int, key: bytes | None) -> bool:
    """False also where compaction or retention took the record: then nothing can be compared."""
    try:
        read = log.read({one: offset}, {one: offset + 1})
        found = [let_in(raw) async for stretches in read for raw in stretches[one].records]
    except HistoryMissing:
        return False
    return any((raw.timestamp, raw.key) != (timestamp, key) for raw in found)


async def _archive_log(
    log: Log, one: TopicPartition, end: int, folder: Path, index: Index, *, records_a_file: int
) -> None:
    begin = index.archived_to(one)
    writing = _Writing(folder, one, begin)

    def close(ends_at: int) -> None:
        index.files.setdefault(one, []).append(writing.close(ends_at))
        write_index(folder, index)

    async for found in log.read({one: begin}, {one: end}):
        records = [let_in(raw) for raw in found[one].records]
        while writing.count + len(records) > records_a_file:
            room = records_a_file - writing.count
            writing.add(records[:room])
            close(records[room].offset)
            writing, records = _Writing(folder, one, records[room].offset), records[room:]
        writing.add(records)
    close(end)
