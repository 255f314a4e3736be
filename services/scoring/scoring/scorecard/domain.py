"""What a scorecard is and what makes it a good one: monotone bins, points, thresholds with a band, a dwell.

A version never changes once it has decided anything; a change is the next version, in force from its own date.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import isfinite
from typing import Literal

from rapport.errors import DomainError
from scoring.scorecard.values import Values

Tier = Literal["low", "middle", "high"]
Dimension = Literal["value", "behaviour", "potential", "risk"]
Unit = Literal["money", "times", "days", "products", "ratio", "share", "loan-class"]

DIMENSIONS: tuple[Dimension, ...] = ("value", "behaviour", "potential", "risk")


class ScorecardNotFound(DomainError):
    """There is no scorecard of that version."""


class ScorecardInvalid(Exception):
    """A document is not a scorecard; the text says which rule it breaks."""


class ScorecardAltered(Exception):
    """A version that was in force before now says something else."""


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

    def faults(self) -> list[str]:
        """Which rules this feature breaks."""
        found = []
        if self.name not in Values._fields:
            found.append("is not a known feature")
        if len(self.points) != len(self.edges) + 1:
            found.append("has not one bin more than edges")
        if not all(map(isfinite, self.edges)) or list(self.edges) != sorted(set(self.edges)):
            found.append("has edges that do not rise")
        if list(self.points) not in (sorted(self.points), sorted(self.points, reverse=True)):
            found.append("has points that are not monotone: no one could be told why")
        low, high = min(self.points, default=0), max(self.points, default=-1)
        if not (low <= self.typical_points <= high and low <= self.points_if_unknown <= high):
            found.append("has typical points, or points for the unknown, that nobody can have")
        return [f"{self.name} {fault}" for fault in found]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Points of the tiers: up at a threshold plus `band`, down below it minus `band` for as long as `dwell`."""

    middle: int
    high: int
    band: int
    dwell: timedelta
    review: timedelta
    """A customer is decided again at the latest so long after the last time, whether or not anything happened."""

    def faults(self, most: int) -> list[str]:
        """Which rules these thresholds break; `most`: the most points anyone can have."""
        found = []
        if self.band < 0 or self.middle + self.band >= self.high - self.band:
            found.append("the bands of the thresholds overlap")
        if self.middle - self.band <= 0 or self.high + self.band > most:
            found.append("a tier is out of everybody's reach, or nobody can fall out of one")
        if self.dwell < timedelta(0) or self.review <= timedelta(0):
            found.append("dwell or review is not a duration")
        return found


@dataclass(frozen=True, slots=True)
class Scorecard:
    """One version; amounts of money in its edges are in minor units of `currency`."""

    name: str
    version: int
    currency: str
    effective_from: datetime
    author: str
    reason: str
    features: tuple[Feature, ...]
    thresholds: Thresholds
    turns_with_the_month: bool = field(init=False)
    """Does a new month alone change what a customer earns?"""
    _table: tuple[tuple[int, tuple[float, ...], tuple[int, ...], int], ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Raises ScorecardInvalid, which names every rule that is broken."""
        faults = [fault for feature in self.features for fault in feature.faults()]
        names = [feature.name for feature in self.features]
        if not names or len(set(names)) != len(names):
            faults.append("a scorecard has features, each once")
        if self.version < 1 or self.effective_from.tzinfo is None:
            faults.append("version counts from 1, effective_from has a zone")
        faults += self.thresholds.faults(sum(max(feature.points) for feature in self.features if feature.points))
        if faults:
            raise ScorecardInvalid(f"scorecard {self.name} {self.version}: " + "; ".join(faults))
        table = tuple((Values._fields.index(f.name), f.edges, f.points, f.points_if_unknown) for f in self.features)
        object.__setattr__(self, "_table", table)
        object.__setattr__(self, "turns_with_the_month", "monthly_assets" in names)

    def points_of(self, values: Values) -> int:
        """All points of a customer; the inner loop of every decision."""
        points = 0
        for index, edges, bins, if_unknown in self._table:
            value = values[index]
            points += if_unknown if value is None else bins[bisect_right(edges, value)]
        return points


class Scorecards:
    """The versions of one bank's scorecard; each is in force until the next one is."""

    def __init__(self, cards: Sequence[Scorecard]) -> None:
        """Raises ScorecardInvalid unless versions and dates rise together and all are of one series and currency."""
        self.cards = tuple(sorted(cards, key=lambda card: card.version))
        self._starts = [card.effective_from for card in self.cards]
        if not self.cards or len({(card.name, card.currency) for card in self.cards}) != 1:
            raise ScorecardInvalid("scorecards of one bank have one name and one currency, and there is at least one")
        versions = {card.version for card in self.cards}
        if self._starts != sorted(set(self._starts)) or len(versions) != len(self.cards):
            raise ScorecardInvalid("a later version is in force from a later date")

    def at(self, moment: datetime) -> Scorecard:
        """The version in force; the first one also before its date."""
        return self.cards[max(bisect_right(self._starts, moment) - 1, 0)]

    def next_change(self, moment: datetime) -> datetime | None:
        """When the next version comes into force."""
        following = bisect_right(self._starts, moment)
        return self._starts[following] if following < len(self._starts) else None
