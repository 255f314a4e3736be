"""Active days: a set of dates in few bytes."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.behaviour.active_days import ActiveDays

days = st.dates(date(1990, 1, 1), date(2060, 1, 1))
some_days = st.lists(days, min_size=1, max_size=30)


def of(dates: list[date]) -> ActiveDays:
    active = ActiveDays.on(dates[0])
    for day in dates[1:]:
        active = active.add(day)
    return active


@given(some_days, st.randoms(use_true_random=False))
def test_any_order_with_any_repetition_gives_the_same_days(dates: list[date], random: Random) -> None:
    shuffled = dates + dates[: len(dates) // 2]
    random.shuffle(shuffled)
    active = of(shuffled)
    assert active == of(dates)
    assert (active.first, active.last, active.count) == (min(dates), max(dates), len(set(dates)))


@given(some_days, some_days)
def test_merging_is_the_union(left: list[date], right: list[date]) -> None:
    assert of(left).merge(of(right)) == of(left + right) == of(right).merge(of(left))


@given(some_days)
def test_what_is_stored_comes_back(dates: list[date]) -> None:
    active = of(dates)
    assert ActiveDays.from_bytes(active.first, active.to_bytes()) == active
    assert len(active.to_bytes()) == (active.last - active.first).days // 8 + 1


@given(some_days, days, days)
def test_days_of_a_period_are_counted_without_its_end(dates: list[date], start: date, end: date) -> None:
    assert of(dates).count_between(start, end) == len({day for day in dates if start <= day < end})


def test_the_history_counts_days_from_midnight_of_the_first_in_the_banks_zone() -> None:
    shanghai = ZoneInfo("Asia/Shanghai")
    active = of([date(2024, 3, 1), date(2024, 3, 11), date(2024, 3, 4)])
    history = active.history(datetime(2024, 3, 20, 16, 0, tzinfo=UTC), shanghai)  # midnight of the 21st there
    assert history == (2, 10.0, 20.0)
    assert active.start(shanghai) + timedelta(days=20) == datetime(2024, 3, 21, tzinfo=shanghai)


def test_an_age_is_never_below_the_recency() -> None:
    active = of([date(2024, 3, 1), date(2024, 3, 11)])
    assert active.history(datetime(2024, 3, 5, tzinfo=UTC), UTC).age == pytest.approx(10.0)
