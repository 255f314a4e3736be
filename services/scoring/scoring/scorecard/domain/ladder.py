"""The ladder of tiers: named steps, each from so many points on, with a band around each threshold and a dwell."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import NamedTuple

from scoring.version.domain.faults import Fault

Tier = str
"""The name of a step; which there are is the scorecard's to say."""

STEPS = (2, 8)
_LONGEST = timedelta(days=366)


class Place(NamedTuple):
    """Where a tier lies in its ladder: `rank` 1 is the top, `ladder` is how many steps there are."""

    rank: int
    ladder: int


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Up at a threshold plus `band`, down below it minus `band` for as long as `dwell`.

    `tiers`: the lowest first. `starts`: from how many points each but the lowest is reached.
    """

    tiers: tuple[Tier, ...]
    starts: tuple[int, ...]
    band: int
    dwell: timedelta
    review: timedelta
    """A customer is decided again at the latest so long after the last time, whether or not anything happened."""

    def reached(self, points: int, band: int = 0) -> int:
        """The highest step whose threshold plus `band` these points reach, counted from the lowest, 0."""
        return bisect_right(self.starts, points - band)

    def place_of(self, tier: Tier) -> Place | None:
        """None for a tier of another ladder."""
        if tier not in self.tiers:
            return None
        return Place(len(self.tiers) - self.tiers.index(tier), len(self.tiers))

    def faults(self) -> list[Fault]:
        """Every rule these thresholds break by themselves."""
        found = self._faults_of_tiers()
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
