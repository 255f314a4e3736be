"""How good the alerts were, beside the customers who really declined: precision, recall, lead time.

An alert is a hit if its customer really declines and it was opened after the decline began, or at most `GRACE` before.
A decline is caught if one of its customer's alerts is a hit. The lead time of a caught decline is the days from its
first hit to the day on which the customer is gone; it is below zero where the alert came too late.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

GRACE = timedelta(days=7)
"""A decline is a drift: its first days can show before the day that the truth file names."""


@dataclass(frozen=True, slots=True)
class Truth:
    """One customer's real decline: when it begins, and when the customer is gone; None: not within the history."""

    begins_on: date
    gone_on: date | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Counts of alerts and of declines, and what follows from them; None where there is nothing to divide by."""

    alerts: int
    hits: int
    declines: int
    caught: int
    median_lead_days: float | None

    @property
    def precision(self) -> float | None:
        """Share of the alerts that were for a customer in decline."""
        return self.hits / self.alerts if self.alerts else None

    @property
    def recall(self) -> float | None:
        """Share of the declines that an alert told of."""
        return self.caught / self.declines if self.declines else None


def judge(alerts: Iterable[tuple[str, date]], declines: Mapping[str, Truth]) -> Verdict:
    """`alerts`: customer and day of opening, one an alert. `declines`: by customer."""
    opened = list(alerts)
    hits = [(c, day) for c, day in opened if c in declines and day >= declines[c].begins_on - GRACE]
    first: dict[str, date] = {}
    for customer, day in sorted(hits, key=lambda hit: hit[1]):
        first.setdefault(customer, day)
    gone = {customer: truth.gone_on for customer, truth in declines.items()}
    leads = [(end - day).days for customer, day in first.items() if (end := gone[customer]) is not None]
    return Verdict(len(opened), len(hits), len(declines), len(first), median(leads) if leads else None)
