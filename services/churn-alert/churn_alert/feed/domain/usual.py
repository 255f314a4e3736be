"""What is usual of one topic in one partition: in which hours something is heard, and of how many customers.

A set of hours and the latest day of each of a few groups of customers: the same events in any order and in any polls
leave the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zlib import crc32

WEEKS = 4
_HOURS = 24 * 7 * WEEKS
_KEPT = (1 << _HOURS) - 1
GROUPS = 64
"""Customers are told apart by a checksum of so many values, so of more than some dozens fewer are counted."""
_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Usual:
    """`last`: the latest hour, counted from 1970; `hours`: bit n is set if anything was heard n hours before it, for
    four weeks; `days`: by group of customers the latest day, counted from 1970, 0 where there was none.
    """

    last: int = 0
    hours: int = 0
    days: tuple[int, ...] = (0,) * GROUPS

    @classmethod
    def of(cls, acts: Iterable[tuple[int, str]]) -> "Usual":
        """Of what customers did: each the hour (`hour_of`) and whose it was; at least one."""
        acts = list(acts)
        last, hours, days = max(hour for hour, _ in acts), 0, [0] * GROUPS
        for hour, customer_id in acts:
            if (ago := last - hour) < _HOURS:
                hours |= 1 << ago
            group = crc32(customer_id.encode()) % GROUPS
            days[group] = max(days[group], hour // 24)
        return cls(last, hours, tuple(days))

    def merge(self, other: "Usual") -> "Usual":
        """What was heard of both."""
        last = max(self.last, other.last)
        hours = _seen_from(last, self) | _seen_from(last, other)
        return Usual(last, hours, tuple(map(max, self.days, other.days)))

    @property
    def spans(self) -> timedelta:
        """From the first to the latest hour that is kept."""
        return timedelta(hours=self.hours.bit_length())

    @property
    def customers(self) -> int:
        """So many at least were heard of within the four weeks."""
        since = self.last // 24 - 7 * WEEKS
        return sum(day > since for day in self.days)

    def longest_gap(self, quiet: timedelta, times: float) -> timedelta:
        """The longest ordinary gap between two hours in which something was heard.

        Not ordinary, but a stop whose events were lost, is one of more than `quiet` that is longer than `times` the
        next shorter one, and so is what is longer still.
        """
        longest = timedelta()
        for hours in sorted(map(len, f"{self.hours:b}".split("1"))):
            gap = timedelta(hours=hours + 1)
            if gap > max(quiet, times * longest):
                break
            longest = gap
        return longest


def _seen_from(last: int, one: Usual) -> int:
    later = last - one.last
    return one.hours << later & _KEPT if later < _HOURS else 0


def hour_of(at: datetime) -> int:
    """The hour of a moment, counted from 1970."""
    return int(at.timestamp()) // _HOUR
