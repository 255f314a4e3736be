"""How much risk a customer bears: told at the opening, from a chance of its own, so that no life changes by it."""

from datetime import date, datetime, timedelta
from random import Random
from typing import Literal

from rapport.events.bank import RiskAssessed
from simulator.bank.holdings import Holdings
from simulator.bank.shelf import PRODUCTS

Tolerance = Literal["C1", "C2", "C3", "C4", "C5"]
_TOLERANCES: tuple[Tolerance, ...] = ("C1", "C2", "C3", "C4", "C5")
_EXPERIENCES: tuple[tuple[int, Literal["under-1-year", "1-3-years", "3-5-years", "over-5-years"]], ...] = (
    (1, "under-1-year"),
    (3, "1-3-years"),
    (5, "3-5-years"),
    (200, "over-5-years"),
)
_GRADES = {code: int(grade[1]) for code, _, grade in PRODUCTS}
_LASTS = timedelta(days=365)


def assessed(customer_id: str, holdings: Holdings, since: date, at: datetime, day: date) -> RiskAssessed:
    """An assessment as of a day: nobody holds what is riskier than they bear, and half bear one grade more."""
    draw = Random(f"risk of {customer_id}")
    least = max((_GRADES[code] for code in holdings.amounts), default=1)
    bears = min(least + draw.choice((0, 0, 1, 1, 2)), len(_TOLERANCES))
    invests = any(_GRADES[code] > 1 for code in holdings.amounts)
    years = (day - since).days / 365.25
    return RiskAssessed(
        customer_id=customer_id,
        risk_tolerance=_TOLERANCES[bears - 1],
        investment_experience=next(name for most, name in _EXPERIENCES if years < most) if invests else "none",
        assessed_at=at,
        valid_until=day + _LASTS,
        revision=1,
    )
