"""CDNOW, the data the published tables rest on: what 2,357 people who began early in 1997 bought until mid 1998."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from rapport.behaviour.lifetime import History
from rapport.behaviour.spend import Spending
from tests.support.data import data_file

CALIBRATION_ENDS = date(1997, 9, 30)
HOLD_OUT_ENDS = CALIBRATION_ENDS + timedelta(weeks=39)


class Buyer(NamedTuple):
    """A customer until the end of the calibration, and what came in the 39 weeks after; an event is a distinct day."""

    history: History
    spending: Spending
    later: int
    later_spending: float


def buyers(unit_days: float = 7.0) -> list[Buyer]:
    """Calibration weeks 1-39 and hold-out weeks 40-78 of the 1/10 sample; spending is that of repeat days."""
    return [_buyer(days, unit_days) for days in _days_of_customers()]


def _buyer(days: dict[date, float], unit_days: float) -> Buyer:
    known = sorted(day for day in days if day <= CALIBRATION_ENDS)
    later = [day for day in days if CALIBRATION_ENDS < day <= HOLD_OUT_ENDS]
    first, last, repeats = known[0], known[-1], known[1:]
    history = History(len(repeats), (last - first).days / unit_days, (CALIBRATION_ENDS - first).days / unit_days)
    mean = sum(days[day] for day in repeats) / len(repeats) if repeats else 0.0
    return Buyer(history, Spending(len(repeats), mean), len(later), sum(days[day] for day in later))


def _days_of_customers() -> Iterator[dict[date, float]]:
    found: dict[str, dict[date, float]] = defaultdict(lambda: defaultdict(float))
    for line in data_file("cdnow/CDNOW_sample.txt").read_text().splitlines():
        customer, _, day, _, amount = line.split()
        found[customer][date(int(day[:4]), int(day[4:6]), int(day[6:]))] += float(amount)
    yield from found.values()
