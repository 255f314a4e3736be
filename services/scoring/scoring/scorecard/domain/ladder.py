"""The ladder of tiers: named steps, each from so many points on, with a band around each threshold and a dwell.

A step may also be reached by what a customer is expected to bring, whatever the points are.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import accumulate, pairwise
from math import inf
from typing import Literal, NamedTuple

from scoring.version.domain.faults import Fault

Tier = str
"""The name of a step; which there are is the scorecard's to say."""

Side = Literal[-1, 0, 1]
SIDES: tuple[Side, ...] = (-1, 0, 1)

STEPS = (2, 8)
_LONGEST = timedelta(days=366)


class Place(NamedTuple):
    """Where a tier lies in its ladder: `rank` 1 is the top, `ladder` is how many steps there are."""

    rank: int
    ladder: int


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Up at a threshold plus `band`, down below it minus `band` for as long as `dwell`.

    `tiers`: the lowest first. `starts`: from how many points each but the lowest is reached. `values`: from which
    lifetime value, in minor units, whatever the points; None for points alone, nothing at all where it is so of every
    step. `value_band`: the band around these, as a share of them.
    """

    tiers: tuple[Tier, ...]
    starts: tuple[int, ...]
    band: int
    dwell: timedelta
    review: timedelta
    """A customer is decided again at the latest so long after the last time, whether or not anything happened."""
    values: tuple[float | None, ...] = ()
    value_band: float = 0.0
    _edges: dict[Side, tuple[float, ...]] = field(init=False, repr=False, compare=False)
    """By side, from which value each step but the lowest is reached, in whole minor units, as it is told."""

    def __post_init__(self) -> None:
        """Who is worth a step is worth every lower one: one without a value of its own is reached by a higher one's."""
        from_the_top = accumulate((inf if one is None else one for one in reversed(self.values)), min)
        plain = tuple(reversed(list(from_the_top)))
        edges = {side: tuple(_whole(one * (1.0 + side * self.value_band)) for one in plain) for side in SIDES}
        object.__setattr__(self, "_edges", edges)

    def reached(self, points: int, value: float | None = None, *, side: Side = 0) -> int:
        """The highest step reached, counted from the lowest, 0: by points or by a lifetime value, whichever is more.

        `side` 1: over the thresholds plus their bands; -1: over the thresholds minus them.
        """
        by_points = bisect_right(self.starts, points - side * self.band)
        if value is None or not self.values:
            return by_points
        return max(by_points, bisect_right(self._edges[side], value))

    def value_of(self, tier: Tier, side: Side) -> float | None:
        """The lifetime value at which a customer rises to this tier (1) or below which its band ends (-1), in minor
        units; None where no value does."""
        place = self.tiers.index(tier)
        if not (place and self.values) or self._edges[side][place - 1] == inf:
            return None
        return self._edges[side][place - 1]

    @property
    def looks_at_value(self) -> bool:
        """Is any step reached by a lifetime value?"""
        return any(one is not None for one in self.values)

    def place_of(self, tier: Tier) -> Place | None:
        """None for a tier of another ladder."""
        if tier not in self.tiers:
            return None
        return Place(len(self.tiers) - self.tiers.index(tier), len(self.tiers))

    def faults(self) -> list[Fault]:
        """Every rule these thresholds break by themselves."""
        found = self._faults_of_tiers() + self._faults_of_values()
        if self.band < 0:
            found.append(Fault(("band",), "is below zero"))
        elif any(one + self.band >= following - self.band for one, following in pairwise(self.starts)):
            found.append(Fault(("band",), "is so wide that the bands of two tiers overlap"))
        if not timedelta(0) <= self.dwell <= _LONGEST:
            found.append(Fault(("dwell_days",), f"is not 0 to {_LONGEST.days}"))
        if not timedelta(0) < self.review <= _LONGEST:
            found.append(Fault(("review_days",), f"is not 1 to {_LONGEST.days}"))
        return found

    def _faults_of_tiers(self) -> list[Fault]:
        found = []
        least, most = STEPS
        if not least <= len(self.tiers) <= most:
            found.append(Fault(("tiers",), f"are {len(self.tiers)} steps; a ladder has {least} to {most}"))
        for place, tier in enumerate(self.tiers):
            if tier in self.tiers[:place]:
                found.append(Fault(("tiers", place, "tier"), "is a name that a lower step has"))
        for place, (one, following) in enumerate(pairwise(self.starts), start=2):
            if one >= following:
                found.append(Fault(("tiers", place, "from"), "does not lie above the step before it"))
        return found

    def _faults_of_values(self) -> list[Fault]:
        found = []
        named = [(place, one) for place, one in enumerate(self.values, start=1) if one is not None]
        path = "lifetime_value_from"
        for place, one in named:
            if _whole(one * (1.0 - self.value_band)) <= 0.0:
                found.append(Fault(("tiers", place, path), "is not above zero, its band included"))
        for (_, one), (place, following) in pairwise(named):
            if _whole(one * (1.0 + self.value_band)) >= _whole(following * (1.0 - self.value_band)):
                found.append(Fault(("tiers", place, path), "does not lie above the step before it, bands included"))
        return found

    def out_of_reach(self, least: int, most: int) -> list[Fault]:
        """Steps that nobody could rise to, or fall from, where points reach from `least` to `most`."""
        found = []
        for place, start in enumerate(self.starts, start=1):
            if start + self.band > most:
                found.append(Fault(("tiers", place, "from"), f"is out of reach: nobody has more than {most} points"))
            if start - self.band <= least:
                found.append(
                    Fault(("tiers", place, "from"), f"cannot be fallen below: nobody has fewer than {least} points")
                )
        return found


def _whole(value: float) -> float:
    return value if value == inf else float(round(value))
