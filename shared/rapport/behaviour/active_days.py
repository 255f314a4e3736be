"""On which days a customer was active: a growing bitmap, one bit a day from the first active day on.

A union of days, so the same events in any order, repeated or not, give the same state. It is exact for any span
(46 bytes a year), because a window of fixed size cannot be both exact and order-free: once a day has fallen out, a late
event for it can no longer be told from one already counted.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Self

from rapport.behaviour.decay import DAY
from rapport.behaviour.lifetime import History


@dataclass(frozen=True, slots=True)
class ActiveDays:
    """Bit n of `bits` is the n-th day after `first`; bit 0 is always set. Days are dates of the bank's own calendar.

    A reversed transaction leaves its day active: the customer did act on it.
    """

    first: date
    bits: int

    @classmethod
    def on(cls, day: date) -> Self:
        """Active on this one day."""
        return cls(day, 1)

    @classmethod
    def from_bytes(cls, first: date, stored: bytes) -> Self:
        """The inverse of `to_bytes`."""
        return cls(first, int.from_bytes(stored, "little"))

    def to_bytes(self) -> bytes:
        """The bitmap as stored beside `first`: little-endian, so that byte 0 holds the first eight days."""
        return self.bits.to_bytes((self.bits.bit_length() + 7) // 8, "little")

    @property
    def last(self) -> date:
        """The latest active day."""
        return self.first + timedelta(days=self.bits.bit_length() - 1)

    @property
    def count(self) -> int:
        """How many distinct days."""
        return self.bits.bit_count()

    def add(self, day: date) -> Self:
        """This day too, whether it lies before the others, among them or after."""
        offset = (day - self.first).days
        if offset >= 0:
            bits = self.bits | (1 << offset)
            return self if bits == self.bits else type(self)(self.first, bits)
        return type(self)(day, (self.bits << -offset) | 1)

    def merge(self, other: Self) -> Self:
        """The days of both."""
        earlier, later = (self, other) if self.first <= other.first else (other, self)
        return type(self)(earlier.first, earlier.bits | (later.bits << (later.first - earlier.first).days))

    def count_between(self, start: date, end: date) -> int:
        """How many active days from `start` on and before `end`."""
        low = max((start - self.first).days, 0)
        high = max((end - self.first).days, low)
        return ((self.bits >> low) & ((1 << (high - low)) - 1)).bit_count()

    def history(self, at: datetime, zone: tzinfo) -> History:
        """What buy-till-you-die formulas need, in days, as of `at`; days begin at midnight in `zone`.

        The first active day counts as the start of the relation, so there is one repeat less than active days.
        """
        recency = float(self.bits.bit_length() - 1)
        age = (at - self.start(zone)) / DAY
        return History(self.count - 1, recency, max(age, recency))

    def start(self, zone: tzinfo) -> datetime:
        """Midnight of the first active day, in UTC: age zero. An age of d days is reached d days after it."""
        return _midnight(self.first, zone)


@lru_cache(maxsize=8192)
def _midnight(day: date, zone: tzinfo) -> datetime:
    # In UTC, as all moments are: of two zones each is asked for its offset whenever moments are compared.
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)
