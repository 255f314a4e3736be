"""The policy and the templates as a bank writes them: one file each, checked as a whole before anything starts."""

from collections.abc import Mapping
from datetime import time, timedelta, tzinfo
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field

from customer_profile.contact.domain import policy as policies
from customer_profile.contact.domain import templates as words
from customer_profile.contact.domain.policy import Cap, Channel, Kind, KindRules, Policy, PurposeRules, QuietHours
from customer_profile.contact.domain.templates import Language, PlaceKind, Template, Templates, Words
from rapport.documents import DocumentInvalid, Part, read_document
from rapport.events.base import Code

_FOLDER = Path(__file__).parent / "published"
_POLICY, _TEMPLATES = "contact policy", "templates"
POLICY, TEMPLATES = _FOLDER / "policy-1.json", _FOLDER / "templates-2.json"


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("is not a name of the time zone database")
    return name


def _of_any_zone(clock: time) -> time:
    if clock.tzinfo is not None:
        raise ValueError("has a zone: it is the clock of the bank, and of the customer's region")
    return clock


Zone = Annotated[str, AfterValidator(_known_zone)]
Clock = Annotated[time, AfterValidator(_of_any_zone)]
Relationship = Literal["admission", "active", "restricted", "exited"]
Place = Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,39}$")]


class QuietHoursDocument(Part):
    """By the clock of a zone, such as 21:00 to 08:00."""

    begin: Clock
    end: Clock


class CapDocument(Part):
    """At most so many in any period of so many days."""

    at_most: int = Field(ge=1, le=1000)
    in_days: int = Field(ge=1, le=366)


class KindDocument(Part):
    """What holds for messages of one kind; without a cap there may be any number."""

    relationships: frozenset[Relationship] = Field(min_length=1)
    cap: CapDocument | None
    quiet_hours: bool

    def rules(self) -> KindRules:
        """As the rules take it."""
        cap = Cap(self.cap.at_most, timedelta(days=self.cap.in_days)) if self.cap else None
        return KindRules(relationships=frozenset(self.relationships), cap=cap, heeds_quiet_hours=self.quiet_hours)


class PurposeDocument(Part):
    """What a message for one purpose is, and how it may go."""

    kind: Kind
    channels: frozenset[Channel] = Field(min_length=1)


class PolicyDocument(Part):
    """All rules of one version. `zones`: time zones by region, where they are not the bank's."""

    version: int = Field(ge=1, le=1_000_000)
    quiet_hours: QuietHoursDocument
    kinds: dict[Kind, KindDocument]
    purposes: dict[Code, PurposeDocument]
    zones: dict[Code, Zone] = Field(default_factory=dict)

    def policy(self, bank_zone: tzinfo) -> Policy:
        """As the rules take it."""
        return Policy(
            version=self.version,
            quiet_hours=QuietHours(self.quiet_hours.begin, self.quiet_hours.end),
            kinds={kind: said.rules() for kind, said in self.kinds.items()},
            purposes={code: PurposeRules(said.kind, said.channels) for code, said in self.purposes.items()},
            zones={region: ZoneInfo(zone) for region, zone in self.zones.items()},
            bank_zone=bank_zone,
        )


class WordsDocument(Part):
    """What one channel carries in one language; an e-mail has a title."""

    title: str | None = Field(default=None, min_length=1, max_length=200)
    text: str = Field(min_length=1, max_length=2000)


class TemplateDocument(Part):
    """One version of a message. `places`: what who asks gives; `{full_name}` and `{salutation}` need not be said.
    `asks_for`: the purpose for which the words ask the customer to consent, where they do.
    """

    template: Code
    version: int = Field(ge=1, le=1_000_000)
    purpose: Code
    asks_for: Code | None = None
    places: dict[Place, PlaceKind] = Field(default_factory=dict)
    words: dict[Channel, dict[Language, WordsDocument]] = Field(min_length=1)

    def as_template(self) -> Template:
        """As the rules take it."""
        said = {
            channel: {language: Words(one.title, one.text) for language, one in by_language.items()}
            for channel, by_language in self.words.items()
        }
        return Template(self.template, self.version, self.purpose, self.places, said, self.asks_for)


class TemplatesDocument(Part):
    """Every version of every message; one that was sent once stays, so that it can be told what a customer read."""

    version: int = Field(ge=1, le=1_000_000)
    templates: tuple[TemplateDocument, ...] = Field(min_length=1, max_length=1000)


def read_policy(path: Path | None, bank_zone: tzinfo, *, needs_consent: Mapping[str, bool]) -> Policy:
    """The policy of a file, by default the published one. Raises DocumentInvalid, which names every fault."""
    file = path or POLICY
    found = read_document(file, PolicyDocument, noun=_POLICY).policy(bank_zone)
    _refuse(_POLICY, file, policies.faults_of(found, needs_consent=needs_consent))
    return found


def read_templates(path: Path | None, policy: Policy, *, needs_consent: Mapping[str, bool]) -> Templates:
    """The templates of a file, by default the published ones. Raises DocumentInvalid, which names every fault."""
    file = path or TEMPLATES
    told = [one.as_template() for one in read_document(file, TemplatesDocument, noun=_TEMPLATES).templates]
    faults = [
        f"{one.code} {one.version}: {fault}"
        for one in told
        for fault in words.faults_of(one, policy, needs_consent=needs_consent)
    ]
    by_place = {(one.code, one.version): one for one in told}
    if len(by_place) < len(told):
        faults.append("templates: a version of a template stands there more than once")
    _refuse(_TEMPLATES, file, faults)
    return by_place


def _refuse(noun: str, file: Path, faults: list[str]) -> None:
    if faults:
        raise DocumentInvalid(f"{noun} {file.name}: {'; '.join(faults)}")
