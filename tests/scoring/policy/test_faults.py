"""Whatever is wrong with a policy is found at once, each fault by the path of its field."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from rapport.documents import DocumentInvalid
from rapport.settings import SettingsInvalid
from rapport.web.scopes import ROLE_SCOPES
from scoring.main import compose
from scoring.policy.documents import GrantDocument, PolicyContent, PolicyDocument
from scoring.policy.domain.measures import MEASURES
from scoring.policy.domain.rules import PolicyImpossible
from scoring.policy.files import PUBLISHED, read_policies
from scoring.segment.domain.names import NAMES
from scoring.version.domain.faults import Fault

Content = dict[str, Any]
Plant = Callable[[Content], None]
_FILES = {"version", "effective_from"}


def content() -> Content:
    """The published policy without version and date."""
    found: Content = json.loads((PUBLISHED / "retail-cny-1.json").read_text())
    return {name: deepcopy(one) for name, one in found.items() if name not in _FILES}


def of_rule(place: int, field: str, value: Any) -> Plant:
    return lambda found: found["rules"][place].update({field: value})


def of_when(place: int, field: str, value: Any) -> Plant:
    return lambda found: found["rules"][place]["when"].update({field: value})


def of_grant(place: int, kind: str, nth: int, field: str, value: Any) -> Plant:
    return lambda found: found["rules"][place][kind][nth].update({field: value})


def of_classes(dimension: str, field: str, value: Any) -> Plant:
    return lambda found: found["classes"][dimension].update({field: value})


PLANTED: dict[str, tuple[Plant, str]] = {
    "classes.attribute.upper": (of_classes("attribute", "upper", 50_000), "does not lie above the middle"),
    "classes.activity.upper": (of_classes("activity", "upper", 91), "more than the 90 days"),
    "classes.activity.middle": (of_classes("activity", "middle", 0.5), "valid integer"),
    "currency": (lambda found: found.update(currency="XYZ"), "not an active currency"),
    "rules.0": (lambda found: found["rules"][0].update(entitlements=[], risk=[]), "gives nothing"),
    "rules.0.entitlements.0.measure": (of_grant(0, "entitlements", 0, "measure", "free-coffee"), "not a known measure"),
    "rules.0.entitlements.1.measure": (
        of_grant(0, "entitlements", 1, "measure", "service-hours"),
        "given twice by this rule",
    ),
    "rules.0.risk.0.measure": (of_grant(0, "risk", 0, "measure", "fee-waiver"), "not of this list"),
    "rules.1.name": (of_rule(1, "name", "everybody"), "the name of another rule"),
    "rules.1.when.rank.0": (of_when(1, "rank", [9]), "less than or equal to 8"),
    "rules.1.entitlements.0.value": (of_grant(1, "entitlements", 0, "value", 721), "not 0 to 720 hours"),
    "rules.2.entitlements.0.value": (of_grant(2, "entitlements", 0, "value", False), "leave out"),
    "rules.2.entitlements.2.value": (of_grant(2, "entitlements", 2, "value", True), "not a number of percent"),
    "rules.3.when.attribute.0": (of_when(3, "attribute", ["rich"]), "none of ordinary, medium, hnw, unknown"),
    "rules.3.when.segment.1": (
        of_when(3, "segment", ["savers", "saver", "unknown"]),
        f"none of {', '.join(name.en for name in NAMES)}, unknown",
    ),
    "rules.4.when.type": (of_when(4, "type", []), "names nothing"),
    "rules.4.when.type.1": (of_when(4, "type", ["corporate", "corporate"]), "named twice"),
    "rules.5.when.mood": (of_when(5, "mood", ["good"]), "not permitted"),
    "rules.6.risk.0.apply": (of_grant(6, "risk", 0, "apply", []), "names no role"),
    "rules.6.risk.0.exceed.0": (of_grant(6, "risk", 0, "exceed", ["w" * 41]), "at most 40 characters"),
    "rules.6.risk.0.exceed": (of_grant(6, "risk", 0, "exceed", ["dpo"] * 20), "at most 13 items"),
    "rules.7.entitlements": (of_rule(7, "entitlements", [{}] * 201), "more than 200 items"),
    "rules.6.risk.0.apply.0": (of_grant(6, "risk", 0, "apply", ["wizard"]), "is not a role"),
    "rules.7.risk.1.exceed": (of_grant(7, "risk", 1, "exceed", ["compliance"]), "names who applies it"),
}


def faults(planted: Content) -> dict[str, str]:
    with pytest.raises(ValidationError) as found:
        PolicyContent.model_validate(planted)
    return {".".join(map(str, fault["loc"])): fault["msg"] for fault in found.value.errors()}


@pytest.mark.parametrize("place", PLANTED)
def test_a_fault_is_told_with_its_path(place: str) -> None:
    plant, words = PLANTED[place]
    planted = content()
    plant(planted)
    found = faults(planted)
    assert words in found[place]


def test_a_rule_names_segments_that_there_can_be_or_those_whose_segment_is_not_known() -> None:
    planted = content()
    PLANTED["rules.3.when.segment.1"][0](planted)
    assert faults(planted).keys() == {"rules.3.when.segment.1"}
    of_when(3, "segment", [*(name.en for name in NAMES), "unknown"])(planted)
    assert PolicyContent.model_validate(planted).rules[3].when.segment is not None


def test_faults_of_all_parts_are_told_together() -> None:
    planted = content()
    for place in ("classes.attribute.upper", "rules.1.name", "rules.5.when.mood", "rules.7.risk.1.exceed"):
        PLANTED[place][0](planted)
    assert {"classes.attribute.upper", "rules.1.name", "rules.5.when.mood", "rules.7.risk.1.exceed"} <= set(
        faults(planted)
    )


def test_of_very_many_faults_the_first_hundred_are_told() -> None:
    planted, wizards = content(), ["wizard"] * 13
    grant = {"measure": "fee-waiver", "value": 1, "apply": wizards, "exceed": wizards}
    planted["rules"] = [{"name": f"r{n}", "when": {}, "entitlements": [grant]} for n in range(200)]
    with pytest.raises(ValidationError) as found:
        PolicyContent.model_validate(planted)
    assert found.value.error_count() == 101
    assert found.value.errors()[-1]["msg"] == "has more faults than these 100"
    assert PolicyImpossible([Fault(("rules", n), "is wrong") for n in range(200)]).faults[-1] == (
        "",
        "has more faults than these 100",
    )


@pytest.mark.parametrize("name", ["complaint-hours", "case-response-hours", "appeal-days", "Complaint.first-answer"])
@pytest.mark.parametrize("kind", ["entitlements", "risk"])
def test_no_policy_gives_a_deadline_of_complaints(name: str, kind: str) -> None:
    planted = content()
    planted["rules"][0][kind][0] |= {"measure": name, "value": 4}
    assert "the same for everybody" in faults(planted)[f"rules.0.{kind}.0.measure"]


def test_no_measure_there_is_can_be_about_complaints() -> None:
    for name, measure in MEASURES.items():
        assert not any(word in name for word in ("complaint", "case", "appeal"))
        assert "complaint" not in measure.words or "not a complaint" in measure.words


def test_a_role_that_is_named_twice_is_one_role() -> None:
    named = {"measure": "fee-waiver", "value": 50, "apply": ["rm", "support", "rm"], "exceed": ["team_lead"] * 2}
    grant = GrantDocument.model_validate(named).grant()
    assert (grant.apply, grant.exceed) == (("rm", "support"), ("team_lead",))


def test_a_policy_keeps_its_content_through_its_document() -> None:
    read = PolicyContent.model_validate(content())
    assert read.model_dump(mode="json") == content()
    for example in (PolicyContent, PolicyDocument):
        example.model_validate(example.model_json_schema()["examples"][0])


@pytest.mark.parametrize("currency", ["CNY", "CZK"])
def test_published_policies_name_only_roles_that_can_read_them(currency: str) -> None:
    for document in read_policies(currency):
        for rule in document.rules:
            for scope, grants in (("entitlements:read", rule.entitlements), ("risk-controls:read", rule.risk)):
                named = {role for grant in grants for role in (*grant.apply, *grant.exceed)}
                assert all(scope in ROLE_SCOPES[role] for role in named)


def test_a_service_does_not_start_on_a_broken_policy(make_settings: Callable[..., Any], tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    folder.mkdir()
    with pytest.raises(SettingsInvalid, match="policy policies: the folder has no"):
        compose(make_settings(policies=folder))
    broken = json.loads((PUBLISHED / "retail-cny-1.json").read_text())
    broken["rules"][0]["risk"][0]["value"] = -1
    (folder / "1.json").write_text(json.dumps(broken))
    with pytest.raises(DocumentInvalid, match=r"1\.json: rules\.0\.risk\.0\.value: is not 0 to"):
        read_policies("CNY", folder)
    with pytest.raises(SettingsInvalid, match=r"rules\.0\.risk\.0\.value"):
        compose(make_settings(policies=folder))
