"""Buy till you die: golden values, bounds, and crossings that agree with the probabilities they are crossings of."""

import json
from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.behaviour.expectation import expected_activity
from rapport.behaviour.lifetime import (
    BgParameters,
    History,
    MbgParameters,
    Parameters,
    age_when_alive_falls_to,
    age_when_silence_reaches,
    probability_alive,
    probability_gone,
    probability_silent,
)
from tests.support.data import data_file

logs = st.floats(-5.0, 5.0).map(exp)
models = st.sampled_from([MbgParameters, BgParameters])
parameters = st.builds(lambda model, *values: model(*values), models, logs, logs, logs, logs)
thresholds = st.floats(0.01, 0.99)
horizons = st.floats(-3.0, 6.0).map(exp)


@st.composite
def histories(draw: st.DrawFn) -> History:
    age = draw(st.floats(0.0, 5000.0))
    frequency = draw(st.sampled_from([0, 0, 1, 2, 3, 10, 100, 500, 1000, 3000]))
    return History(frequency, draw(st.floats(0.0, age)) if frequency else 0.0, age)


def test_golden_values_of_sixty_digits_are_met_to_1e_10() -> None:
    golden = json.loads(data_file("golden/btyd_golden.json").read_text())
    model: dict[str, Parameters] = {
        "bg": BgParameters(*map(float, golden["params"]["bg"])),
        "mbg": MbgParameters(*map(float, golden["params"]["mbg"])),
    }
    assert len(golden["cases"]) == 72
    for case in golden["cases"]:
        of, history = model[case["model"]], History(case["x"], case["tx"], case["T"])
        assert probability_alive(of, history) == pytest.approx(case["p_alive"], rel=1e-10)
        assert probability_silent(of, history, case["t"]) == pytest.approx(case["p_none"], rel=1e-10)
        assert expected_activity(of, history, case["t"]) == pytest.approx(case["e_y"], rel=1e-10)


@given(parameters, histories(), horizons)
def test_probabilities_stay_within_bounds(of: Parameters, history: History, horizon: float) -> None:
    alive, gone = probability_alive(of, history), probability_gone(of, history)
    assert 0.0 <= alive <= 1.0
    assert alive + gone == pytest.approx(1.0)
    assert gone * (1.0 - 1e-12) <= probability_silent(of, history, horizon) <= 1.0


@given(parameters, histories(), horizons, st.floats(0.0, 1000.0), st.floats(0.0, 1000.0))
def test_silence_raises_the_chance_of_more_and_a_longer_horizon_lowers_it(
    of: Parameters, history: History, horizon: float, silence: float, longer: float
) -> None:
    now = probability_silent(of, history, horizon)
    later = probability_silent(of, history._replace(age=history.age + silence), horizon)
    assert later >= now * (1.0 - 1e-12)
    assert probability_silent(of, history, horizon + longer) <= now * (1.0 + 1e-12)


def test_activity_lowers_the_chance_of_silence_of_a_customer_fallen_silent() -> None:
    of = MbgParameters(0.525, 6.183, 0.891, 1.614)
    assert probability_silent(of, History(4, 50.0, 50.0), 13.0) < probability_silent(of, History(3, 30.0, 50.0), 13.0)


@given(parameters, histories(), thresholds)
def test_the_age_of_a_falling_p_alive_is_where_it_has_fallen(of: Parameters, history: History, level: float) -> None:
    age = age_when_alive_falls_to(of, history, level)
    if age < 1e12 and age > history.recency:
        assert probability_alive(of, history._replace(age=age)) == pytest.approx(level, rel=1e-6)
    elif age <= history.recency:
        assert probability_alive(of, history._replace(age=history.recency)) <= level * (1.0 + 1e-9)


def test_who_came_once_is_alive_for_ever_in_bg_and_not_in_mbg() -> None:
    once = History(0, 0.0, 400.0)
    assert probability_alive(BgParameters(0.243, 4.414, 0.793, 2.426), once) == 1.0
    assert age_when_alive_falls_to(BgParameters(0.243, 4.414, 0.793, 2.426), once, 0.5) == float("inf")
    assert probability_alive(MbgParameters(0.525, 6.183, 0.891, 1.614), once) < 0.5


@given(parameters, histories(), horizons, thresholds)
def test_silence_reaches_its_threshold_at_the_computed_age_and_not_before(
    of: Parameters, history: History, horizon: float, threshold: float
) -> None:
    age = age_when_silence_reaches(of, history, horizon, threshold)
    assert probability_silent(of, history._replace(age=age), horizon) >= threshold
    before = age - 3e-9 * (of.alpha + age)
    if before > history.age:
        assert probability_silent(of, history._replace(age=before), horizon) < threshold + 1e-12
    else:
        assert age - history.age <= 3e-9 * (of.alpha + age)


@given(st.integers(0, 300), st.floats(0.0, 1.0), st.floats(7.0, 90.0), st.floats(0.05, 0.95), st.floats(0.0, 1.0))
def test_waiting_does_not_move_the_crossing(
    frequency: int, gap: float, horizon: float, threshold: float, waited: float
) -> None:
    of, last = MbgParameters(0.525, 43.281, 0.891, 1.614), frequency * 30.0 * gap
    history = History(frequency, last, last)
    age = age_when_silence_reaches(of, history, horizon, threshold)
    later = history._replace(age=history.age + waited * (age - history.age))
    assert age_when_silence_reaches(of, later, horizon, threshold) == pytest.approx(age, rel=1e-8, abs=1e-6)


@given(parameters, histories(), horizons, thresholds)
def test_the_unit_of_time_does_not_matter(of: Parameters, history: History, horizon: float, threshold: float) -> None:
    in_days = type(of)(of.r, of.alpha * 7.0, of.a, of.b)
    days = History(history.frequency, history.recency * 7.0, history.age * 7.0)
    weekly, daily = probability_silent(of, history, horizon), probability_silent(in_days, days, horizon * 7.0)
    assert daily == pytest.approx(weekly, rel=1e-9)


def test_parameters_are_carried_from_weeks_to_days() -> None:
    assert MbgParameters(0.5, 6.0, 0.9, 1.6).in_unit(0.125) == MbgParameters(0.5, 48.0, 0.9, 1.6)


@pytest.mark.parametrize("wrong", [0.0, -1.0, float("nan"), float("inf")])
def test_parameters_are_positive_and_finite(wrong: float) -> None:
    with pytest.raises(ValueError, match="positive and finite"):
        MbgParameters(0.5, wrong, 0.9, 1.6)
    with pytest.raises(ValueError, match="positive and finite"):
        BgParameters(0.5, 6.0, 0.9, wrong)


@pytest.mark.parametrize("wrong", [0.0, 1.0])
def test_certainty_is_never_crossed(wrong: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        age_when_silence_reaches(MbgParameters(0.5, 6.0, 0.9, 1.6), History(3, 2.0, 4.0), 12.0, wrong)
