"""Fitting: the published tables of the CDNOW sample, known parameters recovered, degenerate data refused."""

import random
from collections.abc import Callable

import numpy as np
import pytest

from rapport.behaviour.fit import NOBODY_LEAVES, FitRefused, Floats, fit_bg, fit_mbg, fit_mbg_of_loyal, most_likely
from rapport.behaviour.lifetime import History, MbgParameters
from tests.support.cdnow import buyers


def test_the_published_fits_of_cdnow_are_met() -> None:
    histories = [buyer.history for buyer in buyers()]
    assert len(histories) == 2357
    bg, mbg = fit_bg(histories), fit_mbg(histories)
    found = (bg.parameters.r, bg.parameters.alpha, bg.parameters.a, bg.parameters.b)
    assert found == pytest.approx((0.243, 4.414, 0.793, 2.426), abs=5e-4)
    assert bg.log_likelihood == pytest.approx(-9582.43, abs=0.01)
    found = (mbg.parameters.r, mbg.parameters.alpha, mbg.parameters.a, mbg.parameters.b)
    assert found == pytest.approx((0.525, 6.183, 0.891, 1.614), abs=5e-4)
    assert mbg.log_likelihood == pytest.approx(-9582.13, abs=0.01)
    assert mbg.customers == 2357


def test_a_fit_in_days_is_that_in_weeks() -> None:
    weeks = fit_mbg(buyer.history for buyer in buyers(unit_days=7.0)).parameters
    days = fit_mbg(buyer.history for buyer in buyers(unit_days=1.0)).parameters.in_unit(7.0)
    assert (days.r, days.alpha, days.a, days.b) == pytest.approx((weeks.r, weeks.alpha, weeks.a, weeks.b), rel=1e-5)


def simulated(of: MbgParameters, customers: int) -> list[History]:
    draw = random.Random(7)
    histories = []
    for _ in range(customers):
        rate, leaves = draw.gammavariate(of.r, 1.0 / of.alpha), draw.betavariate(of.a, of.b)
        time, frequency, last, age = 0.0, 0, 0.0, draw.uniform(100.0, 300.0)
        while draw.random() >= leaves:
            time += draw.expovariate(rate) if rate > 0.0 else age
            if time >= age:
                break
            frequency, last = frequency + 1, time
        histories.append(History(frequency, last, age))
    return histories


def test_known_parameters_are_recovered_from_their_own_customers() -> None:
    of = MbgParameters(1.2, 20.0, 0.8, 3.0)
    found = fit_mbg(simulated(of, 20_000)).parameters
    assert (found.r, found.alpha, found.a, found.b) == pytest.approx((of.r, of.alpha, of.a, of.b), rel=0.1)


def test_with_a_held_at_its_own_value_the_others_are_those_of_the_free_fit() -> None:
    histories = [buyer.history for buyer in buyers()]
    free = fit_mbg(histories)
    held = fit_mbg(histories, a=free.parameters.a)
    found, expected = held.parameters, free.parameters
    assert (found.r, found.alpha, found.a, found.b) == pytest.approx(
        (expected.r, expected.alpha, expected.a, expected.b), rel=1e-3
    )
    assert held.log_likelihood == pytest.approx(free.log_likelihood, abs=1e-3)
    assert (held.a_is_held, free.a_is_held, fit_mbg_of_loyal(histories)) == (True, False, free)


def test_of_loyal_customers_the_mean_chance_to_leave_is_found_though_its_spread_is_not_determined() -> None:
    of = MbgParameters(2.9, 6.4, 1.0, 4000.0)
    histories = simulated(of, 4_000)
    with pytest.raises(FitRefused, match="bound"):
        fit_mbg(histories)
    fit = fit_mbg_of_loyal(histories)
    assert (fit.a_is_held, fit.parameters.a) == (True, 1.0)
    assert (fit.parameters.r, fit.parameters.alpha) == pytest.approx((of.r, of.alpha), rel=0.05)
    assert fit.parameters.b == pytest.approx(of.b, rel=0.3)


def test_where_nobody_is_seen_to_leave_the_rates_are_found_and_b_is_held() -> None:
    of = MbgParameters(2.9, 6.4, 1.0, 1e12)
    histories = simulated(of, 2_000)
    with pytest.raises(FitRefused, match="bound"):
        fit_mbg(histories, a=1.0)
    fit = fit_mbg_of_loyal(histories)
    assert (fit.a_is_held, fit.b_is_held, fit.parameters.a, fit.parameters.b) == (True, True, 1.0, NOBODY_LEAVES)
    assert (fit.parameters.r, fit.parameters.alpha) == pytest.approx((of.r, of.alpha), rel=0.1)


@pytest.mark.parametrize(
    ("histories", "why"),
    [
        ([], "fewer than 30"),
        ([History(0, 0.0, 30.0)] * 1000, "fewer than 30"),
        ([History(1, 5.0, 30.0)] * 20, "fewer than 30"),
        ([History(10, 100.0, 100.0)] * 1000, "bound"),
        ([History(1, 5.0, float("nan"))] * 1000, "not finite"),
        ([History(1, 0.0, 0.0)] * 1000, "nobody has an age"),
    ],
    ids=["nobody", "nobody came back", "too few", "all alike", "not a number", "no time passed"],
)
@pytest.mark.parametrize("fit", [fit_mbg, fit_bg, fit_mbg_of_loyal])
def test_customers_that_determine_nothing_are_refused_with_the_reason(
    fit: Callable[[list[History]], object], histories: list[History], why: str
) -> None:
    with pytest.raises(FitRefused, match=why):
        fit(histories)


@pytest.mark.parametrize(
    ("height", "why"), [(float("nan"), "not finite"), (float("inf"), "not finite"), (1.0, "did not converge")]
)
def test_a_search_that_ends_nowhere_is_refused_with_the_reason(height: float, why: str) -> None:
    def uphill_without_rising(logs: Floats) -> tuple[float, Floats]:
        return height, np.ones_like(logs)

    with pytest.raises(FitRefused, match=why):
        most_likely(uphill_without_rising, [(1.0, 2.0)], 1000)
