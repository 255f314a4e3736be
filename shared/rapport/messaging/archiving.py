"""Writes an archive from the log on Kafka, and goes on with one that was written before."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from rapport.messaging.archive import SCHEMA
from rapport.messaging.archive_index import File, Index, digest, path_of, read_index, write_index
from rapport.messaging.log import Log
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
    what comes next; until all is written, the archive is complete up to where it was before.
    """
    index = read_index(folder, logs) or Index()
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


async def _archive_log(
    log: Log, one: TopicPartition, end: int, folder: Path, index: Index, *, records_a_file: int
) -> None:
    begin = index.archived_to(one)
    writing = _Writing(folder, one, begin)

    def close(ends_at: int) -> None:
        index.files.setdefault(one, []).append(writing.close(ends_at))
        write_index(folder, index)

    async for found in log.read({one: begin}, {one: end}):
        records = found[one].records
        while writing.count + len(records) > records_a_file:
            room = records_a_file - writing.count
            writing.add(records[:room])
            close(records[room].offset)
            writing, records = _Writing(folder, one, records[room].offset), records[room:]
        writing.add(records)
    close(end)
