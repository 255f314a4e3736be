"""Decayed sums: the order of events, and how they are split, does not matter."""

from datetime import UTC, datetime, timedelta
from math import exp2, isfinite
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.behaviour.decay import DAY, HALF_LIVES, DecayedSums, average_balance, column_names, rate

Movement = tuple[datetime, tuple[float, float]]

moments = st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))
amounts = st.integers(-(10**12), 10**12).map(float)
movements = st.lists(st.tuples(moments, st.tuples(st.sampled_from([1.0, -1.0]), amounts)), max_size=40)


def directly(events: list[Movement], at: datetime) -> list[float]:
    """The definition, event by event: no state, no order."""
    return [
        sum(pair[number] * exp2(-((at - time) / DAY) / half_life) for time, pair in events)
        for number in range(2)
        for half_life in HALF_LIVES
    ]


def assert_equal_to_rounding(state: DecayedSums, events: list[Movement], at: datetime) -> None:
    gross = directly([(time, (abs(one), abs(two))) for time, (one, two) in events], at)
    found = [value for by_half_life in state.read(at) for value in by_half_life]
    for value, expected, scale in zip(found, directly(events, at), gross, strict=True):
        assert abs(value - expected) <= 1e-9 * scale + 1e-290


def folded(events: list[Movement]) -> DecayedSums:
    return DecayedSums.nothing(2).add_all(events)


@given(movements, st.randoms(use_true_random=False))
def test_any_order_gives_the_sum_of_the_definition(events: list[Movement], random: Random) -> None:
    shuffled = list(events)
    random.shuffle(shuffled)
    at = max((time for time, _ in events), default=datetime(2000, 1, 1, tzinfo=UTC)) + 3 * DAY
    assert_equal_to_rounding(folded(events), events, at)
    assert_equal_to_rounding(folded(shuffled), events, at)


@given(movements, movements)
def test_merging_parts_equals_folding_the_whole(left: list[Movement], right: list[Movement]) -> None:
    events = left + right
    at = max((time for time, _ in events), default=datetime(2000, 1, 1, tzinfo=UTC))
    assert_equal_to_rounding(folded(left).merge(folded(right)), events, at)
    assert_equal_to_rounding(folded(right).merge(folded(left)), events, at)


@given(movements, movements, st.randoms(use_true_random=False))
def test_reversals_undo_what_they_reverse_wherever_they_arrive(
    kept: list[Movement], undone: list[Movement], random: Random
) -> None:
    reversals = [(time, (-one, -two)) for time, (one, two) in undone]
    events = kept + undone + reversals
    random.shuffle(events)
    at = max((time for time, _ in events), default=datetime(2000, 1, 1, tzinfo=UTC))
    assert_equal_to_rounding(folded(events), events, at)
    gross = directly([(time, (abs(one), abs(two))) for time, (one, two) in events], at)
    found = [value for by_half_life in folded(events).read(at) for value in by_half_life]
    for value, expected, scale in zip(found, directly(kept, at), gross, strict=True):
        assert abs(value - expected) <= 1e-9 * scale + 1e-290


def test_ten_thousand_events_of_seventy_years_stay_exact_and_finite() -> None:
    draw, start = Random(1990), datetime(1990, 1, 1, tzinfo=UTC)
    events: list[Movement] = [
        (start + timedelta(seconds=draw.randrange(70 * 365 * 86_400)), (1.0, float(draw.randrange(10**9))))
        for _ in range(10_000)
    ]
    state = folded(events)
    assert all(isfinite(value) for value in state.values)
    assert_equal_to_rounding(state, events, start + timedelta(days=70 * 365))
    assert_equal_to_rounding(folded(sorted(events)), events, start + timedelta(days=70 * 365))


def test_a_reading_before_the_latest_event_stands_at_that_event() -> None:
    time = datetime(2024, 5, 1, 12, tzinfo=UTC)
    state = DecayedSums.nothing(1).add(time, 5.0)
    assert state.read(time - DAY) == state.read(time)
    assert state.read(time)[0].week == 5.0
    assert state.read(time + 7 * DAY)[0].week == pytest.approx(2.5, rel=1e-12)
    assert state.read(time + 365 * DAY)[0].year == pytest.approx(2.5, rel=1e-12)


def test_nothing_reads_as_zero_and_merges_as_neutral() -> None:
    state = DecayedSums.nothing(1).add(datetime(2024, 5, 1, tzinfo=UTC), 5.0)
    assert DecayedSums.nothing(1).merge(state) == state == state.merge(DecayedSums.nothing(1))
    assert DecayedSums.nothing(2).read(datetime(2024, 5, 1, tzinfo=UTC)) == ((0.0,) * 4, (0.0,) * 4)


def test_sums_of_different_number_do_not_mix() -> None:
    with pytest.raises(ValueError, match="1 amounts for 2 sums"):
        DecayedSums.nothing(2).add(datetime(2024, 5, 1, tzinfo=UTC), 1.0)
    with pytest.raises(ValueError, match="2 sums cannot be merged with 1"):
        DecayedSums.nothing(2).merge(DecayedSums.nothing(1))


def test_columns_are_named_in_the_order_of_the_values() -> None:
    assert column_names("activity", "credits") == (
        "activity_7d", "activity_30d", "activity_90d", "activity_365d",
        "credits_7d", "credits_30d", "credits_90d", "credits_365d",
    )  # fmt: skip


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(-5000, 5000)), min_size=1, max_size=30))
def test_the_average_balance_is_the_integral_over_the_path(steps: list[tuple[int, int]]) -> None:
    start, end = datetime(2020, 1, 1, tzinfo=UTC), 1000
    state = DecayedSums.nothing(1).add_all((start + day * DAY, (float(amount),)) for day, amount in steps)
    balance = float(sum(amount for _, amount in steps))
    gross = float(sum(abs(amount) for _, amount in steps)) + 1.0
    for half_life, decayed in zip(HALF_LIVES, state.read(start + end * DAY)[0], strict=True):
        integral, held, since = 0.0, 0.0, 0
        for day, amount in [*sorted(steps), (end, 0)]:
            integral += held * (exp2(-(end - day) / half_life) - exp2(-(end - since) / half_life))
            held, since = held + amount, day
        assert average_balance(balance, decayed) == pytest.approx(integral, abs=1e-9 * gross)


def test_a_steady_flow_has_its_own_rate() -> None:
    start = datetime(2020, 1, 1, tzinfo=UTC)
    state = DecayedSums.nothing(1).add_all((start + hour * DAY / 24, (1.0 / 24,)) for hour in range(24 * 600))
    assert rate(state.read(start + 600 * DAY)[0].month, 30.0) == pytest.approx(1.0, rel=1e-3)
