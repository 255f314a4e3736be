"""Crossings by silence: at the due time the quantity is past its threshold, a moment before it is not."""

from datetime import UTC, datetime, timedelta
from math import exp2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.behaviour.crossing import (
    days_until_average_reaches,
    days_until_ratio_falls_to,
    days_until_sum_falls_to,
    moment_after,
)
from rapport.behaviour.decay import DAY, HALF_LIVES, DecayedSums, average_balance

START = datetime(2024, 2, 29, 13, 5, 7, 250_000, tzinfo=UTC)
sizes = st.floats(1e-3, 1e9)
shares = st.floats(1e-6, 0.999)
half_lives = st.sampled_from(HALF_LIVES)


@given(sizes, shares, half_lives)
def test_a_decayed_sum_is_below_its_threshold_when_due_and_not_before(size: float, share: float, half: float) -> None:
    state = DecayedSums.nothing(1).add(START, size)
    index, threshold = HALF_LIVES.index(half), size * share
    due = moment_after(START, days_until_sum_falls_to(size, threshold, half))
    assert due is not None
    assert due.microsecond == 0
    assert state.read(due)[0][index] < threshold
    assert state.read(due - timedelta(seconds=1, milliseconds=2))[0][index] >= threshold * (1.0 - 1e-12)


@given(sizes, sizes, shares)
def test_a_ratio_of_sums_is_below_its_threshold_when_due(fast: float, slow: float, share: float) -> None:
    ratio = fast / slow
    days = days_until_ratio_falls_to(ratio, ratio * share, 7.0, 90.0)
    assert days is not None
    assert fast * exp2(-days / 7.0) / (slow * exp2(-days / 90.0)) == pytest.approx(ratio * share, rel=1e-9)


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(0.01, 0.99), half_lives)
def test_an_average_meets_its_threshold_on_the_way_to_the_balance(
    average: float, balance: float, way: float, half: float
) -> None:
    threshold = average + way * (balance - average)
    days = days_until_average_reaches(average, balance, threshold, half)
    if abs(average - balance) > 1.0:
        assert days is not None
        there = average_balance(balance, (balance - average) * exp2(-days / half))
        assert there == pytest.approx(threshold, abs=1e-9 * (abs(average) + abs(balance)))


def test_an_average_never_meets_what_it_does_not_run_towards() -> None:
    assert days_until_average_reaches(100.0, 50.0, 50.0, 30.0) is None
    assert days_until_average_reaches(100.0, 50.0, 40.0, 30.0) is None
    assert days_until_average_reaches(100.0, 50.0, 101.0, 30.0) is None
    assert days_until_average_reaches(100.0, 50.0, 100.0, 30.0) == 0.0
    assert days_until_average_reaches(0.0, 100.0, 50.0, 30.0) == pytest.approx(30.0)


def test_what_is_crossed_already_is_due_at_once_and_what_never_crosses_is_never_due() -> None:
    assert days_until_sum_falls_to(1.0, 2.0, 7.0) == 0.0
    assert days_until_sum_falls_to(1.0, 0.0, 7.0) is None
    assert days_until_ratio_falls_to(0.2, 0.3, 7.0, 90.0) == 0.0
    assert days_until_ratio_falls_to(0.2, 0.0, 7.0, 90.0) is None
    assert moment_after(START, None) is None
    assert moment_after(START, 4e6) is None
    due = moment_after(START, 0.0)
    assert due is not None
    assert START < due <= START + timedelta(seconds=1)
    assert moment_after(START, 1.0) == START.replace(microsecond=0) + DAY + timedelta(seconds=1)


def test_a_fast_half_life_is_the_shorter_one() -> None:
    with pytest.raises(ValueError, match="shorter"):
        days_until_ratio_falls_to(1.0, 0.5, 90.0, 7.0)
