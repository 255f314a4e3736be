"""What can be known of a customer, and one such feature in bins that earn points."""

from dataclasses import dataclass
from itertools import pairwise
from math import inf, isfinite
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


class Known(NamedTuple):
    """What is known of a feature: where its points count, in what it is measured, what it can be, and what more of it
    may earn."""

    dimension: Dimension
    unit: Unit
    lowest: float = 0.0
    highest: float = inf
    falls: bool = False
    """More of it never earns more; of any other feature more never earns less."""


KNOWN: dict[str, Known] = {
    "average_balance": Known("value", "money", lowest=-inf),
    "investments": Known("value", "money"),
    "turnover": Known("value", "money"),
    "activity_week": Known("behaviour", "ratio", highest=90 / 7),
    "activity_month": Known("behaviour", "ratio", highest=90 / 30),
    "active_days": Known("behaviour", "days", highest=90),
    "products": Known("potential", "products"),
    "inflow_share": Known("potential", "share", highest=1),
    "balance_trend": Known("potential", "ratio", lowest=-inf),
    "penalty_interest": Known("risk", "times", falls=True),
    "overdrafts": Known("risk", "times", falls=True),
    "monthly_assets": Known("value", "money", lowest=-inf),
    "loan_class": Known("risk", "loan-class", highest=4, falls=True),
    "lifetime_value": Known("value", "money"),
}
"""A rate at 7 or 30 days is at most 90 / 7 or 90 / 30 of that at 90, right after the first posting."""
_WHOLE: frozenset[Unit] = frozenset({"days", "products", "loan-class"})
"""Counted one by one; `times` are not, since they are forgotten by and by."""
_FORMERLY: dict[str, Dimension] = {"lifetime_value": "potential"}
"""Where a feature counted before; documents that say so stay valid, and its points go on counting there."""


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

    @property
    def is_expectation(self) -> bool:
        """Is it what the bank expects, reckoned by a model: no fact of an account, and nothing a customer could do?"""
        return self.name == "lifetime_value"

    def faults(self) -> list[Fault]:
        """Every rule this feature breaks."""
        found = [*_faults_of_order(self.edges), *self._faults_of_points()]
        known = KNOWN.get(self.name)
        if known is None:
            return [Fault(("name",), f"is not a known feature; known are {', '.join(KNOWN)}"), *found]
        if self.unit == known.unit:
            found += _faults_of_range(self.edges, known)
        return [*self._faults_of_kind(known), *found, *self._faults_of_sense(known)]

    def _faults_of_kind(self, known: Known) -> list[Fault]:
        found = []
        if self.dimension not in {known.dimension, _FORMERLY.get(self.name)}:
            found.append(Fault(("dimension",), f"is not that of the feature, {known.dimension}"))
        if self.unit != known.unit:
            found.append(Fault(("unit",), f"is not that of the feature, {known.unit}"))
        return found

    def _faults_of_points(self) -> list[Fault]:
        found = []
        if len(self.points) != len(self.edges) + 1:
            found.append(Fault(("points",), f"are {len(self.points)}; {len(self.edges)} edges make one bin more"))
        if len(self.points) > 1 and len(set(self.points)) == 1:
            found.append(Fault(("points",), "are the same in every bin: leave out a feature that tells nobody apart"))
        if not (_rise(self.points) or _fall(self.points)):
            found.append(Fault(("points",), "are not monotone: no one could be told why"))
        low, high = min(self.points, default=0), max(self.points, default=-1)
        if not low <= self.points_if_unknown <= high:
            found.append(Fault(("points_if_unknown",), "are points that nobody can have"))
        if not low <= self.typical_points <= high:
            found.append(Fault(("typical_points",), "are points that nobody can have"))
        return found

    def _faults_of_sense(self, known: Known) -> list[Fault]:
        if _rise(self.points) == _fall(self.points):
            return []
        if known.falls and _rise(self.points):
            return [Fault(("points",), f"rise: more of {self.name} may not earn more, so give the first bin the most")]
        if not known.falls and _fall(self.points):
            return [Fault(("points",), f"fall: more of {self.name} may not earn less, so give the first bin the least")]
        return []


def _rise(points: tuple[int, ...]) -> bool:
    return list(points) == sorted(points)


def _fall(points: tuple[int, ...]) -> bool:
    return list(points) == sorted(points, reverse=True)


def _faults_of_order(edges: tuple[float, ...]) -> list[Fault]:
    found = [Fault(("edges", place), "is not a number") for place, edge in enumerate(edges) if not isfinite(edge)]
    for place, (one, following) in enumerate(pairwise(edges), start=1):
        if one == following:
            found.append(Fault(("edges", place), "is the edge before it again: an empty bin"))
        elif one > following:
            found.append(Fault(("edges", place), "lies below the edge before it: bins overlap and leave a gap"))
    return found


def _faults_of_range(edges: tuple[float, ...], known: Known) -> list[Fault]:
    found = []
    for place, edge in enumerate(edges):
        if isfinite(edge) and edge <= known.lowest:
            found.append(Fault(("edges", place), f"is not above {known.lowest:g}: nobody has less, the bin is empty"))
        elif isfinite(edge) and edge > known.highest:
            found.append(Fault(("edges", place), f"is above {known.highest:.4g}: nobody has more, the bin is empty"))
        elif isfinite(edge) and known.unit in _WHOLE and edge != int(edge):
            found.append(Fault(("edges", place), f"is not a whole number, and {known.unit} are counted one by one"))
    return found
