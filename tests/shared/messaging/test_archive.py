"""An archive of a log that was compacted meanwhile answers as the log itself would have."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rapport.events.bank import HoldingChanged, InteractionRecorded
from rapport.events.base import Event
from rapport.messaging.archive import Archive
from rapport.messaging.archiving import archive
from rapport.messaging.history import History
from rapport.messaging.log import Log, Stretch
from rapport.messaging.records import RawRecord, TopicPartition
from rapport.messaging.service import Service
from rapport.privacy.encryption import MasterKeys, ServiceCipher

START = datetime(2026, 3, 1, tzinfo=UTC)
LOG = TopicPartition("holding-changed", 0)


class Compacted:
    """A log that spans more offsets than it has records: one a minute, as the offsets say."""

    complete_to = datetime.max.replace(tzinfo=UTC)

    def __init__(self, offsets: Sequence[int], end: int, log: TopicPartition = LOG) -> None:
        self._records = [
            RawRecord(*log, offset, int(minute(offset).timestamp() * 1000), b"c1", b"{}", ()) for offset in offsets
        ]
        self._end, self._log = end, log

    async def ends(self, logs: Collection[TopicPartition], until: datetime | None) -> dict[TopicPartition, int]:
        latest = (until or self.complete_to).timestamp() * 1000
        end = next((raw.offset for raw in self._records if raw.timestamp > latest), self._end)
        return dict.fromkeys(logs, end)

    async def read(
        self, begins: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]
    ) -> AsyncIterator[dict[TopicPartition, Stretch]]:
        begin, end = begins[self._log], ends[self._log]
        yield {self._log: Stretch([raw for raw in self._records if begin <= raw.offset < end], end)}


def minute(number: int) -> datetime:
    return START + timedelta(minutes=number)


async def archived(folder: Path, *runs: tuple[Sequence[int], int]) -> Archive:
    """Of one run for each of these offsets that were there and the log's end; each up to the minute of that end."""
    for offsets, end in runs:
        await archive(Compacted(offsets, end), [LOG], folder, minute(end), written=lambda *_: None)
    return Archive(folder)


async def published(log: Archive, until: datetime) -> list[int]:
    ends = await log.ends([LOG], until)
    return [
        raw.offset async for found in log.read({LOG: 0}, ends) for stretch in found.values() for raw in stretch.records
    ]


async def gone(log: Log, heard: type[Event], until: datetime | None = None) -> int:
    """As a replay says that hears this event alone."""
    cipher = ServiceCipher("tally", MasterKeys({1: b"k" * 32}))
    service = Service("tally", {heard.wire_type(): heard}, 1, "", is_stream_time=False, seal=cipher)
    history = History(log, service, 0)
    async for _ in history.events(until):
        pass
    return history.passed.compacted


@pytest.mark.parametrize("until", range(20))
async def test_what_was_published_after_the_moment_stays_out_though_a_later_file_is_empty(
    tmp_path: Path, until: int
) -> None:
    log = await archived(tmp_path, ([0, 1, 4, 7], 10), ([], 20))
    assert await published(log, minute(until)) == [offset for offset in (0, 1, 4, 7) if offset <= until]


async def test_a_log_of_which_nothing_is_left_still_ends_where_it_ended(tmp_path: Path) -> None:
    log = await archived(tmp_path, ([], 10), ([], 20))
    assert await log.ends([LOG], minute(20)) == {LOG: 20}
    assert await published(log, minute(20)) == []


@pytest.mark.parametrize("of", ["Kafka", "an archive"])
async def test_a_replay_counts_what_compaction_took_from_a_log_that_still_begins_at_its_beginning(
    tmp_path: Path, of: str
) -> None:
    offsets = [0, 1, 4, 7]
    log = Compacted(offsets, 10) if of == "Kafka" else await archived(tmp_path, (offsets, 7), ([7], 10))
    assert await gone(log, HoldingChanged) == 10 - len(offsets)
    assert await gone(log, HoldingChanged, minute(2)) == 4 - 2
    assert await gone(log, HoldingChanged, minute(1)) == 4 - 2, "when those were published is gone with them"
    assert await gone(Compacted(range(10), 10), HoldingChanged) == 0


async def test_a_gap_in_a_topic_that_is_not_compacted_is_no_state_lost() -> None:
    assert await gone(Compacted([0, 4], 10, TopicPartition(InteractionRecorded.name, 0)), InteractionRecorded) == 0
