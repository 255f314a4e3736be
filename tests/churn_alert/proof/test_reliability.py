"""Reliability and lift are what counting by hand says, on any percentages and outcomes."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from churn_alert.proof.domain.reliability import curve, lifts, ranking, reliability

SAMPLES = st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=10, max_size=120)


def arrays(samples: list[tuple[int, bool]]) -> tuple[np.ndarray, np.ndarray]:
    scores, outcomes = zip(*samples, strict=True)
    return np.array(scores) / 20.0, np.array(outcomes, dtype=float)


@given(SAMPLES)
def test_ranking_is_how_often_who_left_is_scored_above_who_stayed(samples: list[tuple[int, bool]]) -> None:
    scores, outcomes = arrays(samples)
    assume(0 < outcomes.sum() < len(outcomes))
    pairs = [(a > b) + (a == b) / 2 for a in scores[outcomes == 1] for b in scores[outcomes == 0]]
    assert ranking(scores, outcomes) == pytest.approx(np.mean(pairs))


@given(SAMPLES)
def test_every_sample_is_in_one_band_and_the_bands_give_the_error_that_is_told(samples: list[tuple[int, bool]]) -> None:
    scores, outcomes = arrays(samples)
    assume(0 < outcomes.sum() < len(outcomes))
    bands = curve(scores, outcomes)
    assert sum(one.samples for one in bands) == len(samples)
    assert sum(one.true.value * one.samples for one in bands) == pytest.approx(outcomes.sum())
    assert all(one.true.low <= one.true.value <= one.true.high for one in bands)
    error = sum(abs(one.said - one.true.value) * one.samples for one in bands) / len(samples)
    assert reliability(scores, outcomes).expected_calibration_error == pytest.approx(error, abs=1e-4)


@given(SAMPLES, st.sampled_from([0.05, 0.1, 0.2, 0.5, 1.0]))
def test_lift_is_the_mean_over_all_orders_among_equal_scores(samples: list[tuple[int, bool]], share: float) -> None:
    scores, outcomes = arrays(samples)
    assume(outcomes.sum() > 0)
    (found,) = lifts(scores, outcomes, [share])
    size = found.samples
    order = np.argsort(-scores, kind="stable")
    lowest = scores[order[size - 1]]
    above, level = outcomes[scores > lowest], outcomes[scores == lowest]
    hits = above.sum() + (size - len(above)) * level.mean()
    assert found.lift.value == pytest.approx(hits / size / outcomes.mean())
    assert lifts(scores, outcomes, [1.0])[0].lift.value == pytest.approx(1.0)
