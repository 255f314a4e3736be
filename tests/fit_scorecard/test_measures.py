"""The figures of the card mean what it says they mean."""

from math import log, nan

import numpy as np
import pytest

from fit_scorecard.measures import auc, lift, psi, rank_correlation, share_held

MONEY = np.array([0.0, 10.0, 20.0, 30.0, 940.0])
EQUAL = np.zeros(5)


def test_a_score_that_orders_as_money_does_correlates_fully_and_one_that_says_nothing_does_not() -> None:
    assert rank_correlation(np.log1p(MONEY), MONEY) == pytest.approx(1.0)
    assert rank_correlation(-MONEY, MONEY) == pytest.approx(-1.0)
    rng = np.random.default_rng(1)
    assert abs(rank_correlation(rng.random(5000), rng.random(5000))) < 0.05


def test_the_best_by_score_hold_what_they_contribute() -> None:
    assert share_held(MONEY, MONEY, 0.2) == pytest.approx(0.94)
    assert share_held(-MONEY, MONEY, 0.4) == pytest.approx(0.01)
    assert lift(MONEY, MONEY, 0.2) == pytest.approx(0.94 / 0.2)


def test_equal_scores_share_alike_whatever_order_customers_stand_in() -> None:
    assert share_held(EQUAL, MONEY, 0.2) == pytest.approx(0.2)
    assert lift(EQUAL, MONEY[::-1], 0.4) == pytest.approx(1.0)
    assert share_held(np.array([1.0, 1.0, 0.0, 0.0, 0.0]), MONEY, 0.2) == pytest.approx(0.005)


def test_auc_counts_ties_half() -> None:
    assert auc(EQUAL, np.array([1.0, 0.0, 1.0, 0.0, 1.0])) == pytest.approx(0.5)
    assert auc(MONEY, np.array([0.0, 0.0, 0.0, 1.0, 1.0])) == pytest.approx(1.0)


def test_the_stability_index_is_zero_for_the_same_customers_and_counts_the_unknown_as_a_bin() -> None:
    before = np.array([1.0] * 50 + [3.0] * 40 + [nan] * 10)
    after = np.array([1.0] * 20 + [3.0] * 50 + [nan] * 30)
    assert psi(before, before, (2.0,)) == 0.0
    shares = [(50.5, 20.5), (40.5, 50.5), (10.5, 30.5)]
    expected = sum((new - old) / 101.5 * log(new / old) for old, new in shares)
    assert psi(before, after, (2.0,)) == pytest.approx(expected)
    assert psi(before, after, (2.0,)) == pytest.approx(psi(after, before, (2.0,)))
