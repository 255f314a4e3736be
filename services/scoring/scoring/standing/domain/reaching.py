"""How far the next tier is, and the smallest change that would reach it: what a customer or an adviser can do about it.

A change is of features, each into a better bin. Smallest is what touches the fewest features, of these what leaves
turnover alone, of these what passes the fewest bins, of these what earns no more points than it must.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from scoring.scorecard.domain import Feature, Scorecard, Tier, Values
from scoring.standing.domain.evidence import Evidence

_FLEETING = "turnover"
"""Money that comes in and goes out again earns it: what stays is named where it does as well."""


class Change(NamedTuple):
    """One feature into another bin: `at_least` so much, or `below` so much where less is better; one of the two."""

    feature: Feature
    value: float | None
    at_least: float | None
    below: float | None
    points: int
    """What it gains."""

    def applied_to(self, values: Values, least: float) -> Values:
        """The values with this change; `least`: by how much to stay below what must not be reached."""
        reached = self.at_least if self.at_least is not None else (self.below or 0.0) - least
        return values._replace(**{self.feature.name: reached})


class WayUp(NamedTuple):
    """The next tier, how many points are missing, and the change; no change where no bins earn enough.

    `value`: the lifetime value, in minor units, that reaches it too; None where none does.
    """

    tier: Tier
    missing: int
    changes: tuple[Change, ...]
    value: float | None = None


def way_up(card: Scorecard, evidence: Sequence[Evidence], tier: Tier, value: float | None = None) -> WayUp | None:
    """From this tier to the one above it, by the threshold plus its band; None from the top and from another ladder.

    Nothing is missing where the customer's lifetime `value` reaches it.
    """
    limits = card.thresholds
    if tier not in limits.tiers[:-1]:
        return None
    place = limits.tiers.index(tier)
    points = sum(item.points for item in evidence)
    above = limits.tiers[place + 1]
    is_reached = limits.reached(points, value, side=1) > place
    missing = 0 if is_reached else limits.starts[place] + limits.band - points
    return WayUp(above, missing, _smallest(evidence, missing), limits.value_of(above, 1))


class _Plan(NamedTuple):
    """Ordered as plans are preferred."""

    features: int
    fleeting: int
    bins: int
    points: int
    changes: tuple[Change, ...]


def _smallest(evidence: Sequence[Evidence], missing: int) -> tuple[Change, ...]:
    """The best plan for each number of points that can be gained up to `missing`, feature by feature; how many features
    it takes is known before, from the largest gains."""
    offers = [(int(item.feature.name == _FLEETING), options) for item in evidence if (options := list(_options(item)))]
    gains = sorted((options[-1][1].points for _, options in offers), reverse=True)
    most = list(accumulate(gains, initial=0))
    if most[-1] < missing:
        return ()
    fewest = bisect_left(most, missing)
    plans = {0: _Plan(0, 0, 0, 0, ())}
    for fleeting, options in offers:
        for plan in [plan for plan in plans.values() if plan.features < fewest]:
            for bins, change in options:
                changes, gained = (*plan.changes, change), plan.points + change.points
                longer = _Plan(plan.features + 1, plan.fleeting + fleeting, plan.bins + bins, gained, changes)
                key = min(gained, missing)
                if key not in plans or longer[:-1] < plans[key][:-1]:
                    plans[key] = longer
    return plans[missing].changes


def _options(item: Evidence) -> Iterator[tuple[int, Change]]:
    """Every better bin of a feature, and how many bins away it is; the nearest of several with the same points."""
    if item.feature.is_expectation:
        return
    edges, points = item.feature.edges, item.feature.points
    is_rising = points[-1] >= points[0]
    better = range(len(points)) if is_rising else range(len(points) - 1, -1, -1)
    best = item.points
    for place in better:
        if points[place] > best:
            best = points[place]
            at_least, below = (edges[place - 1], None) if is_rising else (None, edges[place])
            away = 1 if item.bin is None else abs(place - item.bin)
            yield away, Change(item.feature, item.value, at_least, below, best - item.points)
