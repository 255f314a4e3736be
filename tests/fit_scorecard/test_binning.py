"""Bins are monotone, keep to the direction they may have, and weigh what their own samples say."""

from math import log, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fit_scorecard.binning import LEAST_SHARE, MOST_BINS, Bins, Column, monotone_bins


def drawn(seed: int, size: int = 2000) -> tuple[Column, Column]:
    """Values of which some are unknown, and an outcome that rises with them, more or less, and falls at the end."""
    rng = np.random.default_rng(seed)
    column = rng.lognormal(3.0, 1.5, size)
    odds = np.where(column < 150, np.log(column) - 4, -1.0)
    outcome = (rng.random(size) < 1 / (1 + np.exp(-odds))).astype(np.float64)
    column[rng.random(size) < 0.1] = nan
    return column, outcome


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([1, -1, 0]))
def test_more_of_a_value_never_turns_the_other_way(seed: int, direction: int) -> None:
    bins = monotone_bins(*drawn(seed), direction, seed)
    steps = np.diff(bins.evidence)
    assert (steps * (direction or np.sign(steps[0])) > 0).all()
    assert len(steps) > 2 or direction == -1
    assert list(bins.edges) == sorted(set(bins.edges)) and len(bins.edges) < MOST_BINS


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_the_weight_of_evidence_is_that_of_the_samples_in_the_bin(seed: int) -> None:
    column, outcome = drawn(seed)
    bins = monotone_bins(column, outcome, 1, seed)
    everybody = log((outcome.sum() + 0.5) / ((1 - outcome).sum() + 0.5))
    limits = (-np.inf, *bins.edges, np.inf)
    for lower, upper, evidence in zip(limits, limits[1:], bins.evidence, strict=False):
        inside = outcome[(column >= lower) & (column < upper)]
        assert len(inside) >= LEAST_SHARE * len(column) / 2
        assert evidence == pytest.approx(log((inside.sum() + 0.5) / ((1 - inside).sum() + 0.5)) - everybody)
    unknown = outcome[np.isnan(column)]
    assert bins.evidence_if_unknown == pytest.approx(
        log((unknown.sum() + 0.5) / ((1 - unknown).sum() + 0.5)) - everybody
    )


def test_a_value_is_looked_up_as_the_service_does_it() -> None:
    bins = Bins((10.0, 20.0), (-1.0, 0.0, 1.0), 0.25)
    assert bins.read(np.array([9.9, 10.0, 19.9, 20.0, 1e9, nan])).tolist() == [-1.0, 0.0, 0.0, 1.0, 1.0, 0.25]


def test_counts_have_whole_numbers_for_edges() -> None:
    rng = np.random.default_rng(4)
    column = rng.integers(0, 6, 3000).astype(np.float64)
    outcome = (rng.random(3000) < 0.1 + 0.15 * column).astype(np.float64)
    assert monotone_bins(column, outcome, 1, 0).edges == (1.0, 2.0, 3.0, 4.0, 5.0)


def test_a_value_that_moves_only_the_forbidden_way_has_one_bin_and_says_nothing() -> None:
    column = np.repeat(np.arange(4.0), 500)
    outcome = np.tile([1.0, 0.0], 1000)
    outcome[:500] = 1.0
    assert monotone_bins(column, outcome, 1, 0).edges == ()
    allowed = monotone_bins(column, outcome, -1, 0)
    assert allowed.edges == (1.0,) and allowed.evidence[0] > allowed.evidence[1]


def test_too_few_unknown_values_weigh_nothing_and_an_empty_column_is_no_error() -> None:
    column, outcome = drawn(7)
    column = np.where(np.isnan(column), 1.0, column)
    column[:5] = nan
    assert monotone_bins(column, outcome, 1, 0).evidence_if_unknown == 0.0
    assert monotone_bins(np.full(200, nan), outcome[:200], 0, 0).edges == ()
