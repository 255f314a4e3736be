"""Playbooks as people write and review them: one JSON document with every version, checked as a whole at the start."""

from datetime import date, timedelta, tzinfo
from pathlib import Path
from typing import Annotated, Literal, Self, get_args

from pydantic import Field

from churn_alert.lifecycle.domain.life import Stage
from churn_alert.playbook.domain.faults import faults_of
from churn_alert.playbook.domain.lot import HoldOut, Lot
from churn_alert.playbook.domain.playbooks import (
    INDICATORS,
    Contact,
    Kind,
    Node,
    Outcome,
    Playbook,
    Playbooks,
    Role,
    Shelf,
    Source,
    Step,
    Task,
    Template,
    When,
)
from rapport.documents import Part, midnight, read_document
from rapport.errors import DomainError
from rapport.events.base import Code, Day
from rapport.events.contact import ContactChannel

PUBLISHED = Path(__file__).parent / "published" / "playbooks.json"
STAGES = frozenset(get_args(Stage))
_Words = Annotated[str, Field(min_length=1, max_length=200)]
_Place = Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,39}$")]


class HoldOutDocument(Part):
    """Who goes without, that it can be told whether the playbook helps."""

    experiment: Code = Field(description="Playbooks of one experiment have one lot: a person is in the same arm of all")
    share: float = Field(default=0.2, gt=0, le=0.5, description="Of all people, those held out")

    def hold_out(self) -> HoldOut:
        """As the rules take it."""
        return HoldOut(self.experiment, self.share)


class TaskDocument(Part):
    """Something a person does."""

    task: Code = Field(examples=["care-call"])
    role: Role = Field(description="Who does it: whoever manages the customer, or who leads the unit")
    due_days: int = Field(ge=1, le=365, description="From when it began; later it is overdue")
    when: When = Field(default="always", description="`unreached`: left out if a step before reached the customer")

    def step(self) -> Step:
        """As the rules take it."""
        return Task(self.task, self.role, timedelta(days=self.due_days), self.when)


class ContactDocument(Part):
    """A message that customer-profile is asked to send; whether it may is decided there."""

    contact: Code = Field(examples=["care-message"])
    template: Code
    kind: Literal["marketing", "service", "obligation"] = Field(description="The purpose's is taken if it is stricter")
    channels: tuple[ContactChannel, ...] = Field(min_length=1, max_length=4, description="In order of preference")
    expires_days: int = Field(ge=1, le=90)
    when: When = "always"

    def step(self) -> Step:
        """As the rules take it."""
        expires = timedelta(days=self.expires_days)
        return Contact(self.contact, self.template, self.kind, self.channels, expires, self.when)


class EveryDocument(Part):
    """How often a customer is to be contacted, counted from the last contact of any kind."""

    days: int = Field(ge=7, le=3660)


class PlaybookDocument(Part):
    """One playbook. An empty condition asks nothing; of `indicators` one out of its normal range is enough."""

    playbook: Code
    zh: _Words
    en: _Words
    node: Node
    kind: Kind
    purpose: Code = Field(default="churn-care", description="The consent it rests on: who refuses it is left alone")
    tiers: tuple[Code, ...] = ()
    stages: tuple[str, ...] = ()
    segments: tuple[Code, ...] | None = Field(
        default=None,
        min_length=1,
        max_length=20,
        description="Kinds of customers, as scoring's model of segments names them; left out, it asks nothing",
    )
    indicators: tuple[str, ...] = ()
    hold_out: HoldOutDocument | None = None
    every: EveryDocument | None = Field(default=None, description="Of a regular-contact, and of nothing else")
    steps: tuple[TaskDocument | ContactDocument, ...] = Field(min_length=1, max_length=9)

    def rules(self) -> Playbook:
        """As the rules take it."""
        return Playbook(
            code=self.playbook,
            zh=self.zh,
            en=self.en,
            node=self.node,
            kind=self.kind,
            purpose=self.purpose,
            steps=tuple(one.step() for one in self.steps),
            tiers=frozenset(self.tiers),
            stages=frozenset(self.stages),
            segments=frozenset(self.segments or ()),
            indicators=frozenset(self.indicators),
            hold_out=self.hold_out.hold_out() if self.hold_out else None,
            every=timedelta(days=self.every.days) if self.every else None,
        )


class TemplateDocument(Part):
    """A message of customer-profile's that steps may name, as it stands there."""

    template: Code
    version: int = Field(ge=1, le=1_000_000)
    purpose: Code
    channels: tuple[ContactChannel, ...] = Field(min_length=1)
    places: dict[_Place, Source] = Field(default_factory=dict, max_length=20)

    def rules(self) -> Template:
        """As the rules take it."""
        return Template(self.template, self.version, self.purpose, frozenset(self.channels), self.places)


class OutcomeDocument(Part):
    """How a task can end."""

    outcome: Code
    zh: _Words
    en: _Words
    reached: bool = Field(description="Whether the customer was spoken with")


class VersionDocument(Part):
    """One version of all playbooks, which holds from the midnight of `effective_from` on, by the bank's clock."""

    version: int = Field(ge=1, le=2**31 - 1)
    author: str = Field(min_length=1, max_length=120)
    reason: str = Field(min_length=1, max_length=1000)
    effective_from: Day
    outcomes: tuple[OutcomeDocument, ...] = Field(min_length=1, max_length=50)
    templates: tuple[TemplateDocument, ...] = Field(default=(), max_length=100)
    playbooks: tuple[PlaybookDocument, ...] = Field(min_length=1, max_length=100)
    goes_on: tuple[Code, ...] = Field(
        default=(), description="Experiments that go on although this version treats otherwise than the one before"
    )

    def rules(self, zone: tzinfo) -> Playbooks:
        """As the rules take it."""
        return Playbooks(
            version=self.version,
            effective_from=midnight(self.effective_from, zone),
            playbooks=tuple(one.rules() for one in self.playbooks),
            templates={one.template: one.rules() for one in self.templates},
            outcomes={one.outcome: Outcome(one.outcome, one.zh, one.en, one.reached) for one in self.outcomes},
            goes_on=frozenset(self.goes_on),
        )


class PlaybooksDocument(Part):
    """Every version that was ever in force and those that are to come, the earliest first."""

    versions: tuple[VersionDocument, ...] = Field(min_length=1, max_length=1000)

    def blinded(self) -> Self:
        """The same without a word on who is held out."""
        versions = (
            one.model_copy(
                update={
                    "goes_on": (),
                    "playbooks": tuple(each.model_copy(update={"hold_out": None}) for each in one.playbooks),
                }
            )
            for one in self.versions
        )
        return self.model_copy(update={"versions": tuple(versions)})


def read_playbooks(path: Path | None, zone: tzinfo, lot: Lot, *, today: date) -> tuple[PlaybooksDocument, Shelf]:
    """The document at `path`, or the published one, and the same as the rules take it. `zone`: of the bank's calendar;
    `lot`: by which arms are drawn. One of which nothing is in force by `today` is refused.

    Raises DocumentInvalid, which names the fields at fault.
    """
    document = read_document(
        path or PUBLISHED,
        PlaybooksDocument,
        noun="playbooks",
        check=lambda document: _check(document, zone, lot, today),
    )
    return document, _shelf_of(document, zone, lot)


def _check(document: PlaybooksDocument, zone: tzinfo, lot: Lot, today: date) -> None:
    if (begins := document.versions[0].effective_from) > today:
        raise DomainError(
            f"versions.0.effective_from: {begins} is still to come, and no alert had a playbook until then: keep the"
            " version before it"
        )
    _shelf_of(document, zone, lot)


def _shelf_of(document: PlaybooksDocument, zone: tzinfo, lot: Lot) -> Shelf:
    shelf = Shelf([one.rules(zone) for one in document.versions], lot, zone)
    faults = faults_of(shelf, stages=STAGES, indicators=INDICATORS)
    faults += [
        f"versions.{one.version}.{name}: names one more than once"
        for one in document.versions
        for name, said, kept in (
            ("templates", one.templates, {each.template for each in one.templates}),
            ("outcomes", one.outcomes, {each.outcome for each in one.outcomes}),
        )
        if len(kept) < len(said)
    ]
    if faults:
        raise DomainError("; ".join(faults))
    return shelf
