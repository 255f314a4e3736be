"""Rates with their intervals, the four-fifths rule, and silence where there are too few."""

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from rapport.behaviour.rates import wilson
from scoring.fairness.domain import LEAST, Attribute, Finding, Group, findings


def group(name: str, high: int, low: int, *, attribute: Attribute = "gender", falls: int = 0, false: int = 0) -> Group:
    return Group(attribute, name, {"high": high, "low": low}, falls, false)


def by_name(*groups: Group) -> dict[str, Finding]:
    return {one.group.name: one for one in findings(groups, "high")}


@given(st.integers(1, 5000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_intervals_are_those_of_wilson(case: tuple[int, int]) -> None:
    hits, of = case
    interval = binomtest(hits, of).proportion_ci(0.95, method="wilson")
    rate = wilson(hits, of)
    assert rate == pytest.approx((hits / of, interval.low, interval.high), abs=1e-6)
    assert 0 <= rate.low <= rate.value <= rate.high <= 1


def test_an_interval_solves_the_equation_of_the_score_test() -> None:
    rate = wilson(17, 140)
    for edge in (rate.low, rate.high):
        assert abs(rate.value - edge) == pytest.approx(1.959964 * sqrt(edge * (1 - edge) / 140), abs=1e-12)


def test_each_group_is_held_against_the_best_off_of_its_own_attribute() -> None:
    said = by_name(
        group("female", 200, 800),
        group("male", 170, 830),
        group("north", 400, 600, attribute="region"),
        group("south", 100, 900, attribute="region"),
    )
    assert (said["female"].ratio, said["male"].ratio) == (1.0, pytest.approx(0.85))
    assert (said["north"].ratio, said["south"].ratio) == (1.0, pytest.approx(0.25))
    assert [said[name].verdict for name in ("female", "male", "north", "south")] == ["met", "met", "met", "missed"]
    assert said["male"].shares == {"high": 0.17, "low": 0.83}


def test_below_four_fifths_by_what_may_be_chance_is_unclear() -> None:
    few, many = by_name(group("a", 20, 80), group("b", 15, 85)), by_name(group("a", 2000, 8000), group("b", 1500, 8500))
    assert few["b"].ratio == many["b"].ratio == pytest.approx(0.75)
    assert (few["b"].verdict, many["b"].verdict) == ("unclear", "missed")


def test_of_too_few_nothing_is_said_and_nobody_is_held_against_them() -> None:
    said = by_name(group("tiny", LEAST - 1, 0), group("a", 10, 190), group("b", 9, 191))
    tiny = said["tiny"]
    assert (tiny.selection, tiny.shares, tiny.ratio, tiny.verdict) == (None, None, None, "too few to say")
    assert said["a"].ratio == 1.0


def test_the_unknown_are_shown_and_neither_compared_nor_a_measure_for_others() -> None:
    said = by_name(group("unknown", 500, 500), group("a", 10, 190))
    assert said["unknown"].selection == wilson(500, 1000)
    assert (said["unknown"].ratio, said["unknown"].verdict) == (None, "not compared")
    assert said["a"].ratio == 1.0


def test_where_nobody_is_selected_nobody_is_compared() -> None:
    said = by_name(group("a", 0, 200), group("b", 0, 300))
    assert {one.verdict for one in said.values()} == {"not compared"}


def test_false_alarms_are_a_share_of_the_falls_and_not_of_the_customers() -> None:
    said = by_name(
        group("a", 1, 999, falls=LEAST, false=12), group("b", 1, 999, falls=LEAST - 1, false=12), group("c", 1, 99)
    )
    assert said["a"].false_alarms == wilson(12, LEAST)
    assert said["b"].false_alarms is said["c"].false_alarms is None
