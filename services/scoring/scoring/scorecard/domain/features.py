"""What can be known of a customer, and one such feature in bins that earn points."""

from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from typing import Literal, NamedTuple

from scoring.version.domain.faults import Fault

Dimension = Literal["value", "behaviour", "potential", "risk"]
Unit = Literal["money", "times", "days", "products", "ratio", "share", "loan-class"]

DIMENSIONS: tuple[Dimension, ...] = ("value", "behaviour", "potential", "risk")


class Values(NamedTuple):
    """What is known of a customer at one moment, one value a feature; None where nothing can be said.

    Money in minor units of the bank's own currency. The names of the fields are the names of the features.
    """

    average_balance: float
    """Mean balance with a half-life of 90 days."""
    investments: float
    """Deposits, wealth products, funds and insurance held."""
    turnover: float
    """Credits and debits a month, with a half-life of 90 days."""
    activity_week: float | None
    """The customer's own postings: the rate at 7 days against the rate at 90."""
    activity_month: float | None
    """The same at 30 days against 90."""
    active_days: float
    """Days with a posting of the customer's own among the last 90."""
    products: float
    """Active products held."""
    inflow_share: float | None
    """Credits in all turnover, with a half-life of 90 days."""
    balance_trend: float | None
    """Mean balance at 30 days against the mean at 90."""
    penalty_interest: float
    """Times penalty interest was charged, with a half-life of 365 days."""
    overdrafts: float
    """Debits that left an account below zero, with a half-life of 365 days."""
    monthly_assets: float = 0.0
    """Average daily assets of the month before: balances, deposits, wealth products, funds and insurance, no loans."""
    loan_class: float | None = None
    """The worst class of the customer's loans, from 0, normal, to 4, loss; None without a loan."""
    lifetime_value: float | None = None
    """What the customer will bring within a year; reckoned only for a scorecard that asks for it."""


KNOWN: dict[str, tuple[Dimension, Unit]] = {
    "average_balance": ("value", "money"),
    "investments": ("value", "money"),
    "turnover": ("value", "money"),
    "activity_week": ("behaviour", "ratio"),
    "activity_month": ("behaviour", "ratio"),
    "active_days": ("behaviour", "days"),
    "products": ("potential", "products"),
    "inflow_share": ("potential", "share"),
    "balance_trend": ("potential", "ratio"),
    "penalty_interest": ("risk", "times"),
    "overdrafts": ("risk", "times"),
    "monthly_assets": ("value", "money"),
    "loan_class": ("risk", "loan-class"),
    "lifetime_value": ("potential", "money"),
}
"""Of each feature the dimension its points count in, and the unit of its value."""


@dataclass(frozen=True, slots=True, eq=False)
class Feature:
    """One value in bins. Bin n reaches from `edges[n-1]` up to, not including, `edges[n]` and earns `points[n]`.

    Equal is only the feature itself, so that what never changes of it can be remembered by it.
    """

    name: str
    dimension: Dimension
    unit: Unit
    words: str
    edges: tuple[float, ...]
    points: tuple[int, ...]
    points_if_unknown: int
    typical_points: float
    """What the customers of a typical bank earn on average: reasons are told against it."""

    def faults(self) -> list[Fault]:
        """Every rule this feature breaks."""
        return [*self._faults_of_kind(), *_faults_of_edges(self.edges), *self._faults_of_points()]

    def _faults_of_kind(self) -> list[Fault]:
        if self.name not in KNOWN:
            return [Fault(("name",), f"is not a known feature; known are {', '.join(KNOWN)}")]
        dimension, unit = KNOWN[self.name]
        found = []
        if self.dimension != dimension:
            found.append(Fault(("dimension",), f"is not that of the feature, {dimension}"))
        if self.unit != unit:
            found.append(Fault(("unit",), f"is not that of the feature, {unit}"))
        return found

    def _faults_of_points(self) -> list[Fault]:
        found = []
        if len(self.points) != len(self.edges) + 1:
            found.append(Fault(("points",), f"are {len(self.points)}; {len(self.edges)} edges make one bin more"))
        if list(self.points) not in (sorted(self.points), sorted(self.points, reverse=True)):
            found.append(Fault(("points",), "are not monotone: no one could be told why"))
        low, high = min(self.points, default=0), max(self.points, default=-1)
        if not low <= self.points_if_unknown <= high:
            found.append(Fault(("points_if_unknown",), "are points that nobody can have"))
        if not low <= self.typical_points <= high:
            found.append(Fault(("typical_points",), "are points that nobody can have"))
        return found


def _faults_of_edges(edges: tuple[float, ...]) -> list[Fault]:
    found = [Fault(("edges", place), "is not a number") for place, edge in enumerate(edges) if not isfinite(edge)]
    for place, (one, following) in enumerate(pairwise(edges), start=1):
        if one == following:
            found.append(Fault(("edges", place), "is the edge before it again: an empty bin"))
        elif one > following:
            found.append(Fault(("edges", place), "lies below the edge before it: bins overlap and leave a gap"))
    return found
