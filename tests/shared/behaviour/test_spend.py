"""The spend of one activity: between a customer's own mean and everybody's, and never without a value."""

from math import exp, isfinite, log

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import gamma

from rapport.behaviour.spend import Spending, SpendParameters, expected_spend

CDNOW = SpendParameters(6.25, 3.74, 15.44)
logs = st.floats(-4.0, 4.0).map(exp)
parameters = st.builds(lambda p, above, g: SpendParameters(p, 1.0 + above, g), logs, logs, logs)
frequencies = st.sampled_from([0, 1, 2, 10, 500, 3000])
means = st.floats(0.0, 1e9)


@given(parameters, frequencies, means)
def test_it_lies_between_the_customers_own_mean_and_that_of_all(of: SpendParameters, x: int, mean: float) -> None:
    low, high = sorted((of.population_mean, mean if x else of.population_mean))
    assert low * (1.0 - 1e-12) <= expected_spend(of, Spending(x, mean)) <= high * (1.0 + 1e-12)


@given(parameters, st.floats(1.0, 1e6))
def test_more_activities_bring_it_nearer_to_the_customers_own_mean(of: SpendParameters, mean: float) -> None:
    gaps = [abs(expected_spend(of, Spending(x, mean)) - mean) for x in (0, 1, 2, 10, 500, 3000)]
    assert all(later <= earlier + 1e-9 * mean for earlier, later in zip(gaps, gaps[1:], strict=False))


def test_it_is_the_mean_over_what_the_customers_own_rate_can_be() -> None:
    for x, mean in [(1, 20.0), (2, 71.0), (7, 3.5)]:
        rates = gamma(CDNOW.p * x + CDNOW.q, scale=1.0 / (CDNOW.gamma + x * mean))
        low, high = rates.ppf(1e-14), rates.isf(1e-14)
        expected, _ = quad(lambda t: CDNOW.p * rates.pdf(exp(t)), log(low), log(high), epsabs=0.0, epsrel=1e-11)  # noqa: B023
        assert expected_spend(CDNOW, Spending(x, mean)) == pytest.approx(expected, rel=1e-9)


def test_who_has_no_history_spends_what_the_population_does_whatever_the_mean_says() -> None:
    expected = 6.25 * 15.44 / 2.74
    assert expected_spend(CDNOW, Spending(0, 0.0)) == pytest.approx(expected, rel=1e-12)
    assert expected_spend(CDNOW, Spending(0, float("nan"))) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("x", [500, 3000])
def test_busy_customers_are_worth_their_own_mean(x: int) -> None:
    value = expected_spend(CDNOW, Spending(x, 120.0))
    assert isfinite(value)
    assert value == pytest.approx(120.0, rel=1e-2)


@pytest.mark.parametrize("wrong", [(0.0, 2.0, 1.0), (1.0, 1.0, 1.0), (1.0, 0.5, 1.0), (1.0, 2.0, float("nan"))])
def test_parameters_without_a_mean_are_refused(wrong: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="q is above 1"):
        SpendParameters(*wrong)


@pytest.mark.parametrize("wrong", [(-1, 5.0), (1, -5.0), (1, float("nan")), (1, float("inf"))])
def test_a_spending_that_cannot_be_is_refused(wrong: tuple[int, float]) -> None:
    with pytest.raises(ValueError, match="neither negative nor infinite"):
        expected_spend(CDNOW, Spending(*wrong))
