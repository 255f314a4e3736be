"""Which rate counts: by the day it is for and the moment it was known, in whatever order the rates came."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from scoring.exchange_rate.domain import Rate, Rates

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def rate(
    number: int, day: date, *, told: timedelta = timedelta(0), known: timedelta = timedelta(0), currency: str = "USD"
) -> Rate:
    price = Fraction(7000 + number, 1000)
    return Rate(currency, day, NEW_YEAR + told, UUID(int=number), NEW_YEAR + known, price, float(price))


def rates(*told: Rate) -> Rates:
    known = Rates()
    known.add(told)
    return known


def test_the_latest_day_up_to_the_one_asked_for_counts() -> None:
    known = rates(rate(1, date(2026, 1, 30)), rate(2, date(2026, 1, 28)), rate(3, date(2026, 2, 1)))
    found = known.at("USD", date(2026, 1, 31), NEW_YEAR + 40 * timedelta(days=1))
    assert found is not None and found.event_id == UUID(int=1)
    assert known.at("USD", date(2026, 1, 27), NEW_YEAR + 40 * timedelta(days=1)) is None
    assert known.at("HKD", date(2026, 1, 31), NEW_YEAR + 40 * timedelta(days=1)) is None


def test_a_rate_counts_from_a_minute_after_it_was_known() -> None:
    first, late = rate(1, date(2026, 1, 1)), rate(2, date(2026, 1, 31), known=timedelta(days=33))
    known, came = rates(late, first), late.known_at
    assert known.at("USD", date(2026, 1, 31), came + MINUTE - timedelta(microseconds=1)) == first
    assert known.at("USD", date(2026, 1, 31), came + MINUTE) == late


def test_a_correction_counts_from_when_it_is_known_and_changes_nothing_before() -> None:
    day = date(2026, 1, 31)
    first = rate(2, day, told=timedelta(days=30), known=timedelta(days=30))
    correction = rate(1, day, told=timedelta(days=32), known=timedelta(days=32))
    known = rates(correction, first)
    assert known.at("USD", day, NEW_YEAR + timedelta(days=31)) == first
    assert known.at("USD", day, NEW_YEAR + timedelta(days=33)) == correction


told_rates = st.lists(
    st.builds(
        lambda number, day, told, known, currency: rate(
            number,
            date(2026, 1, 1) + timedelta(days=day),
            told=timedelta(hours=told),
            known=timedelta(hours=known),
            currency=currency,
        ),
        st.integers(0, 10**6),
        st.integers(0, 60),
        st.integers(0, 1500),
        st.integers(0, 1500),
        st.sampled_from(["USD", "HKD"]),
    ),
    max_size=30,
    unique_by=lambda one: one.event_id,
)


@given(told_rates, st.integers(0, 60), st.integers(0, 1600), st.randoms(use_true_random=False))
def test_in_any_order_the_answer_is_that_of_asking_every_rate(
    told: list[Rate], days: int, hours: int, random: Random
) -> None:
    day, moment = date(2026, 1, 1) + timedelta(days=days), NEW_YEAR + timedelta(hours=hours)
    counting = [one for one in told if one.currency == "USD" and one.day <= day and one.known_at + MINUTE <= moment]
    expected = max(counting, key=lambda one: (one.day, one.told_at, one.event_id), default=None)
    random.shuffle(told)
    known = rates(*told[:10])
    known.add(told[10:])
    assert known.at("USD", day, moment) == expected
