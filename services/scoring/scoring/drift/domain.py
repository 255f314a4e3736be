"""How far a book has moved: the population stability index of two counts, its noise, and when that says anything."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import log
from typing import Literal, NamedTuple

from scoring.scorecard.domain import Scorecard, Tier, Values
from scoring.standing.domain.evidence import evidence_of

LEAST_CUSTOMERS = 1000
"""In each of two snapshots: of ten bins the noise then passes .05 once in 300 times and never came to .1."""
WATCH, MOVED = 0.1, 0.25
"""The credit industry's rule of thumb for the index."""
UNKNOWN = "unknown"
_TENTHS = 10
_HALF = 0.5

Verdict = Literal["nothing", "watch", "moved", "too few to say"]
Kind = Literal["input", "points", "tiers"]
_GRAVITY: tuple[Verdict, ...] = ("nothing", "watch", "moved")


@dataclass(slots=True)
class Snapshot:
    """How many customers lie in each bin of each feature, have so many points, and are in each tier.

    By the version in force at `due_at`, the moment it is for; counted as far as `counted_up_to`, a customer's id.
    """

    version: int
    due_at: datetime
    customers: int = 0
    counted_up_to: str = ""
    finished_at: datetime | None = None
    features: dict[str, dict[str, int]] = field(default_factory=dict)
    points: dict[str, int] = field(default_factory=dict)
    tiers: dict[Tier, int] = field(default_factory=dict)

    def count(self, tier: Tier | None, values: Values, card: Scorecard) -> None:
        """One customer more, who is in `tier`."""
        points = 0
        for item in evidence_of(card, values):
            points += item.points
            _add(self.features.setdefault(item.feature.name, {}), UNKNOWN if item.bin is None else str(item.bin))
        _add(self.points, str(points))
        _add(self.tiers, tier or UNKNOWN)
        self.customers += 1


class Measure(NamedTuple):
    """One distribution against the reference. `noise`: what the index would be on average if nothing had moved."""

    kind: Kind
    name: str
    bins: int
    psi: float
    noise: float
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Drift:
    """A snapshot against the reference of its version; none where no snapshot of it was large enough so far."""

    snapshot: Snapshot
    reference: Snapshot | None

    @property
    def is_reference(self) -> bool:
        """Is it what later ones are held against?"""
        return self.reference is not None and self.reference.due_at == self.snapshot.due_at

    def measures(self) -> list[Measure]:
        """Every input, the points and the tiers; none for the reference itself, and where there is none."""
        if self.reference is None or self.is_reference:
            return []
        first, now = self.reference, self.snapshot
        edges = tenths(first.points)
        found = [
            measure("input", name, counts, now.features.get(name, {}))
            for name, counts in sorted(first.features.items())
        ]
        found.append(measure("points", "points", in_tenths(first.points, edges), in_tenths(now.points, edges)))
        found.append(measure("tiers", "tiers", first.tiers, now.tiers))
        return found

    @property
    def verdict(self) -> Verdict:
        """The gravest of all; of the reference nothing."""
        if self.is_reference:
            return "nothing"
        said = [one.verdict for one in self.measures()]
        return max(said, key=_GRAVITY.index) if said and set(said) <= set(_GRAVITY) else "too few to say"


def measure(kind: Kind, name: str, before: Mapping[str, int], now: Mapping[str, int]) -> Measure:
    """Two counts of customers by bin, over the bins that anybody is in."""
    bins = sorted({place for counts in (before, now) for place, count in counts.items() if count})
    first, second = ([counts.get(place, 0) for place in bins] for counts in (before, now))
    sizes = sum(first), sum(second)
    index = psi(first, second)
    return Measure(kind, name, len(bins), index, noise(len(bins), *sizes), verdict_of(index, min(sizes)))


def psi(before: Sequence[int], now: Sequence[int]) -> float:
    """The population stability index, sum of (q - p) ln(q / p): at least 0, and 0 only where the shares are the same.

    Half a customer is added to every bin, so that an empty one is rare and not impossible.
    """
    return sum([(q - p) * log(q / p) for p, q in zip(_shares(before), _shares(now), strict=True)])


def _shares(counts: Sequence[int]) -> list[float]:
    whole = sum(counts) + _HALF * len(counts)
    return [(count + _HALF) / whole for count in counts]


def noise(bins: int, before: int, now: int) -> float:
    """The index of two random samples of one population: (B - 1)/n for each of them.

    The index is then nearly a chi-square with B - 1 degrees of freedom, times (1/n + 1/m).
    """
    return max(bins - 1, 0) * (1.0 / max(before, 1) + 1.0 / max(now, 1))


def verdict_of(index: float, customers: int) -> Verdict:
    """By the rule of .1 and .25, which says nothing of fewer than LEAST_CUSTOMERS."""
    if customers < LEAST_CUSTOMERS:
        return "too few to say"
    return _GRAVITY[(index >= WATCH) + (index >= MOVED)]


def tenths(points: Mapping[str, int]) -> list[int]:
    """Where bins of about a tenth of these customers begin.

    A value that a tenth or more have is a bin alone: else nobody would see them all rise or fall from it.
    """
    whole, before, edges = sum(points.values()), 0, set()
    counts = sorted((int(text), count) for text, count in points.items() if count)
    for value, count in counts:
        if count * _TENTHS >= whole:
            edges |= {value, value + 1}
        elif (before + count) * _TENTHS // whole > before * _TENTHS // whole and value != counts[-1][0]:
            edges.add(value + 1)
        before += count
    return sorted(edges)


def in_tenths(points: Mapping[str, int], edges: Sequence[int]) -> dict[str, int]:
    """Customers between these edges."""
    counts: dict[str, int] = {}
    for text, count in points.items():
        _add(counts, str(bisect_right(edges, int(text))), count)
    return counts


def _add(counts: dict[str, int], place: str, count: int = 1) -> None:
    counts[place] = counts.get(place, 0) + count
