"""One version of a scorecard, and which of several versions is in force when.

A version never changes once it has decided anything; a change is the next version, in force from its own date.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from rapport.errors import DomainError
from scoring.comparing import Compared
from scoring.scorecard.domain.features import Feature, Values
from scoring.scorecard.domain.ladder import Thresholds, Tier
from scoring.version.domain.faults import Fault


class ScorecardInvalid(DomainError):
    """Features, thresholds or versions make no scorecard; the text says which rules they break, and where."""


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
    asks_for_lifetime_value: bool = field(init=False)
    """As a feature or in the ladder. Reckoning it costs fourteen times what a decision does without it."""
    _table: tuple[tuple[int, tuple[float, ...], tuple[int, ...], int], ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Raises ScorecardInvalid, which names every rule that is broken."""
        faults = faults_of(dict(enumerate(self.features)), self.thresholds)
        if self.version < 1:
            faults.append(Fault(("version",), "counts from 1"))
        if self.effective_from.tzinfo is None:
            faults.append(Fault(("effective_from",), "has no zone"))
        if faults:
            raise ScorecardInvalid(f"scorecard {self.name} {self.version}: " + "; ".join(map(str, faults)))
        table = tuple((Values._fields.index(f.name), f.edges, f.points, f.points_if_unknown) for f in self.features)
        object.__setattr__(self, "_table", table)
        object.__setattr__(self, "turns_with_the_month", any(f.name == "monthly_assets" for f in self.features))
        by_feature = any(f.is_expectation for f in self.features)
        object.__setattr__(self, "asks_for_lifetime_value", by_feature or self.thresholds.looks_at_value)

    def points_of(self, values: Values) -> int:
        """All points of a customer; the inner loop of every decision."""
        points = 0
        for index, edges, bins, if_unknown in self._table:
            value = values[index]
            points += if_unknown if value is None else bins[bisect_right(edges, value)]
        return points


def faults_of(features: Mapping[int, Feature], thresholds: Thresholds | None, *, is_whole: bool = True) -> list[Fault]:
    """Every rule that these features, by their places, and these thresholds break, each alone and together.

    `is_whole`: these are all features; else nobody can say how many points there are to reach.
    """
    found = [fault.within("features", place) for place, one in features.items() for fault in one.faults()]
    if is_whole and not features:
        found.append(Fault(("features",), "are none"))
    names = [one.name for one in features.values()]
    for nth, place in enumerate(features):
        if names[nth] in names[:nth]:
            found.append(Fault(("features", place, "name"), "is a feature that counts already"))
    if thresholds is not None:
        of_ladder = thresholds.faults()
        points = [one.points for one in features.values()]
        if is_whole and all(points):
            of_ladder += thresholds.out_of_reach(sum(map(min, points)), sum(map(max, points)))
        found += [fault.within("thresholds") for fault in of_ladder]
    return found


class Scorecards(Compared):
    """The versions of one bank's scorecard; each is in force until the next one is.

    One object for everybody who decides in a process: a version that is approved meanwhile is taken up in it.
    """

    def __init__(self, cards: Sequence[Scorecard]) -> None:
        """Raises ScorecardInvalid, as `take` does."""
        self.take(cards)

    def take(self, cards: Sequence[Scorecard]) -> None:
        """Decide by these from here on; all at once, or not at all.

        Raises ScorecardInvalid unless versions and dates rise together and all are of one series and currency.
        """
        taken = tuple(sorted(cards, key=lambda card: card.version))
        starts = [card.effective_from for card in taken]
        if not taken or len({(card.name, card.currency) for card in taken}) != 1:
            raise ScorecardInvalid("scorecards of one bank have one name and one currency, and there is at least one")
        if starts != sorted(set(starts)) or len({card.version for card in taken}) != len(taken):
            raise ScorecardInvalid("a later version is in force from a later date")
        self.cards, self._starts = taken, starts

    def at(self, moment: datetime) -> Scorecard:
        """The version in force; the first one also before its date."""
        return self.cards[max(bisect_right(self._starts, moment) - 1, 0)]

    def tiers(self) -> list[Tier]:
        """Every name a tier has in some version, in order of the alphabet."""
        return sorted({tier for card in self.cards for tier in card.thresholds.tiers})

    def next_change(self, moment: datetime) -> datetime | None:
        """When the next version comes into force."""
        following = bisect_right(self._starts, moment)
        return self._starts[following] if following < len(self._starts) else None
