"""What may be told of few customers: nothing by which who knows them could tell in which arm one of them is.

Figures are of whole months that are over. A count of fewer than LEAST customers is withheld, and where it is the only
one of its kind, the next smallest too: else it would be what is left of the whole. To who has charge of customers a
month counts only if both arms have as many in it, since the difference of two periods is a month as well.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta, tzinfo

from rapport.errors import DomainError

LEAST = 10
"""Customers."""
LEAST_JUDGED = 50
"""Judged alerts: a rate of fewer is uncertain by more than fourteen points either way, and is not told of a group."""


class PeriodNotWhole(DomainError):
    """A period begins or ends within a month."""


def check_whole(name: str, moment: datetime | None, zone: tzinfo) -> None:
    """Raises PeriodNotWhole unless it is the first midnight of a month of the bank's calendar."""
    if moment is None:
        return
    there = moment.astimezone(zone)
    if there.day != 1 or there.time() != time():
        first = datetime.combine(there.date().replace(day=1), time(), zone).isoformat()
        raise PeriodNotWhole(f"`{name}` must be the first midnight of a month, such as {first}")


def month_begins(day: date, zone: tzinfo) -> datetime:
    """The first moment of the month of a day."""
    return datetime.combine(day.replace(day=1), time(), zone)


def told(cells: Mapping[str, int], least: int = LEAST) -> frozenset[str]:
    """Which of the cells that make up a whole may be told; by how many customers are in each."""
    few = {key for key, customers in cells.items() if customers < least}
    rest = sorted((customers, key) for key, customers in cells.items() if key not in few)
    if few and rest and sum(cells[key] for key in few) < least:
        few.add(rest[0][1])
    return frozenset(cells.keys() - few)


def whole_months(arms: Mapping[date, Mapping[str, int]]) -> frozenset[date]:
    """The months in which each arm has enough customers: of `held-out` and of `treated`."""
    return frozenset(
        month for month, counts in arms.items() if min(counts.get("held-out", 0), counts.get("treated", 0)) >= LEAST
    )


def is_released(month: date, window: timedelta, day: date) -> bool:
    """Whether by this day, to who has charge of customers, it is told what came of a month, each judged a day after its
    window.
    """
    next_month = (month + timedelta(days=32)).replace(day=1)
    return day.replace(day=1) >= next_month + window + timedelta(days=1)
