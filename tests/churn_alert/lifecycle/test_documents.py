"""A document of stages that would lose customers, trap them or have them go to and fro is refused, with the field."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from churn_alert.lifecycle.documents import PUBLISHED, read_stage_versions
from churn_alert.lifecycle.domain.life import STAGES
from churn_alert.main import compose
from churn_alert.settings import Settings
from rapport.documents import DocumentInvalid
from rapport.settings import SettingsInvalid
from tests.churn_alert.lifecycle.living import RULES

Broken = Callable[[dict[str, Any]], object]


def rule(document: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = (one for one in document["rules"] if one["name"] == name)
    return found  # type: ignore[no-any-return]


def without(document: dict[str, Any], *names: str) -> None:
    document["rules"] = [one for one in document["rules"] if one["name"] not in names]


FAULTS: dict[str, tuple[Broken, str]] = {
    "an unknown condition": (lambda d: rule(d, "settled")["when"].update(mood="good"), r"rules\.5\.when\.mood"),
    "an unknown stage": (lambda d: rule(d, "settled").update(to="golden"), r"rules\.5\.to"),
    "a probability of nothing": (lambda d: rule(d, "fallen-silent")["when"].update(alive_at_most=0), "alive_at_most"),
    "a condition that asks for nothing": (
        lambda d: rule(d, "dormant").update(when={}),
        r"rules\.3\.when.*at least",
    ),
    "a rule that leads to where it begins": (lambda d: rule(d, "settled").update(to="new"), r"rules\.5\.from"),
    "a name of two rules": (lambda d: rule(d, "dormant").update(name="settled"), "settled is the name of two rules"),
    "a stage that nobody reaches": (lambda d: without(d, "settled", "won-back-settled"), "no way leads .* to mature"),
    "a stage that nobody leaves": (
        lambda d: without(d, "won-back-settled", "won-back", "resumed"),
        "nobody ever leaves lost",
    ),
    "a way to and fro": (
        lambda d: rule(d, "won-back")["when"].pop("reason_gone"),
        "to and fro between .*reason_gone",
    ),
    "a longer way to and fro": (
        lambda d: rule(d, "resumed").update(when={"active_days": 3}),
        "to and fro between .*reason_gone",
    ),
    "a stage without a strategy": (lambda d: d["strategies"].pop("lost"), "lost has none"),
    "care that is no playbook": (
        lambda d: d["strategies"]["new"].update(care=["welcome", "horoscope"]),
        r"strategies\.new\.care: horoscope is no playbook; name some of .*welcome",
    ),
    "what the alert policy says": (
        lambda d: d["strategies"]["new"].update(emphasis=["product-use"]),
        r"strategies\.new\.emphasis",
    ),
    "care named twice": (lambda d: d["strategies"]["new"].update(care=["a-b", "a-b"]), "care names something twice"),
    "no author": (lambda d: d.pop("author"), "author"),
    "no reason": (lambda d: d.update(reason=""), "reason"),
    "a day that has not come": (
        lambda d: d.update(effective_from="2999-01-01"),
        "effective_from: 2999-01-01 is still to come",
    ),
    "no effective date": (lambda d: d.pop("effective_from"), "effective_from"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_starts_on_stages_that_break_a_rule_and_the_field_is_named(
    make_settings: Callable[..., Settings], tmp_path: Path, fault: str
) -> None:
    document = json.loads(PUBLISHED.read_bytes())
    breaks, words = FAULTS[fault]
    breaks(document)
    (tmp_path / "stages.json").write_text(json.dumps(document))
    with pytest.raises(SettingsInvalid, match=words):
        compose(make_settings(stages=tmp_path / "stages.json"))


def test_what_cannot_be_read_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(DocumentInvalid, match=r"nothing\.json: cannot be read"):
        read_stage_versions(tmp_path / "nothing.json", today=date(2026, 1, 1))


def test_the_published_stages_serve_each_stage_in_a_way_of_its_own() -> None:
    assert tuple(RULES.strategies) == STAGES
    assert len({one.aim for one in RULES.strategies.values()}) == len(STAGES)
    assert len({one.care for one in RULES.strategies.values()}) == len(STAGES)
