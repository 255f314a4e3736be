"""Rates by group with what chance makes of them, and the four-fifths rule; what is not known is said, not made up."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, NamedTuple

from rapport.behaviour.rates import Rate, wilson
from scoring.scorecard.domain import Tier

Attribute = Literal["age_band", "gender", "region"]
Verdict = Literal["met", "missed", "unclear", "not compared", "too few to say"]

LEAST = 100
"""Customers, or falls: a rate of fewer is uncertain by more than ten points either way, and could point at somebody."""
FOUR_FIFTHS = 0.8
"""Of the best-off group's rate: below it selection counts as uneven (US Uniform Guidelines, 29 CFR 1607.4 D)."""
BACK_WITHIN = timedelta(days=90)
LOOKING_BACK = timedelta(days=365)
"""Falls are judged that happened within a year and are over by BACK_WITHIN."""
UNKNOWN = "unknown"

NOT_KNOWN = (
    "Whether a tier was deserved: no outcome is known here, so no rate of error among the deserving is told.",
    "How fast a customer was answered, and what a branch did: the tier is told, the rest lies in feedback's cases.",
    "Alerts of churn that were false: churn-alert knows its alerts and how they ended.",
    "Who belongs to two groups at once: each attribute is told alone.",
    "Why groups differ: a rate compares groups as they are, whatever their customers hold or do.",
)


class Tiers(NamedTuple):
    """So many customers of one combination of groups are in a tier."""

    age_band: str
    gender: str
    region: str
    tier: Tier
    customers: int


class Falls(NamedTuple):
    """How often customers of one combination of groups were moved down, and how often wrongly."""

    age_band: str
    gender: str
    region: str
    falls: int
    false_falls: int


@dataclass(frozen=True, slots=True)
class Group:
    """What was counted of one group.

    `tiers`: its customers by tier. `falls`: how often one of them was moved down in the year before the last 90 days.
    `false_falls`: after how many of these the customer was back in the former tier, or higher, within 90 days.
    """

    attribute: Attribute
    name: str
    tiers: Mapping[Tier, int]
    falls: int
    false_falls: int

    @property
    def customers(self) -> int:
        """All of them."""
        return sum(self.tiers.values())


@dataclass(frozen=True, slots=True)
class Finding:
    """What is said of one group. Rates, ratio and shares of tiers are None where there are too few customers or falls.

    `ratio`: the selection rate against that of the best-off group of the same attribute.
    """

    group: Group
    selection: Rate | None
    shares: Mapping[Tier, float] | None
    ratio: float | None
    verdict: Verdict
    false_alarms: Rate | None


def groups_of(tiers: Iterable[Tiers], falls: Iterable[Falls]) -> list[Group]:
    """Each attribute by itself: every combination counts in three groups."""
    by_tier: dict[tuple[Attribute, str], Counter[Tier]] = defaultdict(Counter)
    fallen: Counter[tuple[Attribute, str]] = Counter()
    wrongly: Counter[tuple[Attribute, str]] = Counter()
    for cell in tiers:
        for place in _places(cell):
            by_tier[place][cell.tier] += cell.customers
    for one in falls:
        for place in _places(one):
            fallen[place] += one.falls
            wrongly[place] += one.false_falls
    return [Group(*place, counts, fallen[place], wrongly[place]) for place, counts in sorted(by_tier.items())]


def _places(cell: Tiers | Falls) -> tuple[tuple[Attribute, str], ...]:
    return ("age_band", cell.age_band), ("gender", cell.gender), ("region", cell.region)


def findings(groups: Iterable[Group], top: Tier) -> list[Finding]:
    """Each group against the best-off one of its attribute; `top`: the highest tier of the ladder."""
    found: list[Finding] = []
    by_attribute: dict[Attribute, list[Group]] = {}
    for group in groups:
        by_attribute.setdefault(group.attribute, []).append(group)
    for attribute in sorted(by_attribute):
        those = sorted(by_attribute[attribute], key=lambda group: group.name)
        rates = [_rate(group.tiers.get(top, 0), group.customers) for group in those]
        best = _best(those, rates)
        found += [_finding(group, rate, best) for group, rate in zip(those, rates, strict=True)]
    return found


def _best(groups: Sequence[Group], rates: Sequence[Rate | None]) -> Rate | None:
    compared = [rate for group, rate in zip(groups, rates, strict=True) if rate and group.name != UNKNOWN]
    return max(compared, default=None)


def _finding(group: Group, selection: Rate | None, best: Rate | None) -> Finding:
    verdict: Verdict
    ratio, shares = None, None
    if selection is None:
        verdict = "too few to say"
    else:
        shares = {tier: count / group.customers for tier, count in group.tiers.items()}
        verdict = "not compared"
        if group.name != UNKNOWN and best is not None and best.value > 0:
            ratio = selection.value / best.value
            verdict = _verdict(selection, best)
    return Finding(group, selection, shares, ratio, verdict, _rate(group.false_falls, group.falls))


def _verdict(selection: Rate, best: Rate) -> Verdict:
    if selection.value >= FOUR_FIFTHS * best.value:
        return "met"
    # Below four fifths, and perhaps by chance: the intervals of the two overlap.
    return "unclear" if selection.high >= best.low else "missed"


def _rate(hits: int, of: int) -> Rate | None:
    return wilson(hits, of) if of >= LEAST else None
