"""A bank as the model assumes it: rates, leaving and money drawn from known parameters."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from rapport.behaviour.daily_counts import DailyCounts
from rapport.behaviour.lifetime import MbgParameters
from rapport.behaviour.lifetime_value import Terms
from rapport.behaviour.spend import SpendParameters
from scoring.lifetime_value.domain.fitting import Book
from scoring.lifetime_value.domain.model import Activity, Figures, Fitted

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2025, 12, 31, 4, tzinfo=UTC)
TODAY = date(2025, 12, 31)
ACTIVITY = MbgParameters(1.5, 12.0, 1.0, 30.0)
SPEND = SpendParameters(2.0, 4.0, 60_000.0)
"""In minor units: an active day of everybody is worth 400.00."""
FITTED = Fitted(
    as_of=NOW,
    activity=ACTIVITY,
    spend=SPEND,
    terms=Terms(12, 365.25 / 12, 0.0064, 0.001, 0.97),
    standard_error=0.01,
    figures=Figures(900, 900, -1.0, -1.0, 0.02, a_is_held=True, held_out=800, days_expected=10.5, days_came=10),
)


def customers(count: int, *, seed: int = 7, activity: MbgParameters = ACTIVITY) -> dict[str, Activity]:
    """By id, of ages between 200 and 700 days as of NOW."""
    draw = Random(seed)
    return {f"c-{number}": _customer(draw, activity) for number in range(count)}


def _customer(draw: Random, of: MbgParameters) -> Activity:
    age = draw.randrange(200, 700)
    rate, leaves = draw.gammavariate(of.r, 1.0 / of.alpha), draw.betavariate(of.a, of.b)
    mean_of_rate = draw.gammavariate(SPEND.q, 1.0 / SPEND.gamma)
    first, day = TODAY - timedelta(days=age), 0.0
    days, minor = DailyCounts.on(first), round(draw.gammavariate(SPEND.p, 1.0 / mean_of_rate))
    while draw.random() >= leaves and (day := day + draw.expovariate(rate)) < age:
        days = days.add(first + timedelta(days=int(day)))
        minor += round(draw.gammavariate(SPEND.p, 1.0 / mean_of_rate))
    return Activity(days, minor)


def book_of(everybody: dict[str, Activity], at: datetime = NOW) -> Book:
    """The book that holds these."""
    book = Book(len(everybody), at, ZONE)
    for customer_id, activity in everybody.items():
        book.add(customer_id, activity)
    return book


def every(step: int, days: int, *, last: date = TODAY) -> DailyCounts:
    """So many active days, the last one on `last`, each `step` days after the one before."""
    first = last - timedelta(days=step * (days - 1))
    return DailyCounts(first, sum(1 << (step * number) for number in range(days)))
