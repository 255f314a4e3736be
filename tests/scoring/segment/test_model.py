"""Whose segment a customer is: the nearest centroid, the same for everybody alike, whatever the unit of money."""

from dataclasses import replace
from math import dist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.scorecard.domain import Values
from scoring.segment.domain.model import SegmentModel, natural_of, segment_of, traits_of
from tests.scoring.segment.banks import BY_HAND, NOW, values

money = st.floats(-1e12, 1e12)
positive = st.floats(0, 1e12)
known = st.builds(values, money, positive, positive, st.floats(0, 90), st.floats(0, 50))
loans = st.integers(0, 10**12)


@given(known, loans)
def test_no_other_centroid_is_nearer(customer: Values, owed: int) -> None:
    place = [
        (trait - scale.centre) / scale.spread
        for trait, scale in zip(traits_of(customer, owed, 100), BY_HAND.scales, strict=True)
    ]
    found = BY_HAND.nearest(customer, owed)
    least = min(dist(place, other.centroid) for other in BY_HAND.segments)
    assert dist(place, found.centroid) == pytest.approx(least, rel=1e-12)


@given(known, loans, st.sampled_from([2, 10, 1024]))
def test_the_unit_of_money_does_not_matter(customer: Values, owed: int, times: int) -> None:
    more = customer._replace(
        average_balance=customer.average_balance * times,
        investments=customer.investments * times,
        turnover=customer.turnover * times,
    )
    scaled = replace(BY_HAND, unit=100 * times)
    assert traits_of(more, owed * times, scaled.unit) == pytest.approx(traits_of(customer, owed, 100), rel=1e-12)


@given(st.floats(-1e9, 1e9))
def test_a_trait_is_told_back_in_natural_units(amount: float) -> None:
    trait = traits_of(values(balance=100 * amount), 0, 100)[0]
    assert natural_of(trait) == pytest.approx(amount, rel=1e-9, abs=1e-9)


def test_by_hand_the_rich_are_savers_and_the_silent_are_quiet() -> None:
    model = SegmentModel(1, NOW, BY_HAND)
    rich = values(balance=50_000_000, investments=2_000_000, turnover=600_000, days=20, products=3)
    silent = values(balance=300_000, investments=500_000, turnover=20_000, days=0, products=1)
    assert (segment_of(rich, 0, model), segment_of(silent, 0, model)) == ("savers", "quiet")
    assert segment_of(rich, 0, None) is None


def test_a_segment_is_told_by_what_its_customers_typically_have() -> None:
    savers = BY_HAND.segments[1]
    told = BY_HAND.natural(savers)
    as_told = values(
        balance=100 * told[0], investments=100 * told[1], turnover=100 * told[3], days=told[4], products=told[5]
    )
    assert BY_HAND.nearest(as_told, round(100 * told[2])) is savers
