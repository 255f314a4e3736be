"""The index is what it is said to be, and says nothing of too few; a shift is found and no shift is not called one."""

from collections import Counter
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2, entropy

from scoring.drift.domain import (
    LEAST_CUSTOMERS,
    MOVED,
    WATCH,
    Drift,
    Snapshot,
    in_tenths,
    measure,
    noise,
    psi,
    tenths,
    verdict_of,
)
from scoring.scorecard.domain import Values
from tests.scoring.rules import card

COUNTS = st.lists(st.integers(0, 5000), min_size=2, max_size=12)
POINTS = st.dictionaries(st.integers(-50, 300).map(str), st.integers(1, 400), min_size=1, max_size=80)
DUE = datetime(2025, 3, 1, tzinfo=UTC)


@given(COUNTS)
def test_nothing_has_moved_against_itself(counts: list[int]) -> None:
    assert psi(counts, counts) == 0


@given(COUNTS, st.randoms())
def test_the_index_is_the_same_both_ways_and_never_negative(counts: list[int], random: object) -> None:
    other = list(counts)
    random.shuffle(other)  # type: ignore[attr-defined]
    assert psi(counts, other) == pytest.approx(psi(other, counts), abs=1e-12)
    assert psi(counts, other) >= 0
    assert (psi(counts, other) < 1e-15) == (counts == other)


@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 5000)), min_size=2, max_size=12))
def test_the_index_is_both_relative_entropies_together(pairs: list[tuple[int, int]]) -> None:
    before, now = (np.array(counts) + 0.5 for counts in zip(*pairs, strict=True))
    both = entropy(before, now) + entropy(now, before)
    assert psi(*([pair[side] for pair in pairs] for side in (0, 1))) == pytest.approx(both, abs=1e-12)


def test_the_noise_of_two_samples_of_one_population_is_what_the_formula_says() -> None:
    draw = np.random.default_rng(7)
    shares = draw.dirichlet(np.full(10, 5.0))
    for first, second in ((1_000, 1_000), (1_000, 20_000), (5_000, 5_000)):
        found = [psi(draw.multinomial(first, shares), draw.multinomial(second, shares)) for _ in range(2_000)]
        assert np.mean(found) == pytest.approx(noise(10, first, second), rel=0.06)
        assert np.quantile(found, 0.99) == pytest.approx(chi2(9).ppf(0.99) * (1 / first + 1 / second), rel=0.12)


def found_in(runs: int, customers: int, shift: float, threshold: float, seed: int) -> float:
    """Share of seeded runs in which points shifted by so many standard deviations are found at this threshold.

    The reference is as large as the snapshot; both are of normal points with a standard deviation of 30.
    """
    draw = np.random.default_rng(seed)
    hits = 0
    for _ in range(runs):
        first, second = (draw.normal(150 + 30 * by, 30, customers).round().astype(int) for by in (0.0, shift))
        before, now = ({str(k): n for k, n in Counter(sample.tolist()).items()} for sample in (first, second))
        edges = tenths(before)
        hits += measure("points", "points", in_tenths(before, edges), in_tenths(now, edges)).psi >= threshold
    return hits / runs


def test_a_shift_is_found_within_a_thousand_customers_and_no_shift_is_not_called_one() -> None:
    assert found_in(300, LEAST_CUSTOMERS, 0.65, MOVED, seed=1) >= 0.99
    assert found_in(300, LEAST_CUSTOMERS, 0.45, WATCH, seed=2) >= 0.99
    assert found_in(1_000, LEAST_CUSTOMERS, 0.0, WATCH, seed=3) == 0
    assert found_in(300, 100, 0.0, WATCH, seed=4) > 0.5, "so of a hundred nothing can be said"


def test_of_fewer_than_a_thousand_nothing_is_said_however_far_they_lie() -> None:
    assert verdict_of(9.0, LEAST_CUSTOMERS - 1) == "too few to say"
    verdicts = [verdict_of(index, LEAST_CUSTOMERS) for index in (0.0, 0.0999, WATCH, 0.2499, MOVED)]
    assert verdicts == ["nothing", "nothing", "watch", "watch", "moved"]
    assert measure("tiers", "tiers", {"low": 5000}, {"high": LEAST_CUSTOMERS - 1}).verdict == "too few to say"
    assert measure("tiers", "tiers", {"low": 5000}, {"high": LEAST_CUSTOMERS}).verdict == "moved"


@given(POINTS)
def test_tenths_hold_everybody_and_none_is_larger_than_a_tenth_and_its_last_value(points: dict[str, int]) -> None:
    edges = tenths(points)
    counts = in_tenths(points, edges)
    assert edges == sorted(set(edges))
    assert len(edges) <= 20
    assert sum(counts.values()) == sum(points.values())
    assert all(count < sum(points.values()) / 10 + max(points.values()) for count in counts.values())


def test_customers_who_all_have_the_same_points_and_all_rise_or_fall_have_moved() -> None:
    edges = tenths({"50": 2_000})
    for points in ("49", "51"):
        assert in_tenths({points: 2_000}, edges) != in_tenths({"50": 2_000}, edges)


def test_tenths_of_points_that_all_differ_are_tenths() -> None:
    points = {str(value): 1 for value in range(1_000)}
    assert tenths(points) == list(range(100, 1_000, 100))
    assert set(in_tenths(points, tenths(points)).values()) == {100}


def snapshot(moment: datetime, balances: list[float], tier: str = "low") -> Snapshot:
    """A book of one scorecard whose customers differ in their balance alone."""
    made = Snapshot(1, moment)
    for balance in balances:
        values = Values(balance, 0, 0, None, None, 0, 0, None, None, 0, 0)
        made.count(tier, values, card())
    return made


def test_a_book_is_counted_by_the_bins_of_its_scorecard() -> None:
    made = snapshot(DUE, [0.0, 99_999.0, 100_000.0, 5e6])
    assert made.features["average_balance"] == {"0": 2, "1": 1, "2": 1}
    assert made.features["balance_trend"] == {"unknown": 4}
    assert (made.tiers, made.customers) == ({"low": 4}, 4)
    typical = 2 + 6  # an unknown trend, no overdraft
    assert made.points == {str(typical): 2, str(60 + typical): 1, str(90 + typical): 1}


def test_only_what_moved_is_said_to_have_moved() -> None:
    reference = snapshot(DUE, [0.0] * 600 + [200_000.0] * 600)
    later = snapshot(DUE.replace(month=4), [0.0] * 200 + [200_000.0] * 1_000)
    drift = Drift(later, reference)
    by_name = {one.name: one.verdict for one in drift.measures()}
    assert by_name.pop("average_balance") == by_name.pop("points") == "moved"
    assert set(by_name.values()) == {"nothing"}
    assert drift.verdict == "moved"


def test_the_reference_is_held_against_nothing_and_without_one_nothing_is_said() -> None:
    first = snapshot(DUE, [0.0] * 1_200)
    assert (Drift(first, first).measures(), Drift(first, first).verdict) == ([], "nothing")
    assert (Drift(first, None).measures(), Drift(first, None).verdict) == ([], "too few to say")
