"""How alike two alerts are: by how each indicator has left the customer's own range, and by the kind of customer.

Gower's coefficient: the weighted mean of one distance a part, over the parts that are known of both. Indicators are
compared in spreads from what is usual for that very customer, so who acts daily and who acts monthly are comparable.

Source: J. C. Gower, A general coefficient of similarity and some of its properties, Biometrics 27 (1971).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from typing import NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from churn_alert.risk.domain.indicators import FOUR

KINDS = ("stage", "tier", "segment")
PARTS = (*FOUR, *KINDS)


@dataclass(frozen=True, slots=True)
class LikenessRules:
    """`weights`: of each of PARTS. `most_deviations`: farther out counts as so far. `least_indicators`: with fewer of
    the four known of both, nothing is said. `latest_cases`: so many of the closed alerts are looked through.
    """

    version: int
    weights: Mapping[str, float]
    most_deviations: float
    least_indicators: int
    latest_cases: int


class Point(NamedTuple):
    """An alert as it is compared. `deviations`: of the FOUR in spreads, None where too little was known."""

    alert_id: UUID
    deviations: tuple[float | None, ...]
    kinds: tuple[str | None, ...]
    """Stage, tier and segment when it was opened."""


class Part(NamedTuple):
    """One part of the comparison: `asked` of the alert that is asked about, `found` of the case; `distance` 0 to 1."""

    name: str
    asked: float | str
    found: float | str
    distance: float
    weight: float


class Alike(NamedTuple):
    """A case, and how far it is from the alert that is asked about, 0 to 1."""

    alert_id: UUID
    distance: float
    parts: tuple[Part, ...]


def compared(asked: Point, found: Point, rules: LikenessRules) -> tuple[Part, ...]:
    """The parts that are known of both, in the order of PARTS."""
    parts = []
    most = rules.most_deviations
    for name, mine, theirs in zip(FOUR, asked.deviations, found.deviations, strict=True):
        if mine is not None and theirs is not None:
            apart = abs(min(max(mine, -most), most) - min(max(theirs, -most), most)) / (2.0 * most)
            parts.append(Part(name, mine, theirs, apart, rules.weights[name]))
    for name, kind, other in zip(KINDS, asked.kinds, found.kinds, strict=True):
        if kind is not None and other is not None:
            parts.append(Part(name, kind, other, float(kind != other), rules.weights[name]))
    return tuple(parts)


def most_alike(asked: Point, cases: Iterable[Point], rules: LikenessRules, *, most: int) -> list[Alike]:
    """The nearest first, of equally near ones the lower id; the alert itself is none of them."""
    those = [one for one in cases if one.alert_id != asked.alert_id]
    if not those:
        return []
    apart = _distances(asked, those, rules)
    farthest = np.partition(apart, min(most, len(those)) - 1)[min(most, len(those)) - 1]
    near = np.flatnonzero((apart <= farthest) & np.isfinite(apart))
    nearest = nsmallest(most, ((float(apart[place]), those[place].alert_id, int(place)) for place in near))
    return [Alike(alert_id, away, compared(asked, those[place], rules)) for away, alert_id, place in nearest]


def _distances(asked: Point, cases: Sequence[Point], rules: LikenessRules) -> NDArray[np.float64]:
    """Of each case how far it is, 0 to 1; infinite where too little is known of both. Part by part over all cases."""
    most = rules.most_deviations
    deviations = np.array([one.deviations for one in cases], dtype=np.float64)
    total, weight, indicators = np.zeros(len(cases)), np.zeros(len(cases)), np.zeros(len(cases))
    for name, mine, theirs in zip(FOUR, asked.deviations, deviations.T, strict=True):
        if mine is not None:
            known = ~np.isnan(theirs)
            apart = np.abs(min(max(mine, -most), most) - np.clip(theirs, -most, most)) / (2.0 * most)
            total += np.where(known, apart * rules.weights[name], 0.0)
            weight += np.where(known, rules.weights[name], 0.0)
            indicators += known
    for place, (name, kind) in enumerate(zip(KINDS, asked.kinds, strict=True)):
        if kind is not None:
            known = np.array([one.kinds[place] is not None for one in cases])
            total += np.where(known & np.array([one.kinds[place] != kind for one in cases]), rules.weights[name], 0.0)
            weight += np.where(known, rules.weights[name], 0.0)
    is_enough = (weight > 0.0) & (indicators >= rules.least_indicators)
    far = np.full(len(cases), np.inf)
    far[is_enough] = total[is_enough] / weight[is_enough]
    return far
