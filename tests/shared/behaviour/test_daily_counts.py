"""Days counted so that what is taken back is gone as if it had never been."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from rapport.behaviour.daily_counts import DailyCounts

ORIGIN = date(2025, 3, 3)
days = st.integers(-400, 400).map(lambda offset: ORIGIN + timedelta(days=offset))
steps = st.lists(st.tuples(st.integers(-12, 12).map(lambda n: ORIGIN + timedelta(days=n)), st.booleans()), max_size=60)


def counted(noted: list[tuple[date, bool]]) -> DailyCounts | None:
    """`(day, is it added?)` in this order; None where nothing is left."""
    counts: DailyCounts | None = None
    for day, is_added in noted:
        before = counts or DailyCounts(day, 0)
        counts = before.add(day) if is_added else before.take(day)
        if counts.is_nothing:
            counts = None
    return counts


def balance_of(noted: list[tuple[date, bool]]) -> dict[date, int]:
    """The independent recount: how much more was added than taken, by day, zeros left out."""
    balance: Counter[date] = Counter()
    for day, is_added in noted:
        balance[day] += 1 if is_added else -1
    return {day: count for day, count in balance.items() if count}


@given(steps)
def test_active_are_the_days_of_which_more_was_added_than_taken_back(noted: list[tuple[date, bool]]) -> None:
    counts, balance = counted(noted), balance_of(noted)
    active = sorted(day for day, count in balance.items() if count > 0)
    assert (counts is None) == (not balance)
    if counts is not None:
        assert counts.days == len(active)
        assert (counts.first_day, counts.last_day) == ((active[0], active[-1]) if active else (None, None))
        assert counts.first == min(balance)


@given(steps, st.randoms())
def test_the_same_days_in_any_order_are_the_same_value(noted: list[tuple[date, bool]], random: object) -> None:
    shuffled = list(noted)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert counted(shuffled) == counted(noted)


@given(steps, steps)
def test_what_is_added_and_taken_back_leaves_no_trace(
    noted: list[tuple[date, bool]], wrong: list[tuple[date, bool]]
) -> None:
    undone = [(day, not is_added) for day, is_added in reversed(wrong)]
    assert counted(noted + wrong + undone) == counted(noted)
    assert counted(undone + noted + wrong) == counted(noted)


@given(steps)
def test_what_is_stored_comes_back_equal(noted: list[tuple[date, bool]]) -> None:
    counts = counted(noted)
    if counts is not None:
        assert DailyCounts.from_bytes(counts.first, counts.bits_to_bytes(), counts.more_to_bytes()) == counts


def test_once_a_day_takes_the_bitmap_alone() -> None:
    counts = DailyCounts.on(ORIGIN).add(ORIGIN + timedelta(days=8))
    assert (counts.bits_to_bytes(), counts.more_to_bytes()) == (b"\x01\x01", None)


@given(st.lists(days, min_size=1, max_size=30), days, days)
def test_a_window_counts_each_active_day_once(active: list[date], one: date, other: date) -> None:
    start, end = sorted((one, other))
    counts = counted([(day, True) for day in active])
    assert counts is not None
    assert counts.count_between(start, end) == len({day for day in active if start <= day < end})


def test_a_history_begins_with_the_first_active_day() -> None:
    at = datetime(2025, 3, 13, 12, tzinfo=UTC)
    counts = DailyCounts.on(ORIGIN).add(ORIGIN + timedelta(days=4)).add(ORIGIN + timedelta(days=4))
    assert counts.history(at, UTC) == (1, 4.0, 10.5)
    assert counts.take(ORIGIN).history(at, UTC) == (0, 0.0, 6.5)
    owing = DailyCounts(ORIGIN, 0).take(ORIGIN)
    assert owing.history(at, UTC) is None
    assert owing.add(ORIGIN + timedelta(days=1)).history(at, UTC) == (0, 0.0, 9.5)


@given(steps, st.integers(-14, 14).map(lambda n: ORIGIN + timedelta(days=n)))
def test_before_a_day_only_the_days_before_it_are_known(noted: list[tuple[date, bool]], end: date) -> None:
    counts, earlier = counted(noted), counted([step for step in noted if step[0] < end])
    if counts is not None:
        known = counts.before(end)
        assert known.is_nothing if earlier is None else known == earlier


@given(steps, st.integers(-15, 15), st.integers(1, 20))
def test_windows_that_end_ever_earlier_are_counted_as_each_alone(
    noted: list[tuple[date, bool]], last: int, window: int
) -> None:
    counts, end = counted(noted) or DailyCounts(ORIGIN, 0), ORIGIN + timedelta(days=last)
    ends = [end - timedelta(days=earlier) for earlier in range(40)]
    alone = [counts.count_between(day - timedelta(days=window - 1), day + timedelta(days=1)) for day in ends]
    assert list(islice(counts.trailing(end, window), 40)) == alone


@given(steps, st.randoms())
def test_days_noted_apart_and_merged_are_as_if_noted_together(noted: list[tuple[date, bool]], random: object) -> None:
    """However they are dealt out: also where one side takes back what the other added."""
    sides: tuple[list[tuple[date, bool]], list[tuple[date, bool]]] = ([], [])
    for one in noted:
        sides[random.randrange(2)].append(one)  # type: ignore[attr-defined]
    mine, theirs = map(counted, sides)
    if mine is not None and theirs is not None:
        merged = mine.merge(theirs)
        assert merged == theirs.merge(mine)
        assert (None if merged.is_nothing else merged) == counted(noted)
