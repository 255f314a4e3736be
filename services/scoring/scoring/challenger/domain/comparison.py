"""Champion and challenger over the book: agreement with its interval, the swap set, the migration of tiers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import inf
from typing import NamedTuple

from rapport.behaviour.rates import Rate, wilson
from scoring.scorecard.domain import Tier

BIN = 10
"""Differences of points are counted in steps of so many."""


class Cell(NamedTuple):
    """Customers whom the champion has in `old_tier` and the challenger in `tier`, with `start` points more by the
    challenger, or up to BIN - 1 more than that. Then sums over them: events n, agreements a, n², n·a, a²."""

    old_tier: Tier
    tier: Tier
    start: int
    customers: int
    events: int
    agreements: int
    events_squared: float
    events_by_agreements: float
    agreements_squared: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both courses of the whole book side by side.

    `against`: the version in force. `old_top`, `top`: the highest tier of its ladder and of the challenger's. `matrix`:
    customers by tier of the champion, then of the challenger. `differences`: customers by points of the challenger less
    those of the champion. `spread`: the variance of the agreement of events, with customers as clusters.
    """

    against: int
    old_top: Tier
    top: Tier
    matrix: Mapping[Tier, Mapping[Tier, int]]
    differences: Mapping[str, int]
    events: int
    agreements: int
    spread: float

    @classmethod
    def of(cls, cells: Iterable[Cell], *, against: int, old_top: Tier, top: Tier) -> "Comparison":
        """Add up what was counted."""
        matrix: dict[Tier, dict[Tier, int]] = {}
        differences: dict[str, int] = {}
        counted = list(cells)
        for cell in counted:
            row = matrix.setdefault(cell.old_tier, {})
            row[cell.tier] = row.get(cell.tier, 0) + cell.customers
            start = str(cell.start)
            differences[start] = differences.get(start, 0) + cell.customers
        events, agreements = sum(one.events for one in counted), sum(one.agreements for one in counted)
        return cls(against, old_top, top, matrix, differences, events, agreements, spread(counted))

    @property
    def customers(self) -> int:
        """All of them."""
        return sum(count for row in self.matrix.values() for count in row.values())

    @property
    def agreement(self) -> Rate | None:
        """The share of customers who are in the same tier by both, with Wilson's 95 % interval; None of nobody."""
        agreeing = sum(row.get(tier, 0) for tier, row in self.matrix.items())
        return wilson(agreeing, self.customers) if self.customers else None

    @property
    def agreement_of_events(self) -> Rate | None:
        """The share of events after which both had the same tier; None before the first.

        The events of a customer are no independent witnesses: the interval is Wilson's of as many independent ones as
        would spread alike. Where nothing spreads, each customer is one.
        """
        if not self.events:
            return None
        share = self.agreements / self.events
        independent = share * (1 - share) / self.spread if self.spread > 0 else inf
        # At 0 and 1 the clusters say nothing of the spread.
        size = min(independent, self.events) if 0 < share < 1 else min(self.customers, self.events)
        return wilson(share * size, size)

    @property
    def swapped_in(self) -> int:
        """Customers who would be in the top tier and are not."""
        return sum(row.get(self.top, 0) for tier, row in self.matrix.items() if tier != self.old_top)

    @property
    def swapped_out(self) -> int:
        """Customers who are in the top tier and would not be."""
        row = self.matrix.get(self.old_top, {})
        return sum(count for tier, count in row.items() if tier != self.top)


def spread(cells: Iterable[Cell]) -> float:
    """The variance of r = sum of a / sum of n over clusters, linearised: sum of (a - r n)² / (sum of n)², times
    m / (m - 1) for m clusters (Cochran, Sampling Techniques, 3rd edition, 6.4); 0 of fewer than two.
    """
    counted = list(cells)
    clusters = sum(one.customers for one in counted)
    events = sum(one.events for one in counted)
    if clusters < 2 or not events:
        return 0.0
    share = sum(one.agreements for one in counted) / events
    squares = sum(
        one.agreements_squared - 2 * share * one.events_by_agreements + share * share * one.events_squared
        for one in counted
    )
    return max(squares, 0.0) / events**2 * clusters / (clusters - 1)
