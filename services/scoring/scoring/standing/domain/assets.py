"""The month's average daily assets (月日均AUM): what a customer held at the end of each day of a month, on average.

Kept without the days: a posting on the d-th day of a month counts in all but d - 1 of its days, so the average is the
balance at its end less a sum. Integers throughout, hence the same in any order of arrival.
"""

from calendar import monthrange
from collections.abc import Sequence
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from typing import Any, NamedTuple, Self


def month_of(day: date) -> int:
    """Months counted from year 0."""
    return day.year * 12 + day.month - 1


def first_day_of(month: int) -> date:
    """The inverse of `month_of`."""
    return date(month // 12, month % 12 + 1, 1)


def days_in(month: int) -> int:
    """28 to 31."""
    return monthrange(month // 12, month % 12 + 1)[1]


@lru_cache(maxsize=64)
def beginning_of(month: int, zone: tzinfo) -> datetime:
    """The first moment of a month in the bank's calendar."""
    first = first_day_of(month)
    return datetime(first.year, first.month, 1, tzinfo=zone).astimezone(UTC)


class Movements(NamedTuple):
    """Postings of the latest month that has any, and of the month before it; in minor units.

    `moved` sums the postings, each with its sign; `moment` each times the days of its month before its own.
    """

    month: int = 0
    moved: int = 0
    moment: int = 0
    moved_before: int = 0
    moment_before: int = 0

    def add(self, day: date, signed: int) -> Self:
        """One posting, or with its sign turned one that is taken back. Those of earlier months change no average."""
        month, moment = month_of(day), signed * (day.day - 1)
        later = month - self.month
        if later == 0:  # by position: a name costs a dictionary, and this is every event's
            kept = self.moved_before, self.moment_before
            return type(self)(month, self.moved + signed, self.moment + moment, *kept)
        if later > 0:
            before = (self.moved, self.moment) if later == 1 else (0, 0)
            return type(self)(month, signed, moment, *before)
        if later == -1:
            return self._replace(moved_before=self.moved_before + signed, moment_before=self.moment_before + moment)
        return self

    def average_before(self, month: int, balance: int) -> float:
        """The average daily balance of the month before `month`, now that the balance is `balance`.

        `month` is the present one; one that is earlier than the latest posting is taken as that posting's.
        """
        later = month - self.month
        if later > 1:
            return float(balance)
        if later == 1:
            return balance - self.moment / days_in(self.month)
        return balance - self.moved - self.moment_before / days_in(self.month - 1) if self.month else float(balance)


NO_MOVEMENTS = Movements()


class Valuation(NamedTuple):
    """What the holdings of one day's end are worth. `day`: of the proleptic Gregorian calendar, as `date.toordinal`.

    `minor`: in the bank's own currency. `foreign`: in others, each with its minor units, in order of their codes.
    """

    day: int
    revision: int
    minor: int
    foreign: tuple[tuple[str, int], ...] = ()

    def in_currency(self, currency: str) -> "Valuation":
        """The worth of what is held in another currency alone."""
        return Valuation(self.day, self.revision, dict(self.foreign).get(currency, 0))


def rows_of(valuations: Sequence[Valuation]) -> list[tuple[object, ...]]:
    """As they are stored and hashed; of three cells where nothing is held in other currencies."""
    return [tuple(one) if one.foreign else one[:3] for one in valuations]


def valuation_of(day: int, revision: int, minor: int, foreign: Sequence[Sequence[Any]] = ()) -> Valuation:
    """The inverse of `rows_of`, for one row."""
    return Valuation(day, revision, minor, tuple((currency, worth) for currency, worth in foreign))


def valued(known: Sequence[Valuation], new: Valuation) -> Sequence[Valuation]:
    """With one more valuation, by day; of one day the highest revision stays.

    Kept are those of the latest month and the one before it, and what was in force when that began.
    """
    by_day = {one.day: one for one in known}
    there = by_day.get(new.day)
    if there is None or there.revision < new.revision:
        by_day[new.day] = new
    return counting(sorted(by_day.values()))


def counting(rising: Sequence[Valuation]) -> Sequence[Valuation]:
    """Of valuations in order of their days those that still count in a month's average."""
    begins = first_day_of(month_of(date.fromordinal(rising[-1].day)) - 1).toordinal()
    in_force = max((place for place, one in enumerate(rising) if one.day <= begins), default=0)
    return tuple(rising[in_force:])


def average_valuation(known: Sequence[Valuation], month: int) -> float:
    """The mean over the days of a month of what was held at their ends; nothing before the first valuation."""
    if not known:
        return 0.0
    begins = first_day_of(month).toordinal()
    ends = begins + days_in(month)
    total = 0
    for one, following in zip(known, [*(other.day for other in known[1:]), ends], strict=True):
        total += one.minor * max(min(following, ends) - max(one.day, begins), 0)
    return total / (ends - begins)
