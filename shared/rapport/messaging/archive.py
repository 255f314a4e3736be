"""The log of events in Parquet files, for longer than Kafka keeps it: each file a stretch of one topic and partition.

Beside them `archive.json` says up to when the archive is complete, and where each log ended then.
"""

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from rapport.messaging.log import BATCH, HistoryMissing, Stretch
from rapport.messaging.records import RawRecord, TopicPartition

SCHEMA = pa.schema(
    [
        ("topic", pa.string()),
        ("partition", pa.int32()),
        ("offset", pa.int64()),
        ("timestamp", pa.timestamp("ms", tz="UTC")),
        ("key", pa.binary()),
        ("value", pa.binary()),
        ("headers", pa.list_(pa.struct([("name", pa.string()), ("value", pa.binary())]))),
    ]
)
BEGINS, ENDS = "rapport.begins_at", "rapport.ends_at"
"""Which offsets a file covers, in its own metadata: compaction leaves gaps between records that are no loss."""
INDEX = "archive.json"
"""Says up to when the archive is complete."""


@dataclass(frozen=True, slots=True, order=True)
class File:
    """A stretch of one log: the offsets from `begins_at` up to, not including, `ends_at`."""

    log: TopicPartition
    begins_at: int
    ends_at: int
    path: Path


class Archive:
    """An archive in a folder, as a `Log`; a file that is missing or damaged is refused by its name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        path = folder / INDEX
        if not path.exists():
            raise HistoryMissing(f"{path} is not there: the archive was never finished; archive into {folder} again")
        index = json.loads(path.read_text())
        self.complete_to = datetime.fromisoformat(index["complete_to"])
        self._ends: dict[str, int] = index["ends"]
        self._files = files_in(folder)

    async def ends(self, logs: Collection[TopicPartition], until: datetime | None) -> dict[TopicPartition, int]:
        """See `Log`; without `until` where the archive is complete."""
        moment = until or self.complete_to
        if moment > self.complete_to:
            raise HistoryMissing(
                f"{self._folder / INDEX}: complete up to {self.complete_to.isoformat()}, not to {moment.isoformat()}; "
                "ask for an earlier moment, or archive again"
            )
        return {log: self._end(log, moment) for log in logs}

    def _end(self, log: TopicPartition, until: datetime) -> int:
        """After the last record up to `until`; publication times never fall within a log."""
        latest = int(until.timestamp() * 1000)
        for file in reversed(self._whole(log)):
            with _refusing(file.path):
                table = pq.read_table(file.path, columns=["offset", "timestamp"], page_checksum_verification=True)
            offsets, times = table["offset"].to_pylist(), table["timestamp"].cast(pa.int64()).to_pylist()
            if not offsets or times[0] <= latest:
                return next(
                    (offset for offset, time in zip(offsets, times, strict=True) if time > latest), file.ends_at
                )
        return 0

    def _whole(self, log: TopicPartition) -> list[File]:
        """The files of a log in their order. Raises HistoryMissing where they do not join."""
        name, next_offset = f"{log.topic}/{log.partition}", 0
        if name not in self._ends:
            raise HistoryMissing(
                f"{self._folder / INDEX}: {name} is not in the archive; archive again with this service"
            )
        files = self._files.get(log, [])
        for file in files:
            if file.begins_at != next_offset:
                raise HistoryMissing(
                    f"{file.path} begins at offset {file.begins_at}, and what is before it ends at {next_offset}: a "
                    "file is missing; put it back, or archive again into another folder"
                )
            next_offset = file.ends_at
        if next_offset < self._ends[name]:
            raise HistoryMissing(
                f"{self._folder}: the files of {name} end at offset {next_offset}, and {INDEX} says "
                f"{self._ends[name]}: the last file is missing; put it back, or archive again into another folder"
            )
        return files

    async def read(
        self, begins: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]
    ) -> AsyncIterator[dict[TopicPartition, Stretch]]:
        """See `Log`."""
        reading = {log: self._stretches(log, begins[log], ends[log]) for log in begins if begins[log] < ends[log]}
        while reading:
            found = {log: next(stretches, None) for log, stretches in reading.items()}
            yield {log: stretch for log, stretch in found.items() if stretch is not None}
            reading = {log: stretches for log, stretches in reading.items() if found[log] is not None}

    def _stretches(self, log: TopicPartition, begin: int, end: int) -> Iterator[Stretch]:
        next_offset = begin
        for file in self._whole(log):
            if file.ends_at <= begin or file.begins_at >= end:
                continue
            for batch in _batches(file):
                if records := [raw for raw in batch if begin <= raw.offset < end]:
                    next_offset = records[-1].offset + 1
                    yield Stretch(records, next_offset)
            if next_offset < min(file.ends_at, end):
                next_offset = min(file.ends_at, end)
                yield Stretch([], next_offset)


def files_in(folder: Path) -> dict[TopicPartition, list[File]]:
    """What is archived of each log, in order of offsets. Raises HistoryMissing for what is no such file."""
    found: dict[TopicPartition, list[File]] = defaultdict(list)
    for path in sorted(folder.glob("*/*.parquet")):
        try:
            told = pq.read_metadata(path).metadata or {}
            begins, ends = (int(told[name.encode()]) for name in (BEGINS, ENDS))
        except (pa.ArrowException, OSError, KeyError, ValueError):
            raise HistoryMissing(f"{path} is no file of an archive, or damaged: put it back as it was") from None
        log = TopicPartition(path.parent.name, int(path.stem.partition("-")[0]))
        found[log].append(File(log, begins, ends, path))
    return {log: sorted(files) for log, files in found.items()}


def _batches(file: File) -> Iterator[list[RawRecord]]:
    with _refusing(file.path):
        for batch in pq.ParquetFile(file.path, page_checksum_verification=True).iter_batches(batch_size=BATCH):
            yield _records(batch, file.log)


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError):
        raise HistoryMissing(f"{path} is damaged: put it back as it was") from None


def _records(batch: Any, log: TopicPartition) -> list[RawRecord]:
    times = batch["timestamp"].cast(pa.int64()).to_pylist()
    cells = (batch[name].to_pylist() for name in ("offset", "key", "value", "headers"))
    return [
        RawRecord(*log, offset, time, key, value, [(one["name"], one["value"]) for one in headers])
        for time, offset, key, value, headers in zip(times, *cells, strict=True)
    ]
