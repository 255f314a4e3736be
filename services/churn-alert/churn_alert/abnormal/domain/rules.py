"""The rules as a document says them: thresholds by the days they hold for, patterns, and how far out of range is much.

Sums are whole minor units. No rule is part of the code.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from typing import Literal

from churn_alert.abnormal.domain.words import Direction, Flow
from rapport.succession import Succeeded

Party = Literal["any", "natural", "other"]


@dataclass(frozen=True, slots=True)
class LargeRule:
    """Money of these flows in one direction within a day, from a threshold on.

    `home`: in the bank's own currency, counted by itself; `foreign`: of all others together, in the document's
    foreign currency. None: no threshold of that kind.
    """

    code: str
    flows: tuple[Flow, ...]
    party: Party
    home: int | None
    foreign: int

    def is_for(self, *, is_natural: bool) -> bool:
        """Whether it holds for such a customer."""
        return self.party == "any" or (self.party == "natural") is is_natural


@dataclass(frozen=True, slots=True)
class Edition:
    """The thresholds in force from a day on, before another; days are ordinals."""

    begins: int
    ends: int
    large: tuple[LargeRule, ...]


@dataclass(frozen=True, slots=True)
class Structuring:
    """Sums that stay just under the threshold of a rule: from this share of it on, on so many of so many days."""

    code: str
    below: str
    share: float
    times: int
    days: int


@dataclass(frozen=True, slots=True)
class PassingThrough:
    """Within a day at least so much comes in, and this share of it leaves again."""

    code: str
    flows: tuple[Flow, ...]
    least: int
    share: float


@dataclass(frozen=True, slots=True)
class ManyPostings:
    """So many postings in one direction within so many days, of so much together."""

    code: str
    flows: tuple[Flow, ...]
    direction: Direction
    count: int
    days: int
    least: int


Pattern = Structuring | PassingThrough | ManyPostings


@dataclass(frozen=True, slots=True)
class Measured:
    """What of a day is looked at from `least` on, and how many deviations above the usual are much."""

    least: int
    deviations: float


@dataclass(frozen=True, slots=True)
class Unusual:
    """When a day leaves the customer's own range. `least` of frequency and night are counts, of all else sums."""

    history_days: int
    active_days: int
    frequency: Measured
    amount: Measured
    night: Measured
    night_active_days: int
    """So few will do: everybody is taken to have had some postings by night."""
    new_counterparty: int
    """A class of counterparty seen for the first time, from this sum on."""
    new_active_days: int
    """Of what is new there is no spread, so fewer days tell."""
    dormant_days: int
    waking: int
    """After so many days without own activity, from this sum on."""


@dataclass(frozen=True, slots=True)
class Codes:
    """What marks a flow: of kinds and classes of counterparties; the first that names a posting decides.

    What no code names is domestic. `exempt`: what moves between the customer and the bank, counted by no rule.
    """

    exempt_kinds: frozenset[str]
    exempt_counterparties: frozenset[str]
    kinds: Mapping[str, Flow]
    counterparties: Mapping[str, Flow]

    def flow_of(self, kind: str, counterparty: str | None) -> Flow | None:
        """Which flow a posting is; None for one that is exempt."""
        if kind in self.exempt_kinds or counterparty in self.exempt_counterparties:
            return None
        return self.kinds.get(kind) or self.counterparties.get(counterparty or "") or "domestic"


@dataclass(frozen=True, slots=True, eq=False)
class Rules(Succeeded):
    """All of a document, beside the bank's own calendar.

    `refer_within`: working days. `growth`: a lead is told again once its figures are so many times, or less than that
    part of, what was told last.
    """

    version: int
    home: str
    """The bank's own currency."""
    foreign: str
    codes: Codes
    natural: frozenset[str]
    night: tuple[int, int]
    """Hours of the bank's day: from, and before."""
    editions: tuple[Edition, ...]
    patterns: tuple[Pattern, ...]
    unusual: Unusual
    refer_within: int
    growth: float
    zone: tzinfo

    # Each version is itself alone, so that what is reckoned of one can be kept: of its parts none can be a key.
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def on(self, day: int) -> "Rules":
        """The version in force on that day: what is of it is found by these rules, whenever it is heard."""
        return self.at(datetime.combine(date.fromordinal(day), time(), self.zone)) if self.later else self

    def large_on(self, day: int) -> tuple[LargeRule, ...]:
        """The thresholds in force on that day; none before the first edition, nor after one that was not followed."""
        for one in reversed(self.editions):
            if one.begins <= day < one.ends:
                return one.large
        return ()
