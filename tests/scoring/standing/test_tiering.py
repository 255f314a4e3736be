"""Tiers: up at once, down only after a dwell, and the same decisions whenever somebody looks."""

from copy import deepcopy
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from scoring.scorecard.domain import Thresholds, Tier
from scoring.standing.domain.state import Posting, Standing, fold_posting
from scoring.standing.domain.tiering import TIERS, Decision, Rules, decide, decide_due, next_tier
from tests.scoring.rules import BALANCE, LIMITS, PUBLISHED, card, rules
from tests.scoring.standing.test_state import DAY, NOON, posting

tiers = st.sampled_from(TIERS)
HELD = {"low": -1, "middle": 45, "high": 75}
"""Points from which on a tier is held: its threshold less the band."""


def test_the_first_tier_follows_from_the_plain_thresholds() -> None:
    assert [next_tier(LIMITS, None, None, points, NOON)[0] for points in (49, 50, 79, 80)] == [
        "low", "middle", "middle", "high"
    ]  # fmt: skip


def test_a_rise_needs_the_band_and_then_comes_at_once_over_two_tiers_too() -> None:
    assert next_tier(LIMITS, "low", None, 54, NOON) == ("low", None)
    assert next_tier(LIMITS, "low", None, 55, NOON) == ("middle", None)
    assert next_tier(LIMITS, "low", None, 85, NOON) == ("high", None)
    assert next_tier(LIMITS, "middle", NOON, 84, NOON) == ("middle", None)


def test_a_fall_needs_the_whole_dwell_below_the_band() -> None:
    since = NOON - LIMITS.dwell
    assert next_tier(LIMITS, "high", None, 75, NOON) == ("high", None)
    assert next_tier(LIMITS, "high", None, 74, NOON) == ("high", NOON)
    assert next_tier(LIMITS, "high", since + timedelta(seconds=1), 74, NOON) == ("high", since + timedelta(seconds=1))
    assert next_tier(LIMITS, "high", since, 74, NOON) == ("middle", None)
    assert next_tier(LIMITS, "high", since, 44, NOON) == ("low", None)


def test_points_that_recover_in_time_begin_the_dwell_anew() -> None:
    _, since = next_tier(LIMITS, "middle", None, 40, NOON)
    assert since == NOON
    assert next_tier(LIMITS, "middle", since, 46, NOON + 20 * DAY) == ("middle", None)
    assert next_tier(LIMITS, "middle", None, 40, NOON + 21 * DAY) == ("middle", NOON + 21 * DAY)


@given(tiers, st.lists(st.tuples(st.integers(0, 100), st.integers(0, 40)), max_size=40))
def test_a_tier_is_never_left_while_its_points_are_held(tier: Tier, steps: list[tuple[int, int]]) -> None:
    at, since = NOON, None
    for points, days in steps:
        at += days * DAY
        before = tier
        tier, since = next_tier(LIMITS, before, since, points, at)
        if TIERS.index(tier) < TIERS.index(before):
            assert points < HELD[before]
        assert since is None or points < HELD[tier]


incoming = st.lists(st.tuples(st.integers(1, 200 * 24), st.integers(0, 3_000_000), st.booleans()), max_size=12)


def history(steps: list[tuple[int, int, bool]]) -> list[Posting]:
    """Postings in order of time, with silences between them."""
    at, found = NOON, []
    for hours, minor, is_credit in steps:
        at += timedelta(hours=hours)
        found.append(posting(at, minor, is_credit=is_credit, is_own=hours % 3 > 0))
    return found


def decided(standing: Standing, by: Rules, event: Posting) -> list[Decision]:
    """What a handler does with one event."""
    changes = decide_due(standing, by, event.occurred_at)
    fold_posting(standing, event, by.bank.zone)
    change = decide(standing, by, event.occurred_at)
    return [*changes, change] if change else changes


@given(incoming, st.lists(st.integers(0, 200 * 24), max_size=30), st.sampled_from([rules(), PUBLISHED]))
def test_it_does_not_matter_when_the_sweeper_looks(
    steps: list[tuple[int, int, bool]], looks: list[int], by: Rules
) -> None:
    events = history(steps)
    end = NOON + timedelta(days=900)
    undisturbed, swept = Standing("c-1"), Standing("c-1")
    expected = [change for event in events for change in decided(undisturbed, by, event)]
    expected += decide_due(undisturbed, by, end)
    found: list[Decision] = []
    times = sorted(NOON + timedelta(hours=hours) for hours in looks)
    for event in events:
        while times and times[0] < event.occurred_at:
            found += decide_due(swept, by, times.pop(0))
        found += decided(swept, by, event)
    for at in [*times, end]:
        found += decide_due(swept, by, at)
    assert found == expected
    assert swept == undisturbed


@given(incoming)
def test_a_customer_is_always_due_later_and_never_waits_longer_than_a_review(
    steps: list[tuple[int, int, bool]],
) -> None:
    standing = Standing("c-1")
    for event in history(steps):
        decided(standing, PUBLISHED, event)
        assert standing.due_at is not None
        assert event.occurred_at < standing.due_at <= event.occurred_at + timedelta(days=30)


def test_events_that_change_no_tier_do_not_move_the_next_review() -> None:
    standing = Standing("c-1")
    due = set()
    for day in range(30):
        decided(standing, rules(), posting(NOON + day * DAY, 1))
        due.add(standing.due_at)
    assert due == {NOON + 30 * DAY}


def test_deciding_twice_at_one_moment_changes_nothing() -> None:
    standing = Standing("c-1")
    fold_posting(standing, posting(minor=900_000, is_credit=True), PUBLISHED.bank.zone)
    assert decide(standing, PUBLISHED, NOON) is not None
    before = deepcopy(standing)
    assert decide(standing, PUBLISHED, NOON) is None
    assert standing == before


def test_silence_alone_lowers_a_tier_on_the_day_the_dwell_ends() -> None:
    by = rules(card(BALANCE))
    standing = Standing("c-1")
    fold_posting(standing, posting(minor=1, is_credit=True, balance_after=200_000), by.bank.zone)
    assert decide(standing, by, NOON) is not None
    fold_posting(standing, posting(NOON + DAY, 180_000, balance_after=20_000), by.bank.zone)
    assert decide(standing, by, NOON + DAY) is None
    (fall,) = decide_due(standing, by, NOON + 400 * DAY)
    assert (fall.old_tier, fall.tier, fall.cause) == ("middle", "low", "time")
    below_at = fall.decided_at - LIMITS.dwell
    # The average sinks from 2,000 towards 200 yuan, by half in 90 days: below 1,000 after 106, found at a review.
    assert NOON + 105 * DAY < below_at <= NOON + 136 * DAY


def test_a_new_scorecard_decides_from_its_date_on_though_nothing_happens() -> None:
    change = datetime(2025, 3, 20, tzinfo=UTC)
    limits = Thresholds(middle=70, high=82, band=5, dwell=LIMITS.dwell, review=LIMITS.review)
    by = rules(card(BALANCE), card(BALANCE, version=2, effective_from=change, limits=limits))
    standing = Standing("c-1")
    fold_posting(standing, posting(minor=1, is_credit=True, balance_after=200_000), by.bank.zone)
    first = decide(standing, by, NOON)
    assert first is not None and (first.tier, first.card.version) == ("middle", 1)
    assert standing.due_at == change
    (fall,) = decide_due(standing, by, NOON + 60 * DAY)
    assert (fall.tier, fall.card.version, fall.decided_at) == ("low", 2, change + LIMITS.dwell)
