"""The policy and the templates as a bank writes them: what is delivered is whole, each fault is named."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from customer_profile.consent.documents import read_purposes
from customer_profile.contact.documents import POLICY, TEMPLATES, read_policy, read_templates
from customer_profile.contact.domain.policy import Policy
from customer_profile.contact.domain.templates import Templates
from customer_profile.main import compose
from rapport.documents import DocumentInvalid
from rapport.settings import SettingsInvalid
from tests.customer_profile.contact.lives import SHANGHAI
from tests.support.serving import NOWHERE, Subject

Document = dict[str, Any]
Change = Callable[[Document], Any]
NEEDS_CONSENT = {code: one.rests_on_consent for code, one in read_purposes().by_code.items()}


def policy_of(path: Path | None = None) -> Policy:
    return read_policy(path, SHANGHAI, needs_consent=NEEDS_CONSENT)


def templates_of(path: Path | None = None) -> Templates:
    return read_templates(path, policy_of(), needs_consent=NEEDS_CONSENT)


def changed(published: Path, folder: Path, *changes: Change) -> Path:
    document = json.loads(published.read_text(encoding="utf-8"))
    for change in changes:
        change(document)
    path = folder / published.name
    path.write_text(json.dumps(document))
    return path


def care(document: Document) -> Document:
    found: Document = document["templates"][0]
    return found


def test_what_is_delivered_has_no_fault_and_says_what_is_asked_of_it() -> None:
    policy = policy_of()
    assert templates_of()
    marketing, obligation = policy.kinds["marketing"], policy.kinds["obligation"]
    assert marketing.cap is not None
    assert (marketing.cap.at_most, marketing.cap.within) == (2, timedelta(days=7))
    assert marketing.heeds_quiet_hours
    assert obligation.cap is None
    assert policy.kinds["service"].relationships == marketing.relationships == {"active"}


def test_whatever_rests_on_consent_is_capped_as_marketing() -> None:
    assert {policy_of().purposes[code].kind for code in policy_of().purposes if NEEDS_CONSENT[code]} == {"marketing"}


def test_marketing_by_text_message_says_how_to_stop_it() -> None:
    policy = policy_of()
    sold = [one for one in templates_of().values() if policy.purposes[one.purpose].kind == "marketing"]
    texts = [
        (language, one.words["sms"][language].text) for one in sold for language in ("zh", "en") if "sms" in one.words
    ]
    assert texts
    assert all({"zh": "拒收请回复R", "en": "Reply R to stop"}[language] in text for language, text in texts)


POLICY_FAULTS: dict[str, tuple[Change, str]] = {
    "a purpose that the bank has not": (
        lambda d: d["purposes"].update(spam={"kind": "marketing", "channels": ["sms"]}),
        "purposes.spam: is none of the bank's purposes",
    ),
    "consent called an obligation": (
        lambda d: d["purposes"]["churn-care"].update(kind="obligation"),
        "purposes.churn-care.kind: what rests on consent is no obligation",
    ),
    "a kind without rules": (lambda d: d["kinds"].pop("service"), "kinds: service is missing"),
    "quiet for no time": (
        lambda d: d["quiet_hours"].update(begin="08:00"),
        "quiet_hours: begin and end at the same time",
    ),
    "quiet in another zone": (lambda d: d["quiet_hours"].update(begin="21:00Z"), "quiet_hours.begin"),
    "a zone that is none": (lambda d: d.update(zones={"R1": "Asia/Nowhere"}), "zones.R1"),
    "never awake": (
        lambda d: d.update(zones={"R1": "America/New_York"}) or d["quiet_hours"].update(begin="18:00", end="08:00"),
        "zones.R1: leaves no hour of the day that is not quiet",
    ),
    "a cap of none": (lambda d: d["kinds"]["marketing"]["cap"].update(at_most=0), "kinds.marketing.cap.at_most"),
    "a relationship that is none": (
        lambda d: d["kinds"]["marketing"].update(relationships=["alive"]),
        "kinds.marketing.relationships",
    ),
    "a word nobody knows": (lambda d: d.update(note="x"), "note: Extra inputs are not permitted"),
}


@pytest.mark.parametrize("fault", POLICY_FAULTS)
def test_a_fault_of_a_policy_is_named_with_its_field(fault: str, tmp_path: Path) -> None:
    change, told = POLICY_FAULTS[fault]
    with pytest.raises(DocumentInvalid) as refusal:
        policy_of(changed(POLICY, tmp_path, change))
    assert told in str(refusal.value)


def _say(channel: str, text: str, **more: str) -> Change:
    return lambda d: care(d)["words"].update({channel: {k: {"text": text, **more} for k in ("zh", "en")}})


WHOLE = "{product} {rate} {until}"
TEMPLATE_FAULTS: dict[str, tuple[Change, str]] = {
    "a place nobody fills": (_say("sms", WHOLE + "{colour}"), "care-offer 1: words.sms.zh: there is no place colour"),
    "a field of a value": (_say("sms", WHOLE + "{full_name.x}"), "words.sms.zh: has a brace that is no place's"),
    "an index of a value": (_say("sms", WHOLE + "{product[0]}"), "words.sms.en: has a brace that is no place's"),
    "a lone brace": (_say("sms", WHOLE + "}"), "words.sms.en: has a brace that is no place's"),
    "a value that is not said": (_say("sms", "{product} {rate}"), "words.sms.zh: says nothing of until"),
    "identity asked of others": (
        lambda d: care(d)["places"].update(full_name="code"),
        "care-offer 1: places.full_name: is filled from the file",
    ),
    "a language too few": (lambda d: care(d)["words"]["sms"].pop("en"), "care-offer 1: words.sms: en is missing"),
    "a text message with a title": (_say("sms", WHOLE, title="x"), "words.sms.zh: title: an e-mail has one"),
    "an e-mail without one": (_say("email", WHOLE), "words.email.zh: title: an e-mail has one"),
    "a purpose without rules": (
        lambda d: care(d).update(purpose="tiering"),
        "care-offer 1: purpose: tiering is not in the policy",
    ),
    "a channel that the purpose has not": (
        lambda d: care(d).update(purpose="marketing-sms"),
        "care-offer 1: words: push, wecom is no channel of marketing-sms in the policy",
    ),
    "a question for what rests on a contract": (
        lambda d: care(d).update(asks_for="contract-performance"),
        "care-offer 1: asks_for: contract-performance is no purpose of the bank's that rests on consent",
    ),
    "a question for nothing": (lambda d: care(d).update(asks_for="nothing"), "asks_for: nothing is no purpose"),
    "a version twice": (
        lambda d: d["templates"].append(care(d)),
        "a version of a template stands there more than once",
    ),
}


@pytest.mark.parametrize("fault", TEMPLATE_FAULTS)
def test_a_fault_of_a_template_is_named_with_its_place(fault: str, tmp_path: Path) -> None:
    change, told = TEMPLATE_FAULTS[fault]
    with pytest.raises(DocumentInvalid) as refusal:
        templates_of(changed(TEMPLATES, tmp_path, change))
    assert told in str(refusal.value)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    both = [TEMPLATE_FAULTS[name] for name in ("a language too few", "a purpose without rules")]
    with pytest.raises(DocumentInvalid) as refusal:
        templates_of(changed(TEMPLATES, tmp_path, *[change for change, _ in both]))
    assert all(told in str(refusal.value) for _, told in both)


def test_a_service_does_not_start_on_a_document_with_faults(subject: Subject, key_folder: Path) -> None:
    (key_folder / "templates.json").write_text("{}")
    contact = {"templates": key_folder / "templates.json"}
    settings = subject.settings(NOWHERE, key_folder, mode="wall", contact=contact)
    with pytest.raises(SettingsInvalid, match=r"templates.json: .*Field required"):
        compose(settings)  # type: ignore[arg-type]
