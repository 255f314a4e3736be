"""Many customers at once: each has what the scalar form says of them, whatever the parameters and the others."""

import json
from math import exp

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.behaviour import lifetime, lifetime_value, portfolio, spend
from rapport.behaviour.lifetime import BgParameters, History, MbgParameters, Parameters
from rapport.behaviour.lifetime_value import Terms
from rapport.behaviour.portfolio import Histories
from rapport.behaviour.spend import Spending, SpendParameters
from tests.support.data import data_file

CDNOW = MbgParameters(0.525, 6.183, 0.891, 1.614)
YEAR = Terms(periods=12, period=365.0 / 84.0, discount=0.01, margin=1.0, calibration=1.0)

logs = st.floats(-4.0, 4.0).map(exp)
leaves = st.one_of(logs, st.sampled_from([1.0, 1.0 - 1e-9, 1.0 + 1e-9, 2.0]))
models = st.sampled_from([MbgParameters, BgParameters])
parameters = st.builds(lambda model, *values: model(*values), models, logs, logs, leaves, logs)
terms = st.builds(Terms, st.integers(1, 15), st.floats(0.1, 60.0), st.floats(0.0, 0.3), st.just(1.0), st.just(1.0))


@st.composite
def people(draw: st.DrawFn) -> list[History]:
    many = []
    for _ in range(draw(st.integers(1, 8))):
        age = draw(st.floats(-3.0, 8.0).map(exp))
        frequency = draw(st.sampled_from([0, 0, 1, 2, 3, 10, 100, 500, 1000, 3000]))
        many.append(History(frequency, age * draw(st.floats(0.0, 1.0)) if frequency else 0.0, age))
    return many


def columns(many: list[History]) -> Histories:
    frequency, recency, age = (np.array(column) for column in zip(*many, strict=True))
    return Histories(frequency, recency.astype(np.float64), age.astype(np.float64))


def equal(found: portfolio.Floats, expected: list[float]) -> None:
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-290)


def test_golden_values_of_sixty_digits_are_met_to_1e_10() -> None:
    golden = json.loads(data_file("golden/btyd_golden.json").read_text())
    model: dict[str, Parameters] = {
        "bg": BgParameters(*map(float, golden["params"]["bg"])),
        "mbg": MbgParameters(*map(float, golden["params"]["mbg"])),
    }
    seen = 0
    for name, of in model.items():
        for horizon in sorted({case["t"] for case in golden["cases"]}):
            cases = [case for case in golden["cases"] if (case["model"], case["t"]) == (name, horizon)]
            histories = columns([History(case["x"], case["tx"], case["T"]) for case in cases])
            for found, key in (
                (portfolio.probability_alive(of, histories), "p_alive"),
                (portfolio.probability_silent(of, histories, horizon), "p_none"),
                (portfolio.expected_activity(of, histories, horizon), "e_y"),
            ):
                assert found == pytest.approx([case[key] for case in cases], rel=1e-10)
            seen += len(cases)
    assert seen == 72


@given(parameters, people(), st.floats(-3.0, 7.0).map(exp))
def test_probabilities_are_those_of_each_customer(of: Parameters, many: list[History], horizon: float) -> None:
    histories = columns(many)
    equal(portfolio.probability_alive(of, histories), [lifetime.probability_alive(of, one) for one in many])
    silent = [lifetime.probability_silent(of, one, horizon) for one in many]
    equal(portfolio.probability_silent(of, histories, horizon), silent)


@settings(max_examples=200)
@given(parameters, people(), terms)
def test_values_are_those_of_each_customer(of: Parameters, many: list[History], at: Terms) -> None:
    found = portfolio.discounted_activity(of, columns(many), at)
    assert np.isfinite(found).all()
    equal(found, [lifetime_value.discounted_activity(of, one, at) for one in many])


@given(logs, logs, logs, st.lists(st.tuples(st.integers(0, 3000), st.floats(0.0, 1e9)), min_size=1, max_size=8))
def test_spend_is_that_of_each_customer(p: float, above: float, gamma: float, many: list[tuple[int, float]]) -> None:
    of = SpendParameters(p, 1.0 + above, gamma)
    frequency, mean = np.array([x for x, _ in many]), np.array([z for _, z in many])
    equal(portfolio.expected_spend(of, frequency, mean), [spend.expected_spend(of, Spending(*one)) for one in many])


def test_a_mean_that_nothing_was_spent_on_counts_for_nothing() -> None:
    of = SpendParameters(6.25, 3.74, 15.44)
    found = portfolio.expected_spend(of, np.array([0, 0]), np.array([np.nan, 90.0]))
    assert found == pytest.approx([of.population_mean] * 2, rel=1e-12)


def test_lifetime_values_are_those_of_each_customer_wherever_they_stand_in_a_crowd() -> None:
    draw = np.random.default_rng(5)
    age, frequency = draw.uniform(0.0, 260.0, 5000), draw.geometric(0.1, 5000) - 1
    age[:40] = 0.0  # newcomers take the most terms
    frequency[:40] = 0
    recency = np.where(frequency > 0, age * draw.uniform(0.0, 1.0, 5000), 0.0)
    worth = draw.uniform(1.0, 900.0, 5000)
    found = portfolio.lifetime_value(CDNOW, Histories(frequency, recency, age), worth, YEAR)
    for row in (0, 1, 39, 40, 1023, 2047, 2048, 4999):
        history = History(int(frequency[row]), float(recency[row]), float(age[row]))
        each = lifetime_value.lifetime_value(CDNOW, history, float(worth[row]), YEAR)
        assert found[row] == pytest.approx(each, rel=1e-12)


@pytest.mark.parametrize(
    "of",
    [
        MbgParameters(0.5, 1e-3, 0.9, 1.6),  # the horizon dwarfs what is known of a newcomer
        MbgParameters(60.0, 20.0, 1e-3, 0.05),  # the series cancels
        MbgParameters(0.5, 6.0, 5000.0, 1e-3),  # the series overflows
        MbgParameters(0.5, 0.33, 60.0, 2.0),  # the series is too long
        BgParameters(0.5, 6.0, 0.25, 0.75),  # the series has a pole
    ],
)
def test_customers_for_whom_the_series_does_not_serve_take_the_scalar_form(of: Parameters) -> None:
    many = [History(0, 0.0, 1e-4), History(0, 0.0, 30.0), History(2, 3.0, 30.0)]
    far = Terms(periods=3, period=52.0, discount=0.01, margin=1.0, calibration=1.0)
    found = portfolio.discounted_activity(of, columns(many), far)
    equal(found, [lifetime_value.discounted_activity(of, one, far) for one in many])


def test_of_nobody_and_of_no_time_there_is_nothing() -> None:
    nobody = Histories(np.array([], dtype=np.int64), np.array([]), np.array([]))
    assert portfolio.discounted_activity(CDNOW, nobody, YEAR).size == 0
    assert portfolio.expected_activity(CDNOW, columns([History(3, 2.0, 4.0)]), 0.0) == pytest.approx([0.0])


@pytest.mark.parametrize(
    "wrong", [(-1, 0.0, 4.0), (3, 5.0, 4.0), (0, 1.0, 4.0), (3, 1.0, float("nan")), (3, 1.0, float("inf"))]
)
def test_rows_that_are_no_history_are_refused_by_their_number(wrong: tuple[int, float, float]) -> None:
    histories = columns([History(3, 2.0, 4.0), History(*wrong)])
    with pytest.raises(ValueError, match="row 1 is no history"):
        portfolio.probability_alive(CDNOW, histories)
    with pytest.raises(ValueError, match="neither negative nor infinite"):
        portfolio.expected_spend(SpendParameters(6.25, 3.74, 15.44), np.array([1]), np.array([np.inf]))
