"""How alike two alerts are: by how each indicator has left the customer's own range, and by the kind of customer.

Gower's coefficient: the weighted mean of one distance a part, over the parts that are known of both. Indicators are
compared in spreads from what is usual for that very customer, so who acts daily and who acts monthly are comparable.

Source: J. C. Gower, A general coefficient of similarity and some of its properties, Biometrics 27 (1971).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from heapq import nsmallest
from typing import NamedTuple
from uuid import UUID

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
    found = (_alike(asked, one, rules) for one in cases if one.alert_id != asked.alert_id)
    return nsmallest(most, (one for one in found if one is not None), key=lambda one: (one.distance, one.alert_id))


def _alike(asked: Point, found: Point, rules: LikenessRules) -> Alike | None:
    parts = compared(asked, found, rules)
    weight = sum(one.weight for one in parts)
    if weight <= 0.0 or sum(one.name in FOUR for one in parts) < rules.least_indicators:
        return None
    return Alike(found.alert_id, sum(one.distance * one.weight for one in parts) / weight, parts)
