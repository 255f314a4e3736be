"""Fitting spend: the published table, its slopes, known parameters recovered, and what is refused with a reason."""

import random

import numpy as np
import pytest
from scipy.optimize import check_grad

from rapport.behaviour.fit import FitRefused
from rapport.behaviour.spend import Spending, SpendParameters, expected_spend
from rapport.behaviour.spend_fit import _log_likelihood, fit_spend
from tests.support.cdnow import buyers

FIRST_TEN = (24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17)


def simulated(of: SpendParameters, customers: int) -> list[Spending]:
    draw = random.Random(7)
    spendings = []
    for _ in range(customers):
        rate, frequency = draw.gammavariate(of.q, 1.0 / of.gamma), draw.randrange(1, 12)
        spendings.append(Spending(frequency, draw.gammavariate(of.p * frequency, 1.0 / rate) / frequency))
    return spendings


def test_the_published_fit_of_cdnow_is_met_down_to_its_first_ten_customers() -> None:
    customers = buyers()
    fit = fit_spend(buyer.spending for buyer in customers)
    p, q, gamma = fit.parameters.p, fit.parameters.q, fit.parameters.gamma
    assert (p, q, gamma) == pytest.approx((6.25, 3.74, 15.44), abs=5e-3)  # printed with two digits
    assert fit.log_likelihood == pytest.approx(-4055.9177, abs=5e-4)
    assert fit.customers == 946
    assert fit.correlation == pytest.approx(0.114, abs=5e-4)
    spent = [expected_spend(fit.parameters, buyer.spending) for buyer in customers[:10]]
    assert spent == pytest.approx(FIRST_TEN, abs=5.1e-3)


def test_the_mean_spending_of_repeaters_is_the_published_one() -> None:
    means = [buyer.spending.mean for buyer in buyers() if buyer.spending.frequency]
    assert sum(means) / len(means) == pytest.approx(35.08, abs=5e-3)


def test_the_slopes_are_those_of_the_likelihood() -> None:
    frequency, mean = np.array([1.0, 2.0, 7.0, 500.0]), np.array([0.4, 1.3, 2.0, 0.9])
    count = np.array([3.0, 1.0, 2.0, 1.0])
    for point in ([6.25, 3.74, 0.44], [0.3, 1.2, 5.0], [40.0, 20.0, 0.5]):
        off = check_grad(
            lambda at: _log_likelihood(at, frequency, mean, count)[0],
            lambda at: _log_likelihood(at, frequency, mean, count)[1],
            np.array(point),
        )
        assert off < 1e-3


def test_the_currency_changes_the_unit_and_nothing_else() -> None:
    spendings = simulated(SpendParameters(4.0, 3.0, 40.0), 2000)
    in_units = fit_spend(spendings)
    in_minor_units = fit_spend(Spending(x, mean * 100.0) for x, mean in spendings)
    assert in_minor_units.parameters.gamma == pytest.approx(in_units.parameters.gamma * 100.0, rel=1e-5)
    assert in_minor_units.parameters.p == pytest.approx(in_units.parameters.p, rel=1e-5)
    assert in_minor_units.log_likelihood == pytest.approx(in_units.log_likelihood - 2000 * np.log(100.0), abs=1e-3)


def test_known_parameters_are_recovered_from_their_own_customers_whoever_spent_nothing() -> None:
    of = SpendParameters(4.0, 3.0, 40.0)
    spendings = simulated(of, 20_000)
    fit = fit_spend(spendings + [Spending(0, 0.0)] * 500)
    assert fit.customers == 20_000
    assert fit.parameters.population_mean == pytest.approx(of.population_mean, rel=0.02)
    assert abs(fit.correlation) < 0.03
    frequency, mean = np.array(spendings, dtype=np.float64).T
    truth, _ = _log_likelihood(np.array([of.p, of.q, of.gamma]), frequency, mean, np.ones(20_000))
    # p and gamma are badly told apart, but twice this difference is chi-squared of three degrees: below 16.3 in 99.9 %.
    assert 0.0 <= 2.0 * (fit.log_likelihood - truth) < 16.3


def test_customers_who_spend_more_the_oftener_they_come_show_in_the_correlation() -> None:
    tied = [Spending(x, mean * x) for x, mean in simulated(SpendParameters(4.0, 3.0, 40.0), 2000)]
    assert fit_spend(tied).correlation > 0.4


def test_where_a_few_spend_far_above_all_others_the_models_mean_is_held_at_the_customers_own() -> None:
    spendings = simulated(SpendParameters(4.0, 1.02, 40.0), 5000)
    fit = fit_spend(spendings)
    assert fit.mean_is_held
    assert fit.parameters.population_mean == pytest.approx(sum(one.mean for one in spendings) / 5000)
    frequency, mean = np.array(spendings, dtype=np.float64).T

    def likelihood(p: float, q: float) -> float:
        gamma = fit.parameters.population_mean * (q - 1.0) / p
        return _log_likelihood(np.array([p, q, gamma]), frequency, mean, np.ones(5000))[0]

    p, q = fit.parameters.p, fit.parameters.q
    assert likelihood(p, q) == pytest.approx(fit.log_likelihood, abs=1e-3)
    beside = [(p * 1.02, q), (p / 1.02, q), (p, 1.0 + (q - 1.0) * 1.02), (p, 1.0 + (q - 1.0) / 1.02)]
    assert all(likelihood(*one) < fit.log_likelihood for one in beside)


def test_a_mean_that_is_the_customers_is_not_held() -> None:
    assert not fit_spend(simulated(SpendParameters(4.0, 3.0, 40.0), 2000)).mean_is_held


@pytest.mark.parametrize(
    ("spendings", "why"),
    [
        ([], "fewer than 30"),
        ([Spending(0, 0.0)] * 1000, "fewer than 30"),
        ([Spending(3, 20.0)] * 29, "fewer than 30"),
        ([Spending(3, 20.0)] * 1000, "bound"),
        ([Spending(1, 0.0), *simulated(SpendParameters(4.0, 3.0, 40.0), 200)], "not positive"),
        ([Spending(1, float("nan")), *simulated(SpendParameters(4.0, 3.0, 40.0), 200)], "not positive"),
        ([Spending(1, float("inf")), *simulated(SpendParameters(4.0, 3.0, 40.0), 200)], "not positive"),
        ([Spending(9, 10.0**power) for power in range(-3, 6) for _ in range(30)], "bound"),
    ],
    ids=["nobody", "nobody paid", "too few", "all alike", "zero", "no number", "infinite", "spread"],
)
def test_spendings_that_determine_nothing_are_refused_with_the_reason(spendings: list[Spending], why: str) -> None:
    with pytest.raises(FitRefused, match=why):
        fit_spend(spendings)
