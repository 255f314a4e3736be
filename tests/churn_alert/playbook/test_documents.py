"""Playbooks as a bank writes them: what is delivered is whole, each fault is named with its field."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from churn_alert.main import compose
from churn_alert.playbook.documents import PUBLISHED, read_playbooks
from churn_alert.playbook.domain.choosing import choose
from churn_alert.playbook.domain.playbooks import Node, Shelf, Situation
from churn_alert.settings import Settings
from customer_profile.consent.documents import read_purposes
from customer_profile.contact.documents import read_policy, read_templates
from rapport.documents import DocumentInvalid
from rapport.settings import SettingsInvalid
from tests.churn_alert.lives import BANK, START
from tests.churn_alert.lots import LOT

Document = dict[str, Any]
Change = Callable[[Document], Any]


def shelf_of(path: Path | None = None) -> Shelf:
    return read_playbooks(path, BANK.zone, LOT, today=START.date())[1]


def changed(folder: Path, *changes: Change) -> Path:
    document = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    for change in changes:
        change(document)
    path = folder / "playbooks.json"
    path.write_text(json.dumps(document))
    return path


def book(document: Document, place: int = 0) -> Document:
    found: Document = document["versions"][place]
    return found


def later(document: Document) -> Document:
    """The document with a second version that is the first one again."""
    document["versions"].append(json.loads(json.dumps(book(document))) | {"version": 2, "effective_from": "2025-03-01"})
    return document


def of(document: Document, code: str, place: int = 0) -> Document:
    (found,) = [one for one in book(document, place)["playbooks"] if one["playbook"] == code]
    playbook: Document = found
    return playbook


def test_what_is_delivered_has_a_playbook_for_every_warning_and_every_node() -> None:
    shelf = shelf_of()
    situations = [Situation(node, "high") for node in get_args(Node)]
    assert all(choose(shelf, one, person="c-1", at=START) for one in situations)
    assert choose(shelf, Situation("churn-warning"), person="c-1", at=START) is not None


def test_every_message_of_the_delivered_playbooks_has_words_at_customer_profile_for_what_is_said_of_it() -> None:
    needs_consent = {code: one.rests_on_consent for code, one in read_purposes().by_code.items()}
    policy = read_policy(None, BANK.zone, needs_consent=needs_consent)
    words = read_templates(None, policy, needs_consent=needs_consent)
    kinds = {"product": "code", "day": "day"}
    templates = shelf_of().latest.templates
    assert templates
    for one in templates.values():
        there = words[one.code, one.version]
        assert one.purpose == there.purpose
        assert one.channels <= there.words.keys()
        assert {place: kinds[source] for place, source in one.places.items()} == dict(there.places)
    assert {one.purpose for one in shelf_of().latest.playbooks} <= needs_consent.keys()


def test_the_first_that_fits_is_taken_and_complaints_are_mended_whoever_complains() -> None:
    def taken(*, tier: str | None = None, stage: str | None = None, apart: tuple[str, ...] = ()) -> str:
        situation = Situation("churn-warning", tier, stage, frozenset(apart))
        found = choose(shelf_of(), situation, person="c-1", at=START)
        assert found is not None
        return found.playbook.code

    assert taken(tier="high", apart=("service-feedback",)) == "repair-service"
    assert taken(tier="high", stage="new") == "care-of-high"
    assert taken(tier="low", stage="new") == "care-of-new"
    assert taken(tier="low", apart=("outflow-month", "product-use")) == "advice-on-outflow"
    assert taken(tier="low", apart=("product-use",)) == taken() == "care-of-all"


def test_a_repair_of_service_has_no_lot() -> None:
    for number in range(200):
        found = choose(
            shelf_of(),
            Situation("churn-warning", apart=frozenset({"service-feedback"})),
            person=f"c-{number}",
            at=START,
        )
        assert found is not None
        assert found.arm is None


def test_a_version_holds_from_its_day_on_by_the_banks_clock(tmp_path: Path) -> None:
    def without(document: Document) -> None:
        second = book(later(document), 1)
        second["playbooks"] = [one for one in second["playbooks"] if one["playbook"] != "care-of-high"]
        second["goes_on"] = ["care-of-warned"]

    shelf = shelf_of(changed(tmp_path, without))
    high = Situation("churn-warning", "high")
    before, after = datetime(2025, 2, 28, 15, 59, tzinfo=UTC), datetime(2025, 2, 28, 16, tzinfo=UTC)
    first, second = choose(shelf, high, person="c-1", at=before), choose(shelf, high, person="c-1", at=after)
    assert first is not None
    assert second is not None
    assert (first.version, first.playbook.code) == (1, "care-of-high")
    assert (second.version, second.playbook.code) == (2, "care-of-all")
    assert choose(shelf, high, person="c-1", at=datetime(2015, 12, 31, tzinfo=UTC)) is None


FAULTS: dict[str, tuple[Change, str]] = {
    "no hold-out": (
        lambda d: of(d, "care-of-all").pop("hold_out"),
        "playbooks.care-of-all.hold_out: is missing",
    ),
    "a repair that is held out": (
        lambda d: of(d, "repair-service").update(hold_out={"experiment": "repair", "share": 0.2}),
        "playbooks.repair-service.hold_out: service-repair is never held out",
    ),
    "a pitch that is held out": (
        lambda d: of(d, "follow-a-pitch").update(hold_out={"experiment": "after-a-pitch"}),
        "playbooks.follow-a-pitch.hold_out: nobody is held out at product-pitch: staff would see who is",
    ),
    "one experiment of two nodes": (
        lambda d: of(d, "welcome")["hold_out"].update(experiment="new-product"),
        "the experiment new-product is of account-opening, new-product; name one for each of them",
    ),
    "another treatment under the same name": (
        lambda d: of(later(d), "care-of-high", 1)["steps"].pop(),
        "versions.2.playbooks: the experiment care-of-warned treats otherwise than in version 1; name a new one",
    ),
    "others treated under the same name": (
        lambda d: of(later(d), "care-of-high", 1)["tiers"].append("middle"),
        "the experiment care-of-warned treats otherwise than in version 1",
    ),
    "going on with what there was not": (
        lambda d: later(d).update() or book(d, 1).update(goes_on=["care-by-letter"]),
        "versions.2.goes_on: care-by-letter is no experiment of this version and the one before",
    ),
    "a share of nobody": (lambda d: of(d, "care-of-all")["hold_out"].update(share=0), "hold_out.share"),
    "a share over a half": (lambda d: of(d, "care-of-all")["hold_out"].update(share=0.51), "hold_out.share"),
    "a share that is no number": (lambda d: of(d, "care-of-all")["hold_out"].update(share="NaN"), "hold_out.share"),
    "two shares of one experiment": (
        lambda d: of(d, "care-of-high")["hold_out"].update(share=0.3),
        "the experiment care-of-warned has several shares",
    ),
    "a playbook that is never taken": (
        lambda d: of(d, "care-of-high").update(tiers=[]),
        "playbooks.care-of-new: is never taken, for care-of-high before it fits wherever it does",
    ),
    "nothing for the rest": (
        lambda d: of(d, "care-of-all").update(tiers=["low"]),
        "the last one of churn-warning is for all",
    ),
    "an unknown stage": (
        lambda d: of(d, "care-of-new").update(stages=["dormant"]),
        "playbooks.care-of-new.stages: dormant is none of lost, mature, new, potential",
    ),
    "an unknown indicator": (
        lambda d: of(d, "advice-on-outflow").update(indicators=["mood"]),
        "playbooks.advice-on-outflow.indicators: mood is none of account-activity, outflow-month, product-use",
    ),
    "an indicator where there is no warning": (
        lambda d: of(d, "welcome").update(indicators=["product-use"]),
        "playbooks.welcome.indicators: only a churn-warning has any",
    ),
    "a regular contact of no rhythm": (
        lambda d: of(d, "contact-of-high").pop("every"),
        "playbooks.contact-of-high.every: a regular contact is every so many days",
    ),
    "a rhythm of what is no regular contact": (
        lambda d: of(d, "welcome").update(every={"days": 90}),
        "playbooks.welcome.every: a regular contact is every so many days, and nothing else is",
    ),
    "an unknown template": (
        lambda d: of(d, "welcome")["steps"][0].update(template="hello"),
        "playbooks.welcome.steps.1.template: hello is none of care-check-in, opening-welcome, product-matured",
    ),
    "a channel without words": (
        lambda d: of(d, "welcome")["steps"][0].update(channels=["wecom"]),
        "playbooks.welcome.steps.1.channels: opening-welcome has no words for wecom",
    ),
    "a message on a product where there is none": (
        lambda d: of(d, "welcome")["steps"][0].update(template="product-matured"),
        "playbooks.welcome.steps.1.template: product-matured names a product, and account-opening is about none",
    ),
    "a code twice": (
        lambda d: book(d)["playbooks"].append(of(d, "welcome") | {"tiers": ["high"]}),
        "playbooks.welcome: stands there more than once",
    ),
    "versions out of order": (
        lambda d: d["versions"].append(book(d)),
        "versions.1: a later version has a higher number and a later effective_from",
    ),
    "an outcome twice": (
        lambda d: book(d)["outcomes"].append(book(d)["outcomes"][0]),
        "versions.1.outcomes: names one more than once",
    ),
    "nobody to answer for it": (lambda d: book(d).pop("author"), "author"),
    "a word that nobody knows": (lambda d: of(d, "welcome").update(priority=1), "priority"),
}


@pytest.mark.parametrize(("change", "fault"), FAULTS.values(), ids=FAULTS)
def test_each_fault_is_named_with_its_field(tmp_path: Path, change: Change, fault: str) -> None:
    with pytest.raises(DocumentInvalid) as refused:
        shelf_of(changed(tmp_path, change))
    assert fault in str(refused.value)


def test_an_experiment_goes_on_over_edits_that_change_no_treatment_and_where_its_author_says_so(tmp_path: Path) -> None:
    def renamed(document: Document) -> None:
        of(later(document), "care-of-high", 1).update(en="Call who matters most")

    def gone_on(document: Document) -> None:
        of(later(document), "care-of-high", 1)["steps"].pop()
        book(document, 1)["goes_on"] = ["care-of-warned"]

    for change in (renamed, gone_on):
        assert shelf_of(changed(tmp_path, change)).latest.version == 2


def test_nothing_starts_on_playbooks_that_break_a_rule(make_settings: Callable[..., Settings], tmp_path: Path) -> None:
    path = changed(tmp_path, lambda d: of(d, "care-of-all").pop("hold_out"))
    with pytest.raises(SettingsInvalid, match=r"playbooks\.json.*hold_out"):
        compose(make_settings(playbooks=path))
    with pytest.raises(SettingsInvalid, match=r"none\.json: cannot be read"):
        compose(make_settings(playbooks=tmp_path / "none.json"))


def test_playbooks_of_which_none_is_in_force_yet_are_refused(tmp_path: Path) -> None:
    path = changed(tmp_path, lambda document: book(document).update(effective_from="2025-01-02"))
    with pytest.raises(DocumentInvalid, match=r"versions\.0\.effective_from: 2025-01-02 is still to come"):
        read_playbooks(path, BANK.zone, LOT, today=START.date())
    assert read_playbooks(path, BANK.zone, LOT, today=START.date() + timedelta(days=1))
