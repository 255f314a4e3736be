"""Writes an archive from the log on Kafka, and goes on with one that was written before."""

import json
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from rapport.messaging.archive import BEGINS, ENDS, INDEX, SCHEMA, files_in
from rapport.messaging.log import Log
from rapport.messaging.records import RawRecord, TopicPartition


class _Writing:
    """One file: whole under its name or not at all."""

    def __init__(self, folder: Path, log: TopicPartition, begins_at: int) -> None:
        self._path = folder / log.topic / f"{log.partition:02}-{begins_at:012}.parquet"
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._unfinished = self._path.with_suffix(".part")
        self._begins_at = begins_at
        self._writer = pq.ParquetWriter(self._unfinished, SCHEMA, compression="zstd", write_page_checksum=True)
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

    def close(self, ends_at: int) -> None:
        self._writer.add_key_value_metadata({BEGINS: str(self._begins_at), ENDS: str(ends_at)})
        self._writer.close()
        self._unfinished.replace(self._path)


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
    ends, there = await log.ends(logs, moment), files_in(folder)
    begins = {one: there[one][-1].ends_at if one in there else 0 for one in logs}
    done, total = sum(begins.values()), sum(max(ends[one], begins[one]) for one in logs)
    written(done, total)
    for one in sorted(logs):
        if begins[one] < ends[one]:
            await _archive_log(log, one, begins[one], ends[one], folder, records_a_file=records_a_file)
            done += ends[one] - begins[one]
            written(done, total)
    _finish(folder, moment, {f"{one.topic}/{one.partition}": max(ends[one], begins[one]) for one in logs})


def _finish(folder: Path, moment: datetime, ends: dict[str, int]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f"{INDEX}.part"
    unfinished.write_text(json.dumps({"complete_to": moment.isoformat(), "ends": ends}, indent=2) + "\n")
    unfinished.replace(folder / INDEX)


async def _archive_log(
    log: Log, one: TopicPartition, begin: int, end: int, folder: Path, *, records_a_file: int
) -> None:
    writing = _Writing(folder, one, begin)
    async for found in log.read({one: begin}, {one: end}):
        records = found[one].records
        while writing.count + len(records) > records_a_file:
            room = records_a_file - writing.count
            writing.add(records[:room])
            writing.close(records[room].offset)
            writing, records = _Writing(folder, one, records[room].offset), records[room:]
        writing.add(records)
    writing.close(end)
