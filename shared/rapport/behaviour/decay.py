"""Sums that forget: what happened weighs 2^(-age/h), at four half-lives h, whatever order the events came in.

The same multiset of events gives the same sums in any order, split and merged in any way, to 1e-9 of the gross sum
(that of the absolute amounts, equally decayed): compare with a tolerance, never with `==`. Why a moving reference time
and not a fixed landmark: docs/decisions/0010-decayed-sums-carry-their-reference-time.md.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp2
from typing import Final, NamedTuple, Self

DAY: Final = timedelta(days=1)
HALF_LIVES: Final = (7.0, 30.0, 90.0, 365.0)
"""Days, in the order in which every sum keeps its four values."""

LN2: Final = 0.6931471805599453

_Weights = tuple[float, float, float, float]
_WHOLE: Final[_Weights] = (1.0, 1.0, 1.0, 1.0)


class ByHalfLife(NamedTuple):
    """One quantity at each half-life: 7, 30, 90 and 365 days."""

    week: float
    month: float
    quarter: float
    year: float


def weights(elapsed_days: float) -> _Weights:
    """What is left of 1 after `elapsed_days` at each half-life; three powers, since 90 days is three times 30."""
    quarter = exp2(-elapsed_days / 90.0)
    return exp2(-elapsed_days / 7.0), quarter * quarter * quarter, quarter, exp2(-elapsed_days / 365.0)


def column_names(*sums: str) -> tuple[str, ...]:
    """The columns that hold these sums, in the order of `DecayedSums.values`: `credits_7d` … `credits_365d`."""
    return tuple(f"{name}_{half_life:.0f}d" for name in sums for half_life in HALF_LIVES)


@dataclass(frozen=True, slots=True)
class DecayedSums:
    """Several sums of one subject, each at every half-life, all as of the time of its latest event.

    `values` holds the sums one after the other, four values each. A later event first decays everything to its own
    time; an earlier one is itself decayed to `as_of`. So no power is ever above 1, nothing can overflow, and only what
    is too small to count underflows to zero.
    """

    as_of: datetime | None
    values: tuple[float, ...]

    @classmethod
    def nothing(cls, sums: int) -> Self:
        """So many sums of a subject of which nothing has happened yet."""
        return cls(None, (0.0,) * (4 * sums))

    def add(self, at: datetime, *amounts: float) -> Self:
        """One event at its own time, which may lie before others: an amount for each sum.

        A reversal adds the negated amounts at the time of the event that it takes back. Not idempotent: duplicates are
        dropped by event id before.
        """
        if 4 * len(amounts) != len(self.values):
            raise ValueError(f"{len(amounts)} amounts for {len(self.values) // 4} sums")
        if self.as_of is None:
            return type(self)(at, tuple(amount for amount in map(float, amounts) for _ in range(4)))
        elapsed = (at - self.as_of) / DAY
        if elapsed > 0.0:
            return type(self)(at, _combined(self.values, weights(elapsed), amounts, _WHOLE))
        return type(self)(self.as_of, _combined(self.values, _WHOLE, amounts, weights(-elapsed)))

    def add_all(self, events: Iterable[tuple[datetime, Sequence[float]]]) -> Self:
        """`add` for each event."""
        folded = self
        for at, amounts in events:
            folded = folded.add(at, *amounts)
        return folded

    def merge(self, other: Self) -> Self:
        """The sums of both sets of events."""
        if len(self.values) != len(other.values):
            raise ValueError(f"{len(self.values) // 4} sums cannot be merged with {len(other.values) // 4}")
        if self.as_of is None or other.as_of is None:
            return other if self.as_of is None else self
        as_of = max(self.as_of, other.as_of)
        pairs = zip(self._at(as_of), other._at(as_of), strict=True)
        return type(self)(as_of, tuple([mine + theirs for mine, theirs in pairs]))

    def read(self, at: datetime) -> tuple[ByHalfLife, ...]:
        """Each sum as it stands at `at`; before the latest event, as it stands at that one: nothing un-happens."""
        values = self._at(at)
        return tuple(ByHalfLife._make(values[first : first + 4]) for first in range(0, len(values), 4))

    def _at(self, at: datetime) -> tuple[float, ...]:
        if self.as_of is None or at <= self.as_of:
            return self.values
        left = weights((at - self.as_of) / DAY) * (len(self.values) // 4)
        return tuple([value * weight for value, weight in zip(self.values, left, strict=True)])


def _combined(
    values: tuple[float, ...], left: _Weights, amounts: Sequence[float], share: _Weights
) -> tuple[float, ...]:
    """Old values times what is left of them, plus each amount's share. Unrolled: the inner loop of every fold."""
    week, month, quarter, year = left
    week_share, month_share, quarter_share, year_share = share
    combined: list[float] = []
    first = 0
    for amount in amounts:
        if amount:
            combined += (
                values[first] * week + amount * week_share,
                values[first + 1] * month + amount * month_share,
                values[first + 2] * quarter + amount * quarter_share,
                values[first + 3] * year + amount * year_share,
            )
        else:
            combined += (
                values[first] * week,
                values[first + 1] * month,
                values[first + 2] * quarter,
                values[first + 3] * year,
            )
        first += 4
    return tuple(combined)


def rate(decayed: float, half_life: float) -> float:
    """Amount per day: what a steady flow would have to be to keep the decayed sum where it is.

    Reads low until a few half-lives of history are there; so a ratio of a fast to a slow rate reads high for the young,
    who are then not taken for declining.
    """
    return decayed * LN2 / half_life


def average_balance(balance: float, decayed_movements: float) -> float:
    """The exponentially weighted mean of a balance that began at zero: the balance less its signed movements, decayed.

    Equals the integral of balance(s)·(ln 2/h)·2^(-(t-s)/h) over the past, without keeping the path. What an account
    held when its history began is a movement at that moment. Both arguments at one moment, in one unit.
    """
    return balance - decayed_movements
