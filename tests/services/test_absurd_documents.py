"""Whatever absurd thing a document says, nothing starts on it, or it was meant: each field of each published document.

One value of it at a time is replaced. Either the document is refused with the field, or the field is among those of
which such a value makes sense.
"""

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from churn_alert.abnormal import reading as abnormal
from churn_alert.alert import documents as alert
from churn_alert.casebook import documents as casebook
from churn_alert.feed import documents as feed
from churn_alert.lifecycle import documents as lifecycle
from churn_alert.playbook import documents as playbook
from churn_alert.proof import documents as proof
from churn_alert.register import documents as register
from churn_alert.risk import documents as risk
from churn_alert.risk import normal_ranges
from churn_alert.risk.domain.behaviour import Bank
from churn_alert.risk.versions import rules_of
from customer_profile.adapter.mappings import EXAMPLES, MappingInvalid, read_file
from customer_profile.consent import documents as consent
from customer_profile.contact import documents as contact
from customer_profile.duplicate import model as duplicate
from rapport.documents import DocumentInvalid, in_succession
from scoring.policy import files as policies
from scoring.policy.handlers import Policies
from scoring.scorecard import files as scorecards
from tests.churn_alert.lots import LOT
from tests.services.meant import is_meant

TODAY, ZONE = date(2026, 6, 1), ZoneInfo("Asia/Shanghai")
BANK = Bank("CNY", ZONE)

Read = Callable[[Path], object]


class Kind(NamedTuple):
    """A document that banks write, as it is delivered, and how a start takes it, as far as its rules."""

    published: Path
    read: Read
    refusal: type[Exception] = DocumentInvalid


def _model(path: Path) -> object:
    return rules_of(BANK, [risk.read_document(path)], [normal_ranges.read_ranges()])


def _ranges(path: Path) -> object:
    return rules_of(BANK, [risk.read_document()], [normal_ranges.read_ranges(path)])


def _policy(path: Path) -> object:
    return alert.policy_of(alert.read_policy_versions(path, today=TODAY), _rules())


def _rules() -> Any:
    return rules_of(BANK, [risk.read_document()], [normal_ranges.read_ranges()])


def _reporting(path: Path) -> object:
    return abnormal.rules_of(abnormal.read_reporting(path, currency="CNY", today=TODAY), ZONE)


def _register(path: Path) -> object:
    return in_succession(register.read_register(path, today=TODAY), ZONE, lambda one: one.taken("CNY"))


def _departure(path: Path) -> object:
    one = proof.read_departure(path)
    return one.definition(), one.definition_of_told(), one.design()


def _stages(path: Path) -> object:
    return lifecycle.stage_rules(lifecycle.read_stage_versions(path, today=TODAY), _rules())


def _needs_consent() -> dict[str, bool]:
    return {code: one.rests_on_consent for code, one in consent.read_purposes().by_code.items()}


def _contact_policy(path: Path | None) -> Any:
    return contact.read_policy(path, ZONE, needs_consent=_needs_consent())


def _templates(path: Path) -> object:
    return contact.read_templates(path, _contact_policy(None), needs_consent=_needs_consent())


def _scorecard(path: Path) -> object:
    return scorecards.scorecards_of(scorecards.read_documents("CNY", path))


def _entitlements(path: Path) -> object:
    return Policies(policies.read_policies("CNY", path))


def _mapping(path: Path) -> object:
    return read_file(path, bytes(32))


KINDS = {
    "risk model": Kind(risk.PUBLISHED, _model),
    "normal ranges": Kind(normal_ranges.PUBLISHED, _ranges),
    "alert policy": Kind(alert.PUBLISHED, _policy),
    "reporting rules": Kind(abnormal.REPORTING, _reporting),
    "working days": Kind(abnormal.WORKING_DAYS, abnormal.read_working_days),
    "risk register": Kind(register.PUBLISHED, _register),
    "departure": Kind(proof.PUBLISHED, _departure),
    "playbooks": Kind(playbook.PUBLISHED, lambda path: playbook.read_playbooks(path, ZONE, LOT, today=TODAY)),
    "feed rules": Kind(feed.PUBLISHED, lambda path: feed.read_feed_rules(path).rules()),
    "stages": Kind(lifecycle.PUBLISHED, _stages),
    "likeness": Kind(casebook.PUBLISHED, lambda path: casebook.read_likeness(path).rules()),
    "purposes": Kind(consent.PUBLISHED, consent.read_purposes),
    "contact policy": Kind(contact.POLICY, _contact_policy),
    "templates": Kind(contact.TEMPLATES, _templates),
    "linkage": Kind(duplicate.PUBLISHED, duplicate.read_linkage),
    "scorecard": Kind(scorecards.PUBLISHED / "retail-cny-1.json", _scorecard),
    "policy": Kind(policies.PUBLISHED / "retail-cny-1.json", _entitlements),
    "mapping": Kind(EXAMPLES / "legacy-postings.json", _mapping, MappingInvalid),
}

Place = tuple[str | int, ...]


class Twice(dict[str, Any]):
    """An object of which JSON has the first field twice."""

    def items(self) -> Any:
        first = next(iter(super().items()))
        return [first, *super().items()]


def places(value: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Every value of a document with its place, inner ones too."""
    if place:
        yield place, value
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in parts:
        yield from places(part, (*place, name))


FAR = ("0001-01-01", "9999-12-31", "2026-02-30", 0)
NUMBERS: tuple[Any, ...] = (-1, 0, 1e308, -1e308, float("nan"), float("inf"), 10**30, True, "1", None)


def absurd(value: Any) -> Iterator[Any]:
    match value:
        case bool():
            yield from ("yes", 2, None)
        case int() | float():
            yield from NUMBERS
        case str() if len(value) == 10 and value[4] == value[7] == "-":
            yield from FAR
        case str():
            yield from ("", 7, None)
        case list():
            yield from ([], {}, [*value, *value])
        case dict():
            yield from ({}, [], value | {"nothing": 1}, Twice(value) if value else None)


def replaced(document: Any, place: Place, value: Any) -> Any:
    head, *rest = place
    copy = dict(document) if isinstance(document, dict) else list(document)
    copy[head] = replaced(copy[head], tuple(rest), value) if rest else value
    return copy


def faults(kind: Kind, path: Path) -> Iterator[str]:
    """Each absurd value that is taken without reason, or refused without its field."""
    document = json.loads(kind.published.read_bytes())
    for place, was in places(document):
        names = [part for part in place if isinstance(part, str)]
        for value in absurd(was):
            path.write_text(json.dumps(replaced(document, place, value)))
            said = f"{'.'.join(map(str, place))} = {value!r:.40}"
            try:
                kind.read(path)
            except kind.refusal as refused:
                # A rule of several fields may name another of them, beside it or the one it is in.
                asked = [next(iter(value))] if isinstance(value, Twice) else names[-2:]
                if not any(name in str(refused) for name in asked):
                    yield f"{said} is refused by: {refused}"
            else:
                if not is_meant(names, value):
                    yield f"{said} is taken"


@pytest.mark.parametrize("name", KINDS)
def test_an_absurd_value_of_a_document_is_refused_with_its_field(name: str, tmp_path: Path) -> None:
    kind = KINDS[name]
    kind.read(kind.published)
    assert list(faults(kind, tmp_path / kind.published.name)) == []


def test_the_walk_finds_what_is_taken_without_reason_and_what_is_refused_without_its_field(tmp_path: Path) -> None:
    def names_no_field(path: Path) -> None:
        if json.loads(path.read_bytes())["upper"] != 0.5:
            raise DocumentInvalid("model: is wrong")

    def takes_all(path: Path) -> object:
        return path.read_bytes()

    def breaks(path: Path) -> None:
        if json.loads(path.read_bytes())["upper"] != 0.5:
            raise OverflowError

    published = tmp_path / "published.json"
    published.write_text('{"upper": 0.5}')
    assert len(list(faults(Kind(published, names_no_field), tmp_path / "own.json"))) >= len(NUMBERS) - 1
    assert len(list(faults(Kind(published, takes_all), tmp_path / "own.json"))) == len(NUMBERS)
    with pytest.raises(OverflowError):
        list(faults(Kind(published, breaks), tmp_path / "own.json"))
