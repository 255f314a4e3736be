"""What the models fitted on 39 weeks of CDNOW say of the next 39, against what came and against published figures."""

from functools import cache
from math import isfinite
from statistics import correlation, fmean

import numpy as np
import pytest

from rapport.behaviour import portfolio
from rapport.behaviour.calibration import calibrated
from rapport.behaviour.expectation import expected_activity
from rapport.behaviour.fit import fit_bg, fit_mbg
from rapport.behaviour.lifetime import History, Parameters
from rapport.behaviour.lifetime_value import Terms
from rapport.behaviour.portfolio import Histories
from rapport.behaviour.spend_fit import fit_spend
from tests.support.cdnow import Buyer, buyers

HALF = 39.0
NEWCOMER = History(0, 0.0, 0.0)


@cache
def fitted() -> tuple[list[Buyer], dict[str, Parameters]]:
    people = buyers()
    histories = [buyer.history for buyer in people]
    return people, {"bg": fit_bg(histories).parameters, "mbg": fit_mbg(histories).parameters}


def columns(people: list[Buyer]) -> Histories:
    frequency, recency, age = zip(*(buyer.history for buyer in people), strict=True)
    return Histories(np.array(frequency), np.array(recency), np.array(age))


def test_a_newcomers_expected_activity_is_the_published_table() -> None:
    _, models = fitted()
    horizons = (0.1429, 1.0, 3.0, 31.8571, 32.0, 78.0)
    found = [expected_activity(models["bg"], NEWCOMER, horizon) for horizon in horizons]
    assert found == pytest.approx((0.0078, 0.0532, 0.1506, 1.0405, 1.0437, 1.8576), abs=5e-4)


@pytest.mark.parametrize(("model", "total", "error"), [("bg", 1653.4, 0.786), ("mbg", 1576.7, 0.765)])
def test_the_sum_and_the_mean_error_of_the_hold_out_are_the_measured_ones(
    model: str, total: float, error: float
) -> None:
    people, models = fitted()
    expected = [expected_activity(models[model], buyer.history, HALF) for buyer in people]
    assert sum(buyer.later for buyer in people) == 1882
    assert sum(expected) == pytest.approx(total, abs=0.05)
    off = [abs(due - buyer.later) for due, buyer in zip(expected, people, strict=True)]
    assert fmean(off) == pytest.approx(error, abs=1e-3)


def test_who_is_expected_to_come_comes() -> None:
    people, models = fitted()
    expected = [expected_activity(models["bg"], buyer.history, HALF) for buyer in people]
    assert correlation(expected, [float(buyer.later) for buyer in people]) == pytest.approx(0.626, abs=5e-4)


def test_the_curve_of_all_purchases_ends_four_per_cent_too_low() -> None:
    people, models = fitted()
    bought = sum(buyer.history.frequency + buyer.later for buyer in people)
    end = HALF + 1.0 / 7.0  # the curve's weeks end with their last day, an age with that day's beginning
    expected = sum(expected_activity(models["bg"], NEWCOMER, buyer.history.age + end) for buyer in people)
    assert expected / bought - 1.0 == pytest.approx(-0.040, abs=5e-4)


def test_the_portfolio_says_of_everybody_what_is_said_of_each() -> None:
    people, models = fitted()
    for of in models.values():
        found = portfolio.expected_activity(of, columns(people), HALF)
        assert found == pytest.approx([expected_activity(of, buyer.history, HALF) for buyer in people], rel=1e-12)


def test_money_is_a_fifth_too_low_until_it_is_calibrated() -> None:
    people, models = fitted()
    spend = fit_spend(buyer.spending for buyer in people).parameters
    mean = np.array([buyer.spending.mean for buyer in people])
    terms = Terms(periods=1, period=HALF, discount=0.0, margin=1.0, calibration=1.0)
    worth = portfolio.expected_spend(spend, columns(people).frequency, mean)
    values = portfolio.lifetime_value(models["mbg"], columns(people), worth, terms)
    came = [buyer.later_spending for buyer in people]
    assert sum(values) / sum(came) - 1.0 == pytest.approx(-0.195, abs=5e-4)
    factor = calibrated(values.tolist(), came)
    assert factor.factor == pytest.approx(1.242, abs=5e-4)
    assert all(isfinite(value) and value > 0.0 for value in values)
