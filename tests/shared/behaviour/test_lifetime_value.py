"""Lifetime value: the definition summed otherwise, in money, and never without a value."""

from math import exp, isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.behaviour.expectation import expected_activity
from rapport.behaviour.lifetime import BgParameters, History, MbgParameters, Parameters
from rapport.behaviour.lifetime_value import Terms, discounted_activity, lifetime_value

CDNOW = MbgParameters(0.525, 6.183, 0.891, 1.614)
YEAR = Terms(periods=12, period=365.0 / 84.0, discount=0.01, margin=1.0, calibration=1.0)
HISTORY = History(7, 29.43, 38.86)

logs = st.floats(-4.0, 4.0).map(exp)
models = st.sampled_from([MbgParameters, BgParameters])
parameters = st.builds(lambda model, *values: model(*values), models, logs, logs, logs, logs)
terms = st.builds(Terms, st.integers(1, 60), st.floats(0.1, 60.0), st.floats(0.0, 0.5), st.just(1.0), st.just(1.0))


@st.composite
def histories(draw: st.DrawFn) -> History:
    age = draw(st.floats(0.0, 3000.0))
    frequency = draw(st.sampled_from([0, 0, 1, 2, 10, 500, 3000]))
    return History(frequency, draw(st.floats(0.0, age)) if frequency else 0.0, age)


def by_definition(of: Parameters, history: History, at: Terms) -> float:
    """Period by period, as the formula is printed: each one's activity by a difference."""
    reached = [expected_activity(of, history, at.period * number) for number in range(at.periods + 1)]
    periods = enumerate(zip(reached, reached[1:], strict=False), start=1)
    return sum((later - earlier) / (1.0 + at.discount) ** number for number, (earlier, later) in periods)


@given(parameters, histories(), terms)
def test_it_is_the_definition_without_its_differences(of: Parameters, history: History, at: Terms) -> None:
    until_the_end = expected_activity(of, history, at.period * at.periods)
    assert discounted_activity(of, history, at) == pytest.approx(
        by_definition(of, history, at), rel=1e-9, abs=1e-11 * until_the_end
    )


def test_without_a_discount_it_is_the_activity_until_the_end() -> None:
    plain = Terms(12, 1.0, 0.0, 1.0, 1.0)
    assert discounted_activity(CDNOW, HISTORY, plain) == expected_activity(CDNOW, HISTORY, 12.0)


def test_a_discount_takes_off_at_least_that_of_the_first_period_and_at_most_that_of_the_last() -> None:
    plain = discounted_activity(CDNOW, HISTORY, Terms(12, 1.0, 0.0, 1.0, 1.0))
    discounted = discounted_activity(CDNOW, HISTORY, Terms(12, 1.0, 0.02, 1.0, 1.0))
    assert plain / 1.02**12 < discounted < plain / 1.02


def test_margin_and_calibration_and_the_spend_of_an_activity_multiply() -> None:
    activity = discounted_activity(CDNOW, HISTORY, YEAR)
    terms = Terms(12, 365.0 / 84.0, 0.01, margin=0.25, calibration=1.2)
    assert lifetime_value(CDNOW, HISTORY, 80.0, terms) == pytest.approx(0.25 * 1.2 * 80.0 * activity, rel=1e-12)


@pytest.mark.parametrize("x", [0, 500, 3000])
@pytest.mark.parametrize("a", [1e-2, 1.0 - 1e-9, 1.0, 30.0])
@pytest.mark.parametrize("periods", [1, 12, 300])
@pytest.mark.parametrize("model", [MbgParameters, BgParameters])
def test_it_always_has_a_value(x: int, a: float, periods: int, model: type[Parameters]) -> None:
    history = History(x, 364.0 if x else 0.0, 365.0)
    value = lifetime_value(model(0.525, 6.183, a, 1.614), history, 35.0, Terms(periods, 52.0, 0.08, 1.0, 1.0))
    assert isfinite(value)
    assert value > 0.0


def test_a_year_beyond_any_horizon_is_worth_nothing_more() -> None:
    longer = Terms(1000, 52.0, 0.1, 1.0, 1.0)
    shorter = Terms(400, 52.0, 0.1, 1.0, 1.0)
    assert discounted_activity(CDNOW, HISTORY, longer) == pytest.approx(
        discounted_activity(CDNOW, HISTORY, shorter), rel=1e-12
    )
    assert isfinite(discounted_activity(CDNOW, HISTORY, Terms(500, 1.0, 1e300, 1.0, 1.0)))


@pytest.mark.parametrize(
    "wrong",
    [
        (0, 1.0, 0.0, 1.0, 1.0),
        (12, 0.0, 0.0, 1.0, 1.0),
        (12, float("inf"), 0.0, 1.0, 1.0),
        (12, 1.0, -0.1, 1.0, 1.0),
        (12, 1.0, float("nan"), 1.0, 1.0),
        (12, 1.0, 0.0, 1.1, 1.0),
        (12, 1.0, 0.0, 1.0, 0.0),
        (12, 1.0, 0.0, 1.0, float("nan")),
    ],
)
def test_terms_that_value_nothing_are_refused(wrong: tuple[int, float, float, float, float]) -> None:
    with pytest.raises(ValueError, match=r"at least one period|a calibration positive"):
        Terms(*wrong)
