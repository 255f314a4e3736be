"""Expected activity: two independent ways to compute it agree, and neither is ever not a number."""

import random
from math import exp, isfinite, isnan

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import beta

from rapport.behaviour.expectation import _by_integral, _by_series, expected_activity
from rapport.behaviour.lifetime import (
    BgParameters,
    History,
    MbgParameters,
    Parameters,
    age_when_silence_reaches,
    probability_alive,
    probability_silent,
)

logs = st.floats(-4.0, 4.0).map(exp)


@given(st.sampled_from([0, 1, 5, 50, 1000]), st.floats(-2.0, 3.0), logs, logs, st.floats(-6.0, 2.0).map(exp))
def test_series_and_integral_agree(frequency: int, log_leaves: float, r: float, b: float, ratio: float) -> None:
    leaves, stays = exp(log_leaves), b + frequency + 1.0
    shape = min(r + frequency, leaves + stays - 1.0)
    assert _by_integral(shape, leaves, stays, ratio) == pytest.approx(_by_series(shape, leaves, stays, ratio), rel=1e-9)


@given(st.integers(0, 50), st.floats(-3.0, 2.0).map(exp), logs, st.floats(0.01, 30.0), st.floats(-6.0, 2.0).map(exp))
def test_terms_of_both_signs_are_summed_exactly_or_left_to_the_integral(
    frequency: int, leaves: float, b: float, excess: float, ratio: float
) -> None:
    stays = b + frequency + 1.0
    shape = leaves + stays - 1.0 + excess
    series = _by_series(shape, leaves, stays, ratio)
    assert isnan(series) or series == pytest.approx(_by_integral(shape, leaves, stays, ratio), rel=1e-9)


def test_a_busy_population_needs_no_integral_and_a_difference_of_equals_does() -> None:
    assert not isnan(_by_series(shape=12.5, leaves=0.3, stays=12.5, ratio=2.0))
    assert isnan(_by_series(shape=60.0, leaves=0.1, stays=1.1, ratio=9.0))
    assert isnan(_by_series(shape=1e-6, leaves=0.9, stays=1e3, ratio=1e-3))


def test_the_integral_is_that_of_a_library() -> None:
    for shape, leaves, stays, ratio in [(0.5, 0.9, 2.6, 50.0), (30.0, 2.5, 4.0, 3.0), (7.5, 0.4, 8.6, 200.0)]:

        def per_departure(p: float, shape: float = shape, ratio: float = ratio) -> float:
            return (1.0 - float((1.0 + p * ratio) ** -shape)) / p

        parts = [(0.0, 1e-4), (1e-4, 1e-2), (1e-2, 0.5), (0.5, 1.0)]
        expected = sum(
            quad(lambda p: per_departure(p) * beta.pdf(p, leaves, stays), *part, limit=500)[0]  # noqa: B023
            for part in parts
        )
        assert _by_integral(shape, leaves, stays, ratio) == pytest.approx(expected, rel=1e-6)


def test_a_customer_expected_to_leave_half_the_time_needs_no_pole() -> None:
    history = History(3, 20.0, 30.0)
    near = [expected_activity(MbgParameters(0.5, 6.0, a, 1.6), history, 52.0) for a in (1.0 - 1e-9, 1.0, 1.0 + 1e-9)]
    assert near[0] == pytest.approx(near[1], rel=1e-8)
    assert near[2] == pytest.approx(near[1], rel=1e-8)


def test_a_customer_who_came_once_needs_no_pole_at_a_plus_b_of_one_in_bg() -> None:
    once = History(0, 0.0, 30.0)
    at = [expected_activity(BgParameters(0.5, 6.0, 0.25, b), once, 52.0) for b in (0.75 - 1e-9, 0.75, 0.75 + 1e-9)]
    assert at[0] == pytest.approx(at[1], rel=1e-8)
    assert at[2] == pytest.approx(at[1], rel=1e-8)


@given(st.floats(0.0, 500.0), st.floats(0.0, 500.0))
def test_expected_activity_rises_with_the_horizon_from_zero(shorter: float, longer: float) -> None:
    of, history = MbgParameters(0.525, 6.183, 0.891, 1.614), History(7, 29.43, 38.86)
    assert expected_activity(of, history, 0.0) == 0.0
    low, high = sorted((shorter, longer))
    assert expected_activity(of, history, low) <= expected_activity(of, history, high) * (1.0 + 1e-12)


def test_it_has_a_known_value() -> None:
    of = BgParameters(0.243, 4.414, 0.793, 2.426)
    assert expected_activity(of, History(2, 30.43, 38.86), 39.0) == pytest.approx(1.226, abs=5e-4)


def test_twenty_thousand_random_customers_give_no_number_that_is_none() -> None:
    draw = random.Random(20_240_229)
    for _ in range(20_000):
        frequency, age = draw.choice([0, 1, 2, 5, 20, 100, 500, 1000, 3000]), 10.0 ** draw.uniform(-3.0, 4.0)
        values = [exp(draw.uniform(-7.0, 7.0)) for _ in range(4)]
        of: Parameters = MbgParameters(*values) if draw.random() < 0.5 else BgParameters(*values)
        history = History(frequency, draw.uniform(0.0, age) if frequency else 0.0, age)
        horizon = 10.0 ** draw.uniform(-3.0, 4.0)
        expected = expected_activity(of, history, horizon)
        assert isfinite(expected)
        assert expected >= 0.0
        assert 0.0 <= probability_alive(of, history) <= 1.0
        assert 0.0 <= probability_silent(of, history, horizon) <= 1.0
        assert isfinite(age_when_silence_reaches(of, history, horizon, draw.uniform(0.001, 0.999)))
