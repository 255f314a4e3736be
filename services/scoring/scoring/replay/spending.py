"""What customers would go on spending if nothing came in any more: what would be spent is taken as what was spent."""

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

from rapport.behaviour.decay import rate
from scoring.standing.domain.state import SUMS, Standing

WINDOW_DAYS = 90
"""Of the half-life, and of the own active days that are counted: as the features have them."""
_WEEK = 7


class Habit(NamedTuple):
    """How a customer has spent of late: minor units of the bank's currency a day, and on how many of the last 90 days
    they did something themselves."""

    per_day: float
    active_days: int


class Spent(NamedTuple):
    """One posting of the scenario: so many days after it began, in minor units; `is_own`: by the customer."""

    day: int
    minor: int
    is_own: bool


def habit_of(standing: Standing, at: datetime, zone: tzinfo) -> Habit:
    """As of `at`: D·ln 2 / 90 a day, D being the debits decayed at a half-life of 90 days.

    A steady flow r keeps the decayed sum at r·90 / ln 2, so this is the flow that would keep D where it is
    (`rapport.behaviour.decay.rate`). All debits count, the bank's too; it reads low for who is here for less than a few
    half-lives.
    """
    decayed = standing.sums.read(at)[SUMS.index("debits")].quarter
    tomorrow = at.astimezone(zone).date() + timedelta(days=1)
    days = standing.active_days
    active = days.count_between(tomorrow - timedelta(days=WINDOW_DAYS), tomorrow) if days else 0
    return Habit(max(rate(decayed, float(WINDOW_DAYS)), 0.0), active)


def spending(habit: Habit, left: int, days: int) -> Iterator[Spent]:
    """What is spent of `left` minor units in so many days, until nothing is left: min(left, per_day · days) in all.

    On as many days in 90 as the customer was active, evenly; of who never was, once a week and not by them. The last
    day brings what the days since have cost.
    """
    spent, n = 0, habit.active_days
    for day in range(1, days + 1):
        is_own = day * n // WINDOW_DAYS > (day - 1) * n // WINDOW_DAYS
        if not (is_own or day == days or (n == 0 and day % _WEEK == 0)):
            continue
        by_now = min(max(left, 0), round(habit.per_day * day))
        if by_now > spent:
            yield Spent(day, by_now - spent, is_own)
            spent = by_now
