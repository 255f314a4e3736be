"""What a customer gets is the better entitlement and the stricter control of all rules that hold, in any order."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given as forall
from hypothesis import strategies as st

from scoring.policy.documents import PolicyDocument
from scoring.policy.domain.measures import MEASURES
from scoring.policy.domain.rules import Condition, Policy, given, unknown_tiers
from scoring.policy.files import PUBLISHED

RAW: dict[str, Any] = json.loads((PUBLISHED / "retail-cny-1.json").read_text())
POLICY = PolicyDocument.model_validate(RAW).policy(1, datetime(1990, 1, 1, tzinfo=UTC))
NOBODY: dict[Condition, str] = {
    "tier": "low", "rank": "3", "type": "personal", "attribute": "ordinary", "activity": "low", "lifecycle": "mature",
    "segment": "unknown",
}  # fmt: skip
MEETS: dict[str, dict[Condition, str]] = {
    "everybody": {},
    "second-tier": {"rank": "2"},
    "top-tier": {"rank": "1"},
    "high-net-worth": {"attribute": "hnw"},
    "companies-and-institutions": {"type": "institution"},
    "active": {"activity": "high"},
    "newcomers": {"lifecycle": "new"},
    "lost": {"lifecycle": "lost"},
    "type-not-told": {"type": "unknown"},
}
who = st.fixed_dictionaries(
    {
        "rank": st.sampled_from(["1", "2", "3", "unknown"]),
        "type": st.sampled_from(["personal", "corporate", "institution", "unknown"]),
        "attribute": st.sampled_from(["ordinary", "medium", "hnw"]),
        "activity": st.sampled_from(["low", "medium", "high"]),
        "lifecycle": st.sampled_from(["potential", "new", "mature", "lost", "unknown"]),
    }
)


def values(policy: Policy, customer: dict[Condition, str], kind: Any) -> dict[str, Any]:
    return {one.grant.measure: one.grant.value for one in given(policy, customer, kind)}


def reckoned(customer: dict[str, str], listed: str) -> dict[str, Any]:
    """From the document itself: all values of all rules that hold, then the best of each."""
    found: dict[str, list[Any]] = {}
    for rule in RAW["rules"]:
        if all(customer.get(name, "unknown") in [str(one) for one in said] for name, said in rule["when"].items()):
            for grant in rule[listed]:
                found.setdefault(grant["measure"], []).append(grant["value"])
    return {name: (max if MEASURES[name].counts == "most" else min)(said) for name, said in found.items()}


@pytest.mark.parametrize("name", MEETS)
def test_each_published_rule_holds_for_whom_it_means_and_gives_what_it_says(name: str) -> None:
    (rule,) = (rule for rule in RAW["rules"] if rule["name"] == name)
    meant, other = NOBODY | MEETS[name], NOBODY
    for kind, listed in (("entitlement", "entitlements"), ("risk", "risk")):
        got, without = values(POLICY, meant, kind), values(POLICY, other, kind)
        for grant in rule[listed]:
            measure = MEASURES[grant["measure"]]
            assert got[grant["measure"]] == grant["value"] or measure.outweighs(got[grant["measure"]], grant["value"])
            if name != "everybody":
                assert without.get(grant["measure"]) != grant["value"]
    named = {one.rule for kind in ("entitlement", "risk") for one in given(POLICY, meant, kind)}
    assert name in named


def test_every_published_rule_is_checked() -> None:
    assert set(MEETS) == {rule["name"] for rule in RAW["rules"]}


@forall(who, st.randoms(use_true_random=False))
def test_what_a_customer_gets_is_the_best_of_all_rules_that_hold_in_any_order(
    customer: dict[Any, str], shuffled: Any
) -> None:
    rules = list(POLICY.rules)
    shuffled.shuffle(rules)
    for kind, listed in (("entitlement", "entitlements"), ("risk", "risk")):
        assert values(POLICY, customer, kind) == reckoned(customer, listed)
        assert values(replace(POLICY, rules=tuple(rules)), customer, kind) == reckoned(customer, listed)


@forall(who, who)
def test_a_rule_more_never_takes_an_entitlement_or_loosens_a_control(a: dict[Any, str], b: dict[Any, str]) -> None:
    for place in range(len(POLICY.rules)):
        fewer = replace(POLICY, rules=POLICY.rules[:place] + POLICY.rules[place + 1 :])
        for customer in (a, b):
            for kind in ("entitlement", "risk"):
                less, more = values(fewer, customer, kind), values(POLICY, customer, kind)
                assert set(less) <= set(more)
                assert not any(MEASURES[name].outweighs(less[name], more[name]) for name in less)


def test_of_two_rules_with_the_same_value_the_first_is_named() -> None:
    named = {
        one.grant.measure: one.rule for one in given(POLICY, NOBODY | {"type": "unknown", "lifecycle": "lost"}, "risk")
    }
    assert named["manual-credit-decision"] == "lost"
    assert named["transfer-review"] == "lost"
    assert named["due-diligence-months"] == "everybody"


def test_what_is_not_known_meets_only_rules_that_say_so() -> None:
    unknown: dict[Condition, str] = dict.fromkeys(NOBODY, "unknown")
    assert {one.rule for one in given(POLICY, unknown, "entitlement")} == {"everybody"}
    assert {one.rule for one in given(POLICY, unknown, "risk")} == {"everybody", "type-not-told"}


def test_a_tier_that_no_ladder_has_is_found() -> None:
    rule = replace(POLICY.rules[1], when={"tier": ["low", "gold"]})
    (fault,) = unknown_tiers([POLICY.rules[0], rule], {"low", "middle", "high"})
    assert str(fault) == "rules.1.when.tier.1: is no tier of the bank: high, low, middle"


def test_a_rule_may_mean_a_segment() -> None:
    rule = replace(POLICY.rules[2], when={"segment": ["savers"]})
    policy = replace(POLICY, rules=(rule,))
    assert given(policy, NOBODY | {"segment": "savers"}, "entitlement")
    assert not given(policy, NOBODY, "entitlement")
