"""Severity is by risk, worth and evidence, all of it data; a policy that breaks a rule is refused, the field named."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_alert.alert.documents import PUBLISHED, policy_of, read_policy_versions
from churn_alert.alert.domain.lifecycle import Known
from churn_alert.risk.domain.indicators import FOUR, Indicator
from rapport.documents import DocumentInvalid
from tests.churn_alert.alert.raising import DOCUMENT, POLICY, four, raised
from tests.churn_alert.lives import RULES

TODAY = date(2026, 1, 1)
SEVERITIES = ["low", "medium", "high"]
Edit = Callable[[dict[str, Any]], Any]
far = st.floats(0.1, 30)


def test_the_published_policy_keeps_the_emphasis_of_the_stages_apart() -> None:
    doubtful = four(product_use=6.0)
    new, mature = (raised(*doubtful, known=Known(stage=stage)).urgency for stage in ("new", "mature"))
    assert new is not None
    assert mature is not None
    assert new > mature, "a new customer who does not take to the product is what matters there"


def test_the_same_evidence_is_more_severe_of_a_customer_who_is_worth_more() -> None:
    evidence = four(transactions=4.0, account_activity=4.0)
    found = [raised(*evidence, known=Known(tier=tier)).severity for tier in ("low", "middle", "high")]
    assert found == SEVERITIES
    assert raised(*evidence, known=Known(tier="platinum")).urgency == raised(*evidence).urgency


@given(
    st.floats(0.5, 1.0),
    st.dictionaries(st.sampled_from([name.replace("-", "_") for name in FOUR]), far),
    st.sampled_from(["high", "middle", "low", "other", None]),
    st.sampled_from(["new", "mature", "lost", "potential", None]),
)
def test_urgency_is_what_the_document_adds_up_to(
    probability: float, out: dict[str, float], tier: str | None, stage: str | None
) -> None:
    """Recomputed from the document, term by term."""
    said = json.loads(PUBLISHED.read_bytes())["severity"]
    departure = 0.0
    for name, deviations in out.items():
        indicator = name.replace("_", "-")
        emphasis = said["emphasis"].get(stage, {}).get(indicator, 1.0)
        share = min(deviations, said["most_deviations"]) / said["most_deviations"]
        departure += said["weights"][indicator] * emphasis * share
    expected = probability * said["worth"].get(tier, said["worth_otherwise"]) * (1 + departure)
    urgency = POLICY.severities.urgency(probability, four(**out), tier, stage)
    assert urgency == pytest.approx(expected)
    level = sum(urgency >= said[name] for name in ("medium_from", "high_from"))
    assert POLICY.severities.of(urgency) == SEVERITIES[level]


@given(st.sampled_from([name.replace("-", "_") for name in FOUR]), far, st.floats(0, 10), st.floats(0.5, 0.9))
def test_more_evidence_or_more_risk_is_never_less_severe(name: str, out: float, more: float, risk: float) -> None:
    urgency = POLICY.severities.urgency
    before = urgency(risk, four(**{name: out}), "middle", "new")
    assert urgency(risk, four(**{name: out + more}), "middle", "new") >= before
    assert urgency(risk + 0.1, four(**{name: out}), "middle", "new") > before


def test_what_is_in_its_range_or_a_part_counts_for_nothing() -> None:
    part = Indicator("turnover", 1.0, 4.0, None, baseline=9.0, deviations=-8.0, part_of="account-activity")
    unknown = Indicator("transactions", 0.0, None, None, enough_history=False)
    assert POLICY.severities.departure([part, unknown, *four()], "new") == 0.0
    within = Indicator("transactions", 15.0, 11.9, None, baseline=21.4, deviations=-1.7)
    assert POLICY.severities.departure([within], "new") == 0.0


@pytest.mark.parametrize(
    ("edit", "field"),
    [
        (lambda said: said.pop("author"), "author"),
        (lambda said: said.update(reason=""), "reason"),
        (lambda said: said.update(note="x"), "note"),
        (lambda said: said["severity"]["weights"].update(transactions=0.9), "weights: must be 1 altogether"),
        (lambda said: said["severity"]["weights"].pop("product-use"), "weights: name each of"),
        (lambda said: said["severity"]["worth"].update(high=float("inf")), r"severity\.worth\.high"),
        (lambda said: said["severity"]["worth"].update(high=0), r"severity\.worth\.high"),
        (lambda said: said["severity"]["emphasis"].update(dormant={}), "severity.emphasis.dormant"),
        (lambda said: said["severity"]["emphasis"]["new"].update(recency=2), "severity.emphasis.new.recency"),
        (lambda said: said["severity"].update(medium_from=2.0), "high_from: must be above medium_from"),
        (lambda said: said["severity"].update(high_from=3.9), "high_from: must be below 3.*or none is high"),
        (lambda said: said["severity"].update(medium_from=-1.0), r"severity\.medium_from"),
        (lambda said: said["ageing"].pop("low"), "ageing: name each of"),
        (lambda said: said["ageing"]["high"]["opened"].update(within_hours=48), "escalations: the first must not be"),
        (
            lambda said: said["ageing"]["high"]["opened"]["escalations"].reverse(),
            "escalations: each must be later than the one before",
        ),
        (
            lambda said: said["ageing"]["low"]["opened"].update(within_hours=1),
            r"ageing\.medium\.opened\.within_hours: must not be above that of low",
        ),
        (
            lambda said: said["ageing"]["high"]["opened"]["escalations"][0].update(to="rm"),
            r"ageing\.high\.opened\.escalations\.0\.to",
        ),
        (lambda said: said.update(longest_snooze_days=0), "longest_snooze_days"),
        (lambda said: said.update(effective_from="2026-01-02"), "effective_from: 2026-01-02 is still to come"),
    ],
)
def test_a_policy_that_breaks_a_rule_is_refused_with_the_field_named(tmp_path: Path, edit: Edit, field: str) -> None:
    said = json.loads(PUBLISHED.read_bytes())
    edit(said)
    broken = tmp_path / "policy.json"
    broken.write_text(json.dumps(said))
    with pytest.raises(DocumentInvalid, match=rf"policy\.json: .*{field}"):
        read_policy_versions(broken, today=TODAY)


def test_a_policy_by_which_no_alert_would_be_low_is_refused_beside_the_model_that_opens_them() -> None:
    """Who is worth least, at the threshold, with nothing out of range: there is no alert that is less urgent."""
    least = DOCUMENT.severity.least_worth * RULES.model.upper
    for lowest, is_taken in ((least - 1e-6, False), (least + 1e-6, True)):
        severity = DOCUMENT.severity.model_copy(update={"medium_from": lowest})
        documents = [
            DOCUMENT,
            DOCUMENT.model_copy(update={"version": 2, "effective_from": TODAY, "severity": severity}),
        ]
        if is_taken:
            assert policy_of(documents, RULES).newest.severities.medium_from == lowest
        else:
            with pytest.raises(DocumentInvalid, match=r"version 2: severity\.medium_from: must be above 0\.55"):
                policy_of(documents, RULES)


def test_a_policy_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentInvalid, match="cannot be read"):
        read_policy_versions(tmp_path / "none.json", today=TODAY)


def test_what_is_shown_of_the_policy_is_the_document() -> None:
    assert DOCUMENT.model_dump(mode="json") == json.loads(PUBLISHED.read_bytes())
