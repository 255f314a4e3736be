"""How often a customer acted on each day: counters for every day since the first, kept as planes of bits.

A multiset of days in which nothing is lost, so what is taken back is gone as if it had never been, in any order of
arrival, also before what it takes back. As exact for any span as a bitmap (46 bytes a year), and one plane more for
each doubling of the busiest day.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, tzinfo
from typing import NamedTuple, Self

from rapport.behaviour.decay import DAY
from rapport.behaviour.lifetime import History
from rapport.behaviour.planes import Planes, decreased, difference, increased, total, union, without_empty


class DailyCounts(NamedTuple):
    """Bit n of `bits` is the n-th day after `first`, set where more was added than taken back.

    `repeats`: how often more than once; `owed`: how often taken back before it was added. Of a day at most one of
    `bits` and `owed` is not zero, and day 0 has one of them, so equal counts are equal values. Days are dates of the
    bank's own calendar.
    """

    first: date
    bits: int
    repeats: Planes = ()
    owed: Planes = ()

    @classmethod
    def on(cls, day: date) -> Self:
        """Once on this one day."""
        return cls(day, 1)

    @classmethod
    def from_bytes(cls, first: date, bits: bytes, more: bytes | None) -> Self:
        """The inverse of `bits_to_bytes` and `more_to_bytes`."""
        repeats, owed = _unpacked(more) if more else ((), ())
        return cls(first, int.from_bytes(bits, "little"), repeats, owed)

    def bits_to_bytes(self) -> bytes:
        """The active days as stored: little-endian, so that byte 0 holds the first eight days."""
        return self.bits.to_bytes((self.bits.bit_length() + 7) // 8, "little")

    def more_to_bytes(self) -> bytes | None:
        """What is beyond once a day, as stored; None where nothing is."""
        planes = self.repeats + self.owed
        if not planes:
            return None
        width = (max(planes).bit_length() + 7) // 8
        return bytes([len(self.repeats), len(self.owed)]) + b"".join(p.to_bytes(width, "little") for p in planes)

    @property
    def days(self) -> int:
        """How many distinct days."""
        return self.bits.bit_count()

    @property
    def first_day(self) -> date | None:
        """The earliest active day; None where there is none."""
        return self.first + timedelta(days=_lowest(self.bits)) if self.bits else None

    @property
    def last_day(self) -> date | None:
        """The latest active day; None where there is none."""
        return self.first + timedelta(days=self.bits.bit_length() - 1) if self.bits else None

    def add(self, day: date) -> "DailyCounts":
        """Once more on this day, whether it lies before the others, among them or after."""
        base, bit = self._with_room_for(day)
        if base.owed and bit & union(base.owed):
            return _from_first(base._replace(owed=decreased(base.owed, bit)))
        repeats = increased(base.repeats, bit) if bit & base.bits else base.repeats
        return DailyCounts(base.first, base.bits | bit, repeats, base.owed)

    def take(self, day: date) -> "DailyCounts":
        """Once less on this day; what was not added yet will be missing from what comes."""
        base, bit = self._with_room_for(day)
        if bit & union(base.repeats):
            return base._replace(repeats=decreased(base.repeats, bit))
        if bit & base.bits:
            return _from_first(base._replace(bits=base.bits ^ bit))
        return base._replace(owed=increased(base.owed, bit))

    def merge(self, other: "DailyCounts") -> "DailyCounts":
        """How often on each day by both together; what one owes, the other's additions pay."""
        first = min(self.first, other.first)
        mine, theirs = (_shifted(one, (one.first - first).days) for one in (self, other))
        added = total(total((mine.bits,), mine.repeats), total((theirs.bits,), theirs.repeats))
        owed = total(mine.owed, theirs.owed)
        left = difference(added, owed)
        bits = union(left)
        return _from_first(DailyCounts(first, bits, decreased(left, bits), difference(owed, added)))

    @property
    def is_nothing(self) -> bool:
        """As if no day had ever been added."""
        return not self.bits and not self.owed

    def count_between(self, start: date, end: date) -> int:
        """How many active days from `start` on and before `end`."""
        low = max((start - self.first).days, 0)
        high = max((end - self.first).days, low)
        return ((self.bits >> low) & ((1 << (high - low)) - 1)).bit_count()

    def trailing(self, last: date, window: int) -> Iterator[int]:
        """How many active days in the `window` days up to `last`, then up to the day before it, and so on for ever."""
        count = self.count_between(last - timedelta(days=window - 1), last + timedelta(days=1))
        place = (last - self.first).days
        while True:
            yield count
            count += self._is_active(place - window) - self._is_active(place)
            place -= 1

    def _is_active(self, place: int) -> int:
        return (self.bits >> place) & 1 if place >= 0 else 0

    def before(self, day: date) -> "DailyCounts":
        """What was known of the days before this one, as if the later ones had not come yet."""
        kept = (1 << max((day - self.first).days, 0)) - 1
        repeats, owed = (without_empty([plane & kept for plane in planes]) for planes in (self.repeats, self.owed))
        return DailyCounts(self.first, self.bits & kept, repeats, owed)

    def history(self, at: datetime, zone: tzinfo) -> History | None:
        """What buy-till-you-die formulas need, in days, as of `at`; days begin at midnight in `zone`. None: no day.

        The first active day counts as the start of the relation, so there is one repeat less than active days.
        """
        if not self.bits:
            return None
        skipped = _lowest(self.bits)
        recency = float(self.bits.bit_length() - 1 - skipped)
        start = datetime.combine(self.first + timedelta(days=skipped), time.min, tzinfo=zone)
        return History(self.days - 1, recency, max((at - start) / DAY, recency))

    def _with_room_for(self, day: date) -> "tuple[DailyCounts, int]":
        offset = (day - self.first).days
        return (self, 1 << offset) if offset >= 0 else (_shifted(self, -offset), 1)


def _from_first(counts: DailyCounts) -> DailyCounts:
    noted = counts.bits | union(counts.owed)
    return counts if noted & 1 or not noted else _shifted(counts, -_lowest(noted))


def _shifted(counts: DailyCounts, days: int) -> DailyCounts:
    """The same from so many days earlier on, or with `days` below 0 from later on."""

    def moved(plane: int) -> int:
        return plane << days if days > 0 else plane >> -days

    repeats, owed = tuple(map(moved, counts.repeats)), tuple(map(moved, counts.owed))
    return counts._replace(
        first=counts.first - timedelta(days=days), bits=moved(counts.bits), repeats=repeats, owed=owed
    )


def _lowest(bits: int) -> int:
    return (bits & -bits).bit_length() - 1


def _unpacked(more: bytes) -> tuple[Planes, Planes]:
    repeats, owed = more[0], more[1]
    width = (len(more) - 2) // (repeats + owed)
    planes = [int.from_bytes(more[start : start + width], "little") for start in range(2, len(more), width)]
    return tuple(planes[:repeats]), tuple(planes[repeats:])
