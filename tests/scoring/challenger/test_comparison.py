"""Agreement with its interval, swap set and migration, reckoned once more from single customers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from scoring.challenger.domain.comparison import Cell, Comparison, spread

TIERS = ("low", "middle", "high")
CUSTOMERS = st.lists(
    st.tuples(st.sampled_from(TIERS), st.sampled_from(TIERS), st.integers(0, 30), st.floats(0, 1)), max_size=60
)


def cell(old: str, tier: str, events: int, agreements: int, start: int = 0) -> Cell:
    """One customer alone."""
    return Cell(
        old, tier, start, 1, events, agreements, float(events**2), float(events * agreements), float(agreements**2)
    )


def compared(*cells: Cell) -> Comparison:
    return Comparison.of(cells, against=1, old_top="high", top="high")


@given(CUSTOMERS)
def test_every_customer_is_counted_once_and_the_swap_set_is_who_changes_places_at_the_top(
    customers: list[tuple[str, str, int, float]],
) -> None:
    found = compared(*[cell(old, new, events, round(events * share)) for old, new, events, share in customers])
    assert found.customers == len(customers)
    assert found.swapped_in == sum(new == "high" != old for old, new, _, _ in customers)
    assert found.swapped_out == sum(old == "high" != new for old, new, _, _ in customers)
    if not customers:
        assert (found.agreement, found.agreement_of_events) == (None, None)
        return
    agreeing = sum(old == new for old, new, _, _ in customers)
    interval = binomtest(agreeing, len(customers)).proportion_ci(0.95, method="wilson")
    assert found.agreement == pytest.approx((agreeing / len(customers), interval.low, interval.high), abs=1e-6)


def test_a_ladder_with_another_top_has_a_swap_set_too() -> None:
    cells = [cell("high", "gold", 1, 0), cell("high", "low", 1, 0), cell("low", "gold", 1, 0)]
    found = Comparison.of(cells, against=1, old_top="high", top="gold")
    assert (found.swapped_in, found.swapped_out) == (1, 1)


@given(st.lists(st.tuples(st.integers(1, 30), st.floats(0, 1)), min_size=2, max_size=60))
def test_the_interval_of_events_takes_customers_as_clusters(customers: list[tuple[int, float]]) -> None:
    events = np.array([n for n, _ in customers], float)
    agreements = np.array([round(n * share) for n, share in customers], float)
    share = agreements.sum() / events.sum()
    size = len(customers)
    expected = ((agreements - share * events) ** 2).sum() / events.sum() ** 2 * size / (size - 1)
    cells = [cell("low", "low", int(n), int(a)) for n, a in zip(events, agreements, strict=True)]
    assert spread(cells) == pytest.approx(expected, rel=1e-9, abs=1e-12)
    rate = compared(*cells).agreement_of_events
    assert rate is not None
    assert rate.value == pytest.approx(share)
    assert 0 <= rate.low <= rate.value <= rate.high <= 1


def test_a_hundred_events_of_one_customer_say_less_than_one_of_each_of_a_hundred() -> None:
    apart = compared(*[cell("low", "low", 1, int(n < 80)) for n in range(100)]).agreement_of_events
    together = compared(*[cell("low", "low", 25, 25 * (n < 3) + 5 * (n == 3)) for n in range(4)]).agreement_of_events
    assert apart is not None and together is not None
    assert apart.value == together.value == 0.8
    assert together.high - together.low > 3 * (apart.high - apart.low)
    assert (apart.low, apart.high) == pytest.approx((0.711, 0.867), abs=0.002)


def test_agreement_without_exception_is_no_more_certain_than_there_are_customers() -> None:
    found = compared(*[cell("low", "low", 1000, 1000) for _ in range(10)])
    assert found.agreement_of_events == found.agreement
    assert found.agreement is not None and found.agreement.low < 0.75


def test_differences_of_points_add_up_over_tiers() -> None:
    found = compared(cell("low", "low", 1, 1, -10), cell("high", "low", 1, 0, -10), cell("low", "low", 2, 2, 0))
    assert found.differences == {"-10": 2, "0": 1}
    assert found.matrix == {"low": {"low": 2}, "high": {"low": 1}}
    assert (found.events, found.agreements) == (4, 3)
