"""The words of messages: places filled with parameters and identity, each known before anything is sent."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from customer_profile.contact.domain.policy import Channel, Policy

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
PlaceKind = Literal["code", "number", "day"]
Value = str | Decimal | date
"""Of a place: a code, a number or a day."""
IDENTITY_PLACES = frozenset({"full_name", "salutation"})
"""Filled from the customer's file, in the moment a message is handed over."""
_PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\}")
# Not by the locale of the machine.
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_TITLES: Mapping[Language, Mapping[str, str]] = {
    "zh": {"female": "{}女士", "male": "{}先生"},
    "en": {"female": "Ms {}", "male": "Mr {}"},
}


@dataclass(frozen=True, slots=True)
class Words:
    """What one channel carries in one language; a title for those that have one."""

    title: str | None
    text: str

    @property
    def whole(self) -> str:
        """Title and text."""
        return f"{self.title or ''}\n{self.text}"


@dataclass(frozen=True, slots=True)
class Template:
    """One version of a message for one purpose. `places`: those that who asks fills, and with what. `asks_for`: the
    purpose for which it asks the customer to consent.
    """

    code: str
    version: int
    purpose: str
    places: Mapping[str, PlaceKind]
    words: Mapping[Channel, Mapping[Language, Words]]
    asks_for: str | None = None

    @property
    def needs_identity(self) -> bool:
        """Whether any of its words name the customer."""
        return any(not places_in(one.whole).isdisjoint(IDENTITY_PLACES) for one in self.all_words)

    @property
    def all_words(self) -> list[Words]:
        """Those of every channel and language."""
        return [one for by_language in self.words.values() for one in by_language.values()]

    def takes(self, parameters: Mapping[str, Value]) -> bool:
        """Whether these are the values it has places for, each of its kind."""
        return {name: kind_of(value) for name, value in parameters.items()} == dict(self.places)


Templates = Mapping[tuple[str, int], Template]
"""By code and version."""


def kind_of(value: Value) -> PlaceKind:
    """What a value is."""
    return "day" if isinstance(value, date) else "number" if isinstance(value, Decimal) else "code"


def places_in(text: str) -> frozenset[str]:
    """The places of a text."""
    return frozenset(_PLACE.findall(text))


def faults_of(template: Template, policy: Policy, *, needs_consent: Mapping[str, bool]) -> list[str]:
    """The rules that a template breaks, each naming its field. `needs_consent`: of the bank's purposes, by code."""
    faults = [f"places.{name}: is filled from the file" for name in sorted(IDENTITY_PLACES & template.places.keys())]
    rules = policy.purposes.get(template.purpose)
    if rules is None:
        faults.append(f"purpose: {template.purpose} is not in the policy")
    elif strange := sorted(template.words.keys() - rules.channels):
        faults.append(f"words: {', '.join(strange)} is no channel of {template.purpose} in the policy")
    if template.asks_for is not None and not needs_consent.get(template.asks_for):
        faults.append(f"asks_for: {template.asks_for} is no purpose of the bank's that rests on consent")
    for channel, by_language in template.words.items():
        faults += [f"words.{channel}: {language} is missing" for language in LANGUAGES if language not in by_language]
        for language, one in by_language.items():
            faults += [f"words.{channel}.{language}: {fault}" for fault in _faults_of_words(template, channel, one)]
    return faults


def _faults_of_words(template: Template, channel: Channel, words: Words) -> Iterator[str]:
    used = places_in(words.whole)
    yield from (f"there is no place {name}" for name in sorted(used - IDENTITY_PLACES - template.places.keys()))
    yield from (f"says nothing of {name}" for name in sorted(template.places.keys() - used))
    if set("{}") & set(_PLACE.sub("", words.whole)):
        yield "has a brace that is no place's"
    if (channel == "email") != (words.title is not None):
        yield "title: an e-mail has one, and nothing else"


def rendered(words: Words, language: Language, values: Mapping[str, Value]) -> Words:
    """The words with every place filled, once: what is filled in is never looked through for places.

    A core's name can hold a line break, which would begin another header of an e-mail: blanks stand for it.
    """

    def fill(text: str) -> str:
        return _PLACE.sub(lambda place: _shown(values[place[1]], language), text)

    return Words(None if words.title is None else fill(words.title), fill(words.text))


def salutation(full_name: str, gender: str, language: Language) -> str:
    """How a customer is addressed; by the name alone where no title is known."""
    return _TITLES[language].get(gender, "{}").format(full_name)


def _shown(value: Value, language: Language) -> str:
    match value:
        case date():
            in_chinese = f"{value.year}年{value.month}月{value.day}日"
            return in_chinese if language == "zh" else f"{value.day} {_MONTHS[value.month - 1]} {value.year}"
        case Decimal():
            return f"{value:,f}"
        case _:
            return " ".join(value.splitlines())
