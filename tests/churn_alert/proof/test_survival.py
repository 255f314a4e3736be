"""Survival and log-rank are what SciPy reckons, on any customers."""

from collections import Counter

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import CensoredData, chi2, ecdf, logrank

from churn_alert.proof.domain.survival import Stay, above_chi_square, log_rank, stayed

STAYS = st.lists(st.builds(Stay, st.integers(1, 40), st.booleans()), min_size=5, max_size=60)


def censored(stays: list[Stay]) -> CensoredData:
    gone = [one.days for one in stays if one.is_gone]
    return CensoredData(uncensored=gone, right=[one.days for one in stays if not one.is_gone])


@given(STAYS)
def test_the_share_still_there_is_that_of_kaplan_and_meier(stays: list[Stay]) -> None:
    assume(any(one.is_gone for one in stays))
    theirs = ecdf(censored(stays)).sf
    bands = theirs.confidence_interval(method="log-log")
    for step in stayed(Counter(stays)):
        place = list(theirs.quantiles).index(step.day)
        assert step.share == pytest.approx(theirs.probabilities[place], abs=1e-12)
        if 0 < step.share < 1:
            assert step.low == pytest.approx(bands.low.probabilities[place], abs=1e-6)
            assert step.high == pytest.approx(bands.high.probabilities[place], abs=1e-6)


@given(STAYS, STAYS)
def test_whether_two_groups_stay_alike_is_what_the_log_rank_test_says(first: list[Stay], second: list[Stay]) -> None:
    ours = log_rank(Counter(first), Counter(second))
    if ours is not None:
        theirs = logrank(censored(first), censored(second))
        assert ours.statistic == pytest.approx(theirs.statistic**2, rel=1e-9, abs=1e-12)
        assert ours.p_value == pytest.approx(theirs.pvalue, abs=1e-9)


def test_nobody_gone_is_nothing_to_compare() -> None:
    there = [Stay(10, is_gone=False)] * 5
    assert stayed(Counter(there)) == []
    assert log_rank(Counter(there), Counter(there)) is None


def test_who_is_no_longer_watched_is_not_taken_for_somebody_who_stayed() -> None:
    """The naive share, of all who were ever there, is what this must not be."""
    stays = [Stay(10, is_gone=True)] * 5 + [Stay(5, is_gone=False)] * 5
    (step,) = stayed(Counter(stays))
    assert (step.at_risk, step.share) == (5, 0.0)


@given(st.floats(0, 50))
def test_the_tail_of_chi_square_is_exact(statistic: float) -> None:
    assert above_chi_square(statistic) == pytest.approx(chi2.sf(statistic, 1), abs=1e-12)
