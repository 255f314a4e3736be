"""Why this tier, in sentences."""

from dataclasses import replace

import pytest

from scoring.scorecard.domain import Feature, Values
from scoring.standing.domain.decision import Decision
from scoring.standing.domain.evidence import Evidence, evidence_of
from scoring.standing.domain.languages import value_of
from scoring.standing.domain.people import PeopleAct
from scoring.standing.domain.state import Bank, Standing, fold_posting
from scoring.standing.domain.tiering import decide
from scoring.standing.domain.words import explain, told
from tests.scoring.rules import BALANCE, BANK, DAYS, OVERDRAFTS, TREND, card, rules
from tests.scoring.standing.test_state import NOON, posting


def decision() -> Decision:
    standing = Standing("c-1")
    fold_posting(standing, posting(minor=1, is_credit=True, balance_after=250_000), BANK.zone)
    made = decide(standing, rules(), NOON)
    assert made is not None
    return made


def test_a_decision_is_told_in_one_breath() -> None:
    assert explain(decision(), BANK) == (
        "The customer was first rated middle on 2025-03-03 with 75 points (value 60, behaviour 5, potential 4, risk 6;"
        " scorecard 1). Held down most by active days (1 day: 5 points, a typical customer has 8)."
    )


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("low", "middle", "rose from low to middle"),
        ("low", "high", "rose from low to high"),
        ("middle", "high", "rose from middle to high"),
        ("high", "middle", "fell from high to middle"),
        ("high", "low", "fell from high to low"),
        ("middle", "low", "fell from middle to low"),
        ("gold", "middle", "came from gold of another ladder to middle"),
        ("high", "high", "stayed high, now step 1 of 3 from the top,"),
    ],
)
def test_the_direction_of_a_change_is_named(old: str, new: str, words: str) -> None:
    changed = replace(decision(), old_tier=old, tier=new)
    assert f"The customer {words} on 2025-03-03" in explain(changed, BANK)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        ("override-began", "by people's override"),
        ("override-replaced", "by people's override that replaced another"),
        ("override-ended", "as people's override ended"),
        ("override-revoked", "as people revoked their override"),
        ("automation-refused", "as automated decisions were refused"),
        ("refusal-withdrawn", "as the refusal of automated decisions was taken back"),
        ("consent-refused", "as consent to tiering was declined or withdrawn"),
        ("consent-given", "as consent to tiering was given"),
    ],
)
def test_what_people_did_is_named_in_what_is_kept_for_staff(act: PeopleAct, words: str) -> None:
    said = explain(replace(decision(), people_act=act), BANK)
    assert f"on 2025-03-03 {words}, with 75 points (" in said and "Held down" not in said


def test_who_is_nowhere_below_a_typical_customer_has_no_reasons() -> None:
    best = Values(2e6, 0, 0.0, None, None, 60, 0, None, 1.5, 0.0, 0.0)
    said = explain(replace(decision(), evidence=evidence_of(card(), best)), BANK)
    assert said.endswith("Nothing earns fewer points than a typical customer has.")


def item(feature: Feature, value: float | None) -> Evidence:
    return Evidence(feature, value, None if value is None else 0, 0)


def test_values_are_said_in_their_units() -> None:
    def said(feature: Feature, value: float | None, bank: Bank = BANK) -> str:
        return value_of(value, feature.unit, bank).en

    assert said(BALANCE, 123_456_789.4) == "1,234,567.89 CNY"
    assert said(BALANCE, -50.0) == "-0.50 CNY"
    assert said(BALANCE, 1500.0, Bank("JPY", 0, BANK.zone)) == "1,500 JPY"
    assert (said(DAYS, 1.0), said(DAYS, 12.0)) == ("1 day", "12 days")
    assert [said(OVERDRAFTS, times) for times in (0.0, 1e-7, 0.25, 1.0, 1.4)] == ["none", "none", "few", "few", "many"]
    assert (said(TREND, 0.843), said(TREND, None)) == ("84% of the 90-day average", "not known yet")


def test_evidence_is_told_with_decimal_strings() -> None:
    balance, *_, trend, _ = evidence_of(card(), Values(250_000.0, 0, 0.0, None, None, 3, 0, None, None, 0.0, 0.0))
    assert told(balance, BANK) == {
        "feature": "average_balance",
        "dimension": "value",
        "words": "average balance",
        "unit": "money",
        "value": "2500.00",
        "bin_from": "1000.00",
        "bin_below": "10000.00",
        "points": 60,
        "typical_points": 50.0,
        "shortfall": -10.0,
    }
    assert [told(trend, BANK)[name] for name in ("value", "bin_from", "bin_below")] == [None, None, None]  # type: ignore[literal-required]
