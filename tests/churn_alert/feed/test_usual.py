"""What is usual of a partition, whatever order it is heard in, and that ordinary silence is no stop."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import reduce
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as some

from churn_alert.feed.domain.hearing import FeedRules, Heard, PartitionRules, feeds_of, limits_of, stopped_parts
from churn_alert.feed.domain.usual import Usual, hour_of
from tests.churn_alert.lives import DAY, HOUR

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BANK = 12 * HOUR
OWN = PartitionRules(3, 20, 14 * DAY)
RULES = FeedRules(1, {"postings": BANK}, HOUR, OWN)
Acts = list[tuple[int, str]]
hours = some.integers(0, 24 * 60).map(lambda ago: hour_of(NOW) - ago)
acts = some.lists(some.tuples(hours, some.integers(0, 40).map(str)), min_size=1)


def heard_in(polls: Sequence[Acts]) -> Usual:
    return reduce(Usual.merge, map(Usual.of, polls), Usual())


@given(acts, some.randoms(), some.integers(1, 7))
def test_the_same_acts_in_any_order_and_any_polls_leave_the_same(told: Acts, random: Random, size: int) -> None:
    shuffled = random.sample(told, len(told))
    polls = [shuffled[begin : begin + size] for begin in range(0, len(told), size)]
    assert heard_in(polls) == Usual.of(told)
    assert heard_in([*polls, shuffled]) == Usual.of(told), "nor does it matter what is heard twice"


@given(acts, some.integers(1, 48), some.integers(1, 9))
def test_the_longest_ordinary_gap_is_the_longest_to_which_shorter_ones_lead(told: Acts, quiet: int, times: int) -> None:
    latest = max(hour for hour, _ in told)
    kept = sorted({hour for hour, _ in told if hour > latest - 28 * 24})
    gaps = sorted(later - earlier for earlier, later in pairwise(kept))
    said = max((gap for place, gap in enumerate(gaps) if _leads(gaps[: place + 1], quiet, times)), default=1)
    assert Usual.of(told).longest_gap(quiet * HOUR, times) == said * HOUR


def _leads(gaps: list[int], quiet: int, times: int) -> bool:
    before = [0, *gaps]
    return all(gap <= max(quiet, times * shorter) for shorter, gap in zip(before, gaps, strict=False))


def test_a_stop_whose_events_were_lost_does_not_make_a_partition_patient() -> None:
    dense = [(hour_of(NOW) - ago, str(ago % 40)) for ago in range(600) if not 100 < ago < 220 and ago % 8]
    assert Usual.of(dense).longest_gap(BANK, 3) == 2 * HOUR


def lived(customers: int, every: float, *, random: Random) -> list[datetime]:
    """When anything came of so many customers, each of whom acts so often, in days, whenever it happens to be."""
    moments, now = [], NOW - 100 * DAY
    while (now := now + random.expovariate(customers / every) * DAY) < NOW:
        moments.append(now)
    return moments


@pytest.mark.parametrize(("customers", "every"), [(1, 1.0), (3, 4.0), (10, 10.0), (30, 20.0), (60, 60.0), (200, 10.0)])
def test_no_ordinary_silence_of_a_partition_is_a_stop_however_few_or_many_its_customers_are(
    customers: int, every: float
) -> None:
    random, usual, looks = Random(customers), Usual(), 0
    moments = lived(customers, every, random=random)
    for at, later in zip(moments, [*moments[1:], NOW], strict=True):
        usual = usual.merge(Usual.of([(hour_of(at), f"c-{random.randrange(customers)}")]))
        row = Heard("postings", 0, at, usual=usual)
        beside = Heard("postings", 1, later)
        looks += usual.spans >= OWN.least_known
        assert limits_of([row, beside], RULES, later) == {}
    assert looks


@pytest.mark.parametrize("customers", [1, 12, 19])
def test_where_customers_are_few_their_silence_is_their_own_however_dense_it_was(customers: int) -> None:
    dense = Usual.of((hour_of(NOW) - ago, f"c-{ago % customers}") for ago in range(24 * 28))
    row = Heard("postings", 0, NOW, usual=dense)
    later = NOW + 40 * DAY
    assert limits_of([row, Heard("postings", 1, later)], RULES, later) == {}


def test_a_dense_partition_that_falls_silent_is_stopped_alone_and_returning_alone() -> None:
    dense = Usual.of((hour_of(NOW) - ago, f"c-{ago % 60}") for ago in range(24 * 28))
    row, later = Heard("postings", 0, NOW, usual=dense), NOW + 13 * HOUR
    beside = Heard("postings", 1, later)
    assert limits_of([row, beside], RULES, later) == {0: NOW}
    assert stopped_parts([row, beside], RULES, later) == {("postings", 0)}
    (feed,) = feeds_of([row, beside], RULES, later)
    assert (feed.state, [(one.partition, one.state, one.since) for one in feed.parts]) == (
        "live",
        [(0, "stopped", NOW)],
    )
    assert limits_of([row, beside], RULES, NOW + BANK) == {}, "not before the whole bank would be"
    assert limits_of([row, beside], replace(RULES, partitions=None), later) == {}, "the broken variant: nobody sees it"
    back = row._replace(until=later - timedelta(minutes=5), own_returned_at=later)
    for minutes, limit in ((0, {0: back.until}), (59, {0: back.until}), (60, {})):
        assert limits_of([back, beside], RULES, later + timedelta(minutes=minutes)) == limit
