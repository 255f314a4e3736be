"""What it costs that Gamma-Gamma takes how much is spent to be independent of how often, on simulated customers."""

from typing import NamedTuple

import numpy as np
import pytest
from scipy.stats import gamma, norm

from rapport.behaviour import portfolio
from rapport.behaviour.lifetime import MbgParameters
from rapport.behaviour.portfolio import Histories
from rapport.behaviour.spend import Spending, SpendParameters
from rapport.behaviour.spend_fit import fit_spend

ACTIVITY = MbgParameters(0.525, 6.183, 0.891, 1.614)
SPEND = SpendParameters(6.25, 3.74, 15.44)
CUSTOMERS = 60_000
HALF = 39.0


class Outcome(NamedTuple):
    """The correlation a fit tells, and how far what is said lies above what comes: of all, and of who came once."""

    correlation: float
    of_all: float
    of_newcomers: float


def outcome(coupling: float) -> Outcome:
    """CDNOW's customers, but for rates and spends whose ranks are tied by a Gaussian copula."""
    draw = np.random.default_rng(5)
    rank = norm.cdf(draw.multivariate_normal([0.0, 0.0], [[1.0, coupling], [coupling, 1.0]], CUSTOMERS))
    rate = gamma.ppf(rank[:, 0], ACTIVITY.r, scale=1.0 / ACTIVITY.alpha)
    scale = 1.0 / gamma.isf(rank[:, 1], SPEND.q, scale=1.0 / SPEND.gamma)
    stays = draw.geometric(np.maximum(draw.beta(ACTIVITY.a, ACTIVITY.b, CUSTOMERS), 1e-12)) - 1
    age = draw.uniform(26.0, 39.0, CUSTOMERS)
    due = draw.poisson(rate * age)
    frequency = np.minimum(due, stays)
    at_least_one = np.maximum(frequency, 1)
    recency = np.where(frequency > 0, age * draw.beta(at_least_one, np.maximum(due - frequency, 0) + 1.0), 0.0)
    mean = np.where(frequency > 0, draw.gamma(SPEND.p * at_least_one, scale) / at_least_one, 0.0)
    later = np.where(stays > due, np.minimum(draw.poisson(rate * HALF), np.maximum(stays - due, 0)), 0)
    came = later * SPEND.p * scale
    fit = fit_spend(Spending(*one) for one in zip(frequency.tolist(), mean.tolist(), strict=True))
    worth = portfolio.expected_spend(fit.parameters, frequency, mean)
    said = worth * portfolio.expected_activity(ACTIVITY, Histories(frequency, recency, age), HALF)
    once = frequency == 0
    return Outcome(
        fit.correlation, float(said.sum() / came.sum()) - 1.0, float(said[once].sum() / came[once].sum()) - 1.0
    )


def test_without_a_tie_nothing_is_off() -> None:
    found = outcome(0.0)
    assert found.correlation == pytest.approx(0.0, abs=0.02)
    assert found.of_all == pytest.approx(0.0, abs=0.03)
    assert found.of_newcomers == pytest.approx(0.0, abs=0.06)


def test_a_slight_tie_moves_the_sum_little_and_newcomers_much() -> None:
    found = outcome(0.3)
    assert 0.07 < found.correlation < 0.12
    assert abs(found.of_all) < 0.05
    assert 0.1 < found.of_newcomers < 0.3


def test_a_strong_tie_makes_newcomers_half_too_dear() -> None:
    found = outcome(0.8)
    assert found.correlation > 0.2
    assert 0.03 < found.of_all < 0.12
    assert found.of_newcomers > 0.4
