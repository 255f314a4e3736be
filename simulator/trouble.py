"""Trouble on request: records sent twice, sent late, and bad input in between; each carries what was done to it.

The bank's own records all stay in, unharmed: trouble is added, so that the plain history tells what must come out.
"""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from random import Random

from rapport.events.bank import DayClosed, FeedbackSubmitted, InteractionRecorded, TransactionRecorded
from simulator.malformed import KINDS, spoiled
from simulator.wire import DAY_MS, Record, header

DUPLICATE, LATE = "duplicate", "late"
WITHIN = 3_000
"""A duplicate follows its original within so many records."""
_MARK = DayClosed.wire_type().encode()
_TRANSACTION = TransactionRecorded.wire_type().encode()
_MAY_BE_LATE = {event.wire_type().encode() for event in (TransactionRecorded, InteractionRecorded, FeedbackSubmitted)}


@dataclass(frozen=True, slots=True)
class Trouble:
    """Shares of the records; kinds of bad input come in turn, so that few are enough to have each."""

    duplicates: float = 0.0
    late: float = 0.0
    malformed: float = 0.0
    seed: int = 1

    def __post_init__(self) -> None:
        if not all(0 <= share <= 1 for share in (self.duplicates, self.late, self.malformed)):
            raise ValueError("duplicates, late and malformed are shares between 0 and 1")

    def added_to(self, records: Iterable[Record]) -> Iterator[Record]:
        """The records with the trouble among them; a function of the records and the seed."""
        if self.late:
            records = _late(records, self.late, Random(f"late {self.seed}"))
        if self.malformed:
            records = _malformed(records, self.malformed, Random(f"malformed {self.seed}"))
        if self.duplicates:
            records = _duplicated(records, self.duplicates, Random(f"duplicates {self.seed}"))
        return iter(records)


def _type(record: Record) -> bytes | None:
    return header(record, "ce_type")


def _late(records: Iterable[Record], share: float, rng: Random) -> Iterator[Record]:
    """Holds some postings, uses and words back for up to 24 hours of business time; their own time stays."""
    held: list[tuple[int, int, Record]] = []
    for count, record in enumerate(records):
        while held and held[0][0] <= record.time_ms:
            yield heapq.heappop(held)[2]
        if rng.random() < share and _type(record) in _MAY_BE_LATE:
            heapq.heappush(held, (record.time_ms + rng.randint(1, DAY_MS), count, record._replace(trouble=LATE)))
        else:
            yield record
    for _, _, record in sorted(held):
        yield record


def _duplicated(records: Iterable[Record], share: float, rng: Random) -> Iterator[Record]:
    """Sends some of the good records a second time, soon after."""
    again: list[tuple[int, Record]] = []
    count = -1
    for count, record in enumerate(records):
        while again and again[0][0] <= count:
            yield heapq.heappop(again)[1]
        yield record
        if rng.random() < share and record.trouble in (None, LATE) and _type(record) != _MARK:
            copy = record._replace(trouble=DUPLICATE)
            heapq.heappush(again, (count + rng.randint(1, WITHIN), copy))
    for _, record in sorted(again, key=lambda waiting: waiting[0]):
        yield record


def _malformed(records: Iterable[Record], share: float, rng: Random) -> Iterator[Record]:
    """After some transactions a spoiled twin of them."""
    count = 0
    for record in records:
        yield record
        if rng.random() < share and record.trouble is None and _type(record) == _TRANSACTION:
            yield spoiled(record, KINDS[count % len(KINDS)], count)
            count += 1
