"""How often and for how much, of one product, channel or account: exact since ever, and as a pace of late.

Sums, minima and maxima: the same events in any order give the same tally, and tallies of several files add up.
"""

from datetime import datetime
from math import exp2
from typing import NamedTuple

from rapport.behaviour.decay import DAY, LN2, weights

MONTH, QUARTER = 30.0, 90.0
_SHORTEST = 1.0 / 24.0
_LEAST = 1e-9


class Tally(NamedTuple):
    """What was taken back is taken out; `minor` is money moved either way. The last four are decayed at 30 and 90 days,
    as of `last_at`: count and money."""

    times: int
    minor: int
    first_at: datetime
    last_at: datetime
    month: float
    quarter: float
    month_minor: float
    quarter_minor: float

    @classmethod
    def of(cls, at: datetime, sign: int, minor: int) -> "Tally":
        """One event; `sign` is -1 where it takes one back."""
        return cls(sign, sign * minor, at, at, sign, sign, sign * minor, sign * minor)

    def add(self, other: "Tally") -> "Tally":
        """Both, as of the later."""
        last_at = max(self.last_at, other.last_at)
        mine, theirs = self.left(last_at), other.left(last_at)
        return Tally(
            self.times + other.times,
            self.minor + other.minor,
            min(self.first_at, other.first_at),
            last_at,
            self.month * mine[0] + other.month * theirs[0],
            self.quarter * mine[1] + other.quarter * theirs[1],
            self.month_minor * mine[0] + other.month_minor * theirs[0],
            self.quarter_minor * mine[1] + other.quarter_minor * theirs[1],
        )

    def left(self, at: datetime) -> tuple[float, float]:
        """What is left of the decayed values at `at`, not before `last_at`: at 30 and at 90 days."""
        if at == self.last_at:
            return 1.0, 1.0
        _, month, quarter, _ = weights((at - self.last_at) / DAY)
        return month, quarter

    def a_month(self, at: datetime) -> tuple[float, float]:
        """How many, and minor units, a month: by the pace of the last quarter, as it is at `at`."""
        days = max((at - self.first_at) / DAY, _SHORTEST)
        to_month = LN2 * MONTH / QUARTER / (1.0 - exp2(-days / QUARTER))
        _, quarter = self.left(max(at, self.last_at))
        return self.quarter * quarter * to_month, self.quarter_minor * quarter * to_month

    def trend(self, at: datetime) -> float | None:
        """The pace of the last month over that of the last quarter: 1 is as before, 0 where it has stopped."""
        if self.quarter <= _LEAST:
            return None
        days = max((at - self.first_at) / DAY, _SHORTEST)
        month, quarter = self.left(max(at, self.last_at))
        built = (1.0 - exp2(-days / QUARTER)) / (1.0 - exp2(-days / MONTH))
        return max(self.month * month / (self.quarter * quarter) * QUARTER / MONTH * built, 0.0)
