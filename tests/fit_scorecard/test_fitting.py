"""Points follow from log-odds, wrong signs are dropped, and the same data give the same scorecard to the bit."""

from math import log, nan

import numpy as np
import pytest
from numpy.typing import NDArray

from fit_scorecard.fitting import FACTOR, Fitted, Variable, fit

A, B, NOISE = Variable("a", 1), Variable("b", 1), Variable("noise")


def bank(seed: int = 1, size: int = 6000) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """`a` raises the odds of the outcome; `b` only follows `a`, and lowers them beside it; `noise` does neither."""
    rng = np.random.default_rng(seed)
    a = rng.normal(size=size)
    b = 2 * a + rng.normal(size=size)
    outcome = (rng.random(size) < 1 / (1 + np.exp(1 - 2.5 * a + 0.6 * b))).astype(np.float64)
    return np.column_stack([a, b, rng.normal(size=size)]), outcome


def test_a_variable_that_counts_the_wrong_way_beside_the_others_is_dropped_with_the_reason() -> None:
    table, outcome = bank()
    alone = fit(table[:, 1:2], outcome, [B])
    assert alone.features["b"].points[-1] > alone.features["b"].points[0]
    fitted = fit(table, outcome, [A, B, NOISE])
    assert "b" not in fitted.features
    assert fitted.dropped["b"].startswith("wrong sign: a weight of -")
    assert {*fitted.features, *fitted.dropped} == {"a", "b", "noise"}


def test_a_variable_that_was_known_of_nobody_is_dropped_for_that_and_not_for_what_it_says() -> None:
    table, outcome = bank()
    table[:, 1], table[:, 2] = nan, 7.0
    assert fit(table, outcome, [A, B, NOISE]).dropped == {
        "b": "was not known of anybody",
        "noise": "no two bins of enough samples that differ in the direction it may count",
    }


def test_twenty_points_double_the_odds() -> None:
    value = np.repeat([0.0, 1.0, 2.0], 5000)
    odds = np.repeat([0.25, 1.0, 8.0], 5000)
    outcome = (np.tile(np.arange(5000) / 5000, 3) < odds / (1 + odds)).astype(np.float64)
    points = fit(value[:, None], outcome, [A]).features["a"]
    assert points.edges == (1.0, 2.0)
    assert points.points == (0, 40, 100)
    assert FACTOR * log(2) == pytest.approx(20)


def test_points_are_whole_begin_at_zero_and_neighbours_differ() -> None:
    fitted = fit(*bank(), [A, B, NOISE])
    for points in fitted.features.values():
        assert min(points.points) == 0 and all(isinstance(one, int) for one in points.points)
        assert len(points.points) == len(points.edges) + 1
        assert list(points.points) in (sorted(set(points.points)), sorted(set(points.points), reverse=True))


def test_what_is_unknown_may_earn_what_a_known_value_does_whatever_those_are_worth() -> None:
    table, outcome = bank()
    poor = (outcome == 0) & (np.arange(len(outcome)) % 20 == 0)
    table[poor, 0] = nan
    points = fit(table[:, :1], outcome, [A._replace(unknown_as=99.0)]).features["a"]
    assert points.points_if_unknown == points.points[-1] > 0


def test_what_is_unknown_earns_what_those_of_whom_it_is_unknown_are_worth() -> None:
    table, outcome = bank()
    poor = (outcome == 0) & (np.arange(len(outcome)) % 5 == 0)
    table[poor, 0] = nan
    worst = fit(table, outcome, [A, B, NOISE]).features["a"]
    assert worst.points_if_unknown == 0
    rich = (outcome == 1) & (np.arange(len(outcome)) % 5 == 0)
    table, outcome = bank()
    table[rich, 0] = nan
    best = fit(table, outcome, [A, B, NOISE]).features["a"]
    assert best.points_if_unknown == best.points[-1]


def test_a_typical_customer_earns_the_mean_of_the_samples() -> None:
    table, outcome = bank()
    fitted = fit(table, outcome, [A, B, NOISE])
    typical = sum(points.typical_points for points in fitted.features.values())
    assert typical == pytest.approx(fitted.points_of(table, [A, B, NOISE]).mean(), abs=0.1 * len(fitted.features))


def test_the_same_data_and_seed_give_the_same_scorecard_to_the_bit() -> None:
    def again() -> Fitted:
        return fit(*bank(), [A, B, NOISE], seed=3)

    assert again() == again()
    assert fit(*bank(2), [A, B, NOISE], seed=3) != again()


def test_samples_that_nothing_tells_apart_are_refused_with_the_remedy() -> None:
    table, outcome = bank(size=30)
    with pytest.raises(ValueError, match="give more samples"):
        fit(np.zeros_like(table), outcome, [A, B, NOISE])
