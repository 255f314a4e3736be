"""Playbooks: for whom, on which occasion, what is done in which order. The first that fits is taken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal

from churn_alert.playbook.domain.lot import HoldOut, Lot
from churn_alert.risk.domain.indicators import FOUR

Node = Literal[
    "churn-warning", "account-opening", "product-pitch", "service-upgrade", "product-matured", "new-product",
    "regular-contact", "anniversary", "first-salary", "account-woken", "customer-lost",
]  # fmt: skip
"""Where a playbook begins: an alert, a node of the bank's service, or an event in the customer's life."""
Kind = Literal["care", "product-advice", "service-repair", "complaint", "fraud-protection"]
NEVER_HELD_OUT: frozenset[Kind] = frozenset({"service-repair", "complaint", "fraud-protection"})
"""What a customer is owed: nobody is left without it by lot."""
Role = Literal["rm", "team_lead"]
When = Literal["always", "unreached"]
Source = Literal["product", "day"]
"""What a place of a message is filled with: the product that the occasion is about, or its day."""
INDICATORS = frozenset({*FOUR, "outflow-month"})
"""What a warning can be dealt with by: the four of the manual, and money that leaves. Each is out of range on its bad
side alone."""
Measure = Literal["kept", "active", "uses-product", "won-back"]
"""What is asked of a customer once the window of an experiment is over: is not gone; does something of their own in its
last days; has used the product; has left the stage of the lost."""
_KEPT: tuple[Node, ...] = ("churn-warning", "regular-contact", "anniversary", "first-salary", "account-woken")
_ACTIVE: tuple[Node, ...] = ("account-opening", "service-upgrade", "product-matured")
MEASURES: Mapping[str, Measure] = {
    **dict.fromkeys(_KEPT, "kept"),
    **dict.fromkeys(_ACTIVE, "active"),
    "new-product": "uses-product",
    "customer-lost": "won-back",
}
"""Where somebody can be held out. Not of a pitch: who notes one sees at once whether a task follows, and so the arm."""
OF_A_PRODUCT: frozenset[Node] = frozenset({"product-pitch", "product-matured", "new-product"})


@dataclass(frozen=True, slots=True)
class Template:
    """A message that customer-profile has words for. `places`: what it asks for, each filled from the occasion."""

    code: str
    version: int
    purpose: str
    channels: frozenset[str]
    places: Mapping[str, Source]


@dataclass(frozen=True, slots=True)
class Task:
    """Something that a person does, within `due` of its beginning. `when`: see `Contact`."""

    action: str
    role: Role
    due: timedelta
    when: When = "always"


@dataclass(frozen=True, slots=True)
class Contact:
    """A message, asked for at customer-profile. `channels`: in order of preference; over at `expires` after it began.

    `when`: `unreached` is left out if a step before it reached the customer.
    """

    action: str
    template: str
    kind: Literal["marketing", "service", "obligation"]
    channels: tuple[str, ...]
    expires: timedelta
    when: When = "always"


Step = Task | Contact


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a task can end. `reached`: the customer was spoken with."""

    code: str
    zh: str
    en: str
    reached: bool


@dataclass(frozen=True, slots=True)
class Situation:
    """A customer at a moment. `apart`: indicators out of the own normal range; `refused`: purposes, on any file."""

    node: Node
    tier: str | None = None
    stage: str | None = None
    apart: frozenset[str] = frozenset()
    segment: str | None = None
    refused: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Playbook:
    """One of them. An empty condition asks nothing; of `indicators` one out of its range is enough. `purpose`: which
    consent it rests on. `hold_out`: none of what is never held out."""

    code: str
    zh: str
    en: str
    node: Node
    kind: Kind
    purpose: str
    steps: tuple[Step, ...]
    tiers: frozenset[str] = frozenset()
    stages: frozenset[str] = frozenset()
    indicators: frozenset[str] = frozenset()
    segments: frozenset[str] = frozenset()
    hold_out: HoldOut | None = None
    every: timedelta | None = None

    def fits(self, situation: Situation) -> bool:
        """Whether it is for this customer on this occasion: never, if it rests on what the customer refuses."""
        return (
            self.node == situation.node
            and self.purpose not in situation.refused
            and (not self.tiers or situation.tier in self.tiers)
            and (not self.stages or situation.stage in self.stages)
            and (not self.segments or situation.segment in self.segments)
            and (not self.indicators or not self.indicators.isdisjoint(situation.apart))
        )

    @property
    def is_for_all(self) -> bool:
        """Asks nothing of the customer."""
        return not (self.tiers or self.stages or self.segments or self.indicators)


@dataclass(frozen=True, slots=True)
class Playbooks:
    """One version of all of them, in force from `effective_from` until the next one is."""

    version: int
    effective_from: datetime
    playbooks: tuple[Playbook, ...]
    templates: Mapping[str, Template]
    outcomes: Mapping[str, Outcome]
    goes_on: frozenset[str] = frozenset()
    """Experiments that go on although this version treats otherwise than the one before."""

    def first_fitting(self, situation: Situation) -> Playbook | None:
        """The playbook of this customer on this occasion; None where none is for it."""
        return next((one for one in self.playbooks if one.fits(situation)), None)


@dataclass(frozen=True, slots=True)
class Shelf:
    """All versions, the earliest first. `lot`: by which arms are drawn; `zone`: of the bank's calendar."""

    versions: Sequence[Playbooks]
    lot: Lot
    zone: tzinfo = UTC

    def at(self, moment: datetime) -> Playbooks | None:
        """The version in force then; None before the first."""
        return next((one for one in reversed(self.versions) if one.effective_from <= moment), None)

    def of(self, version: int) -> Playbooks | None:
        """The version of this number; None where it is no longer written."""
        return next((one for one in self.versions if one.version == version), None)

    @property
    def latest(self) -> Playbooks:
        """The last that is written, in force or not."""
        return self.versions[-1]
