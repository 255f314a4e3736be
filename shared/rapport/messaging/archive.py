"""The log of events in Parquet files, for longer than Kafka keeps it: each file a stretch of one topic and partition.

Beside them `archive.json` says what they are, with their hashes, and up to when the archive is complete.
"""

from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from rapport.messaging.archive_index import INDEX, File, damaged, digest, read_index, unreadable
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


class Archive:
    """An archive in a folder, as a `Log`; a file that is missing or damaged is refused by its name."""

    def __init__(self, folder: Path) -> None:
        index = read_index(folder)
        if index is None or index.complete_to is None:
            state = "is not there" if index is None else "is not complete"
            raise HistoryMissing(
                f"{folder / INDEX} {state}: the archive was never finished; archive into {folder} again"
            )
        self.complete_to = index.complete_to
        self._folder, self._index = folder, index

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
        """As Kafka says it: the offset of the first record after `until`, or where the log ended.

        Publication times never fall within a log. Of what compaction took no time is known.
        """
        latest, files = int(until.timestamp() * 1000), self._whole(log)
        end = self._index.ends[log]
        for file in reversed(files):
            with opened(self._folder, file) as parquet:
                table = parquet.read(columns=["offset", "timestamp"])
            offsets, times = table["offset"].to_pylist(), table["timestamp"].cast(pa.int64()).to_pylist()
            end = next((offset for offset, time in zip(offsets, times, strict=True) if time > latest), end)
            if offsets and times[0] <= latest:
                break
        return end

    def _whole(self, log: TopicPartition) -> list[File]:
        """The files of a log in their order. Raises HistoryMissing where the archive is not about it."""
        if log not in self._index.ends:
            raise HistoryMissing(
                f"{self._folder / INDEX}: {log.topic}/{log.partition} is not in the archive; archive again with this "
                "service"
            )
        return self._index.files.get(log, [])

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
            for batch in self._batches(file):
                if records := [raw for raw in batch if begin <= raw.offset < end]:
                    next_offset = records[-1].offset + 1
                    yield Stretch(records, next_offset)
            if next_offset < min(file.ends_at, end):
                next_offset = min(file.ends_at, end)
                yield Stretch([], next_offset)

    def _batches(self, file: File) -> Iterator[list[RawRecord]]:
        with opened(self._folder, file) as parquet:
            for batch in parquet.iter_batches(batch_size=BATCH):
                yield _records(batch, TopicPartition(file.topic, file.partition))


@contextmanager
def opened(folder: Path, file: File) -> Iterator[pq.ParquetFile]:
    """Raises HistoryMissing where it is not, to the bit, what was written."""
    path = file.path(folder)
    try:
        content = path.open("rb")
    except OSError as fault:
        raise unreadable(path, fault) from None
    with content:
        if digest(content) != file.sha256:
            raise damaged(path)
        yield pq.ParquetFile(content)


def _records(batch: Any, log: TopicPartition) -> list[RawRecord]:
    times = batch["timestamp"].cast(pa.int64()).to_pylist()
    cells = (batch[name].to_pylist() for name in ("offset", "key", "value", "headers"))
    return [
        RawRecord(*log, offset, time, key, value, [(one["name"], one["value"]) for one in headers])
        for time, offset, key, value, headers in zip(times, *cells, strict=True)
    ]
