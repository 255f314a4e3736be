"""People's hand in a tier: in force at once and until its moment, and the scorecard's course goes on underneath."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import fields, replace
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from scoring.standing.domain.decision import Decision
from scoring.standing.domain.people import Override
from scoring.standing.domain.placing import heed_refusal, put_on
from scoring.standing.domain.rules import Rules
from scoring.standing.domain.state import Standing, fold_posting
from scoring.standing.domain.tiering import catch_up, decide_due, meet, next_due, place
from scoring.standing.domain.versions import heed_versions
from tests.scoring.rules import BALANCE, DAYS, LIMITS, card, rules
from tests.scoring.standing.test_state import DAY, NOON, posting

NERVOUS = replace(LIMITS, band=2, dwell=2 * DAY, review=3 * DAY)
BY = rules(card(BALANCE, DAYS, limits=NERVOUS))


def spend(standing: Standing, by: Rules, at: datetime, minor: int) -> list[Decision]:
    """A payment of so much, or an income where it is below zero."""
    event = posting(at=at, minor=abs(minor), is_credit=minor < 0)
    return meet(standing, by, at, lambda one: fold_posting(one, event, by.bank.zone))


def rated() -> Standing:
    """A customer in the tier low from noon on."""
    standing = Standing("c-1")
    spend(standing, BY, NOON, -20_000_000)
    assert standing.tier == "low"
    return standing


def put(standing: Standing, tier: str, until: datetime, at: datetime, by: Rules = BY) -> list[Decision]:
    made = catch_up(standing, by, at)
    replaced = put_on(standing, Override(UUID(int=1), tier, until), at)
    change = place(standing, by, at, "override-began" if replaced is None else "override-replaced")
    return made if change is None else [*made, change]


def take_off(standing: Standing, at: datetime, by: Rules = BY) -> list[Decision]:
    made = catch_up(standing, by, at)
    standing.override = None
    change = place(standing, by, at, "override-revoked")
    return made if change is None else [*made, change]


def course(standing: Standing, by: Rules = BY) -> tuple[object, ...]:
    """All that the scorecard alone decides by, and when it does so next."""
    own = standing.course
    assert own.since is not None and standing.decided_at is not None
    due = next_due(by, own.since, standing.below_since, standing.decided_at)
    return (*own, standing.below_since, standing.points, standing.decided_at, due)


def test_an_override_counts_at_once_whatever_the_points() -> None:
    standing = rated()
    before = standing.tier
    (made,) = put(standing, "high", NOON + 30 * DAY, NOON + DAY)
    assert (made.old_tier, made.tier, made.cause, made.decided_at) == (before, "high", "override", NOON + DAY)
    assert made.people_act == "override-began"
    assert (standing.tier, standing.tier_since, standing.revision) == ("high", NOON + DAY, made.revision)
    assert made.points == sum(item.points for item in made.evidence)
    assert spend(standing, BY, NOON + 2 * DAY, 10_000) == []
    assert standing.tier == "high"


def test_an_override_ends_by_silence_as_of_its_very_moment() -> None:
    standing = rated()
    before, until = standing.tier, NOON + timedelta(days=1, hours=5)
    put(standing, "high", until, NOON + timedelta(hours=1))
    assert standing.due_at == until
    (ended,) = decide_due(standing, BY, NOON + 2 * DAY)
    assert (ended.old_tier, ended.tier, ended.cause, ended.decided_at) == ("high", before, "override", until)
    assert ended.people_act == "override-ended"
    assert standing.override is None


def test_an_event_after_the_end_finds_it_ended_as_of_its_moment() -> None:
    standing = rated()
    until = NOON + timedelta(days=1, hours=5)
    put(standing, "high", until, NOON + timedelta(hours=1))
    ended, *_ = spend(standing, BY, NOON + 2 * DAY, 100)
    assert (ended.cause, ended.decided_at) == ("override", until)


def test_what_is_revoked_leaves_the_customer_where_the_scorecard_has_come_to_meanwhile() -> None:
    standing = rated()
    put(standing, "low", NOON + 100 * DAY, NOON + timedelta(hours=1))
    alone = rated()
    for one in (standing, alone):
        spend(one, BY, NOON + DAY, -300_000_000)
        decide_due(one, BY, NOON + 60 * DAY)
    assert (standing.tier, alone.tier) == ("low", "high")
    (back,) = take_off(standing, NOON + 60 * DAY)
    assert (back.tier, back.decided_at, standing.tier) == ("high", NOON + 60 * DAY, "high")
    assert course(standing) == course(alone)


def test_an_override_of_the_tier_the_customer_is_in_changes_nothing_and_holds_them_there() -> None:
    standing = rated()
    assert standing.tier is not None
    assert put(standing, standing.tier, NOON + 100 * DAY, NOON + DAY) == []
    assert spend(standing, BY, NOON + DAY, -300_000_000) == []


def test_an_override_of_a_tier_that_a_new_ladder_does_not_have_counts_no_longer() -> None:
    other = card(BALANCE, version=2, effective_from=NOON + 10 * DAY, limits=replace(NERVOUS, tiers=("a", "b", "c")))
    by = rules(card(BALANCE, limits=NERVOUS), other)
    standing = Standing("c-1")
    spend(standing, by, NOON, -300_000_000)
    put(standing, "low", NOON + 90 * DAY, NOON + DAY, by)
    heed_versions(standing, by.cards)
    moved = [one for one in decide_due(standing, by, NOON + 11 * DAY) if one.decided_at == NOON + 10 * DAY]
    assert [(one.old_tier, one.card.version) for one in moved] == [("low", 2)]
    assert standing.tier in {"a", "b", "c"}


def refuse(standing: Standing, at: datetime, *, refuses: bool = True, revision: int = 2) -> Decision | None:
    changed = heed_refusal(standing, refuses=refuses, revision=revision, at=at)
    return place(standing, BY, at, "automation-refused" if refuses else "refusal-withdrawn") if changed else None


def test_nobody_but_people_change_the_tier_of_who_refused_automated_decisions() -> None:
    standing = rated()
    last = standing.tier
    assert refuse(standing, NOON + DAY) is None
    assert spend(standing, BY, NOON + DAY, -300_000_000) == []
    assert decide_due(standing, BY, NOON + 200 * DAY) == []
    assert (standing.tier, standing.course.tier) == (last, "high")
    (made,) = put(standing, "high", NOON + 210 * DAY, NOON + 200 * DAY)
    assert made.cause == "override"
    assert decide_due(standing, BY, NOON + 220 * DAY) == []
    assert (standing.tier, standing.override) == ("high", None)


def test_who_takes_the_refusal_back_is_where_the_scorecard_has_them_and_an_older_word_counts_no_more() -> None:
    standing, alone = rated(), rated()
    refuse(standing, NOON + DAY, revision=4)
    for one in (standing, alone):
        spend(one, BY, NOON + DAY, -300_000_000)
    assert refuse(standing, NOON + 2 * DAY, refuses=False, revision=3) is None
    assert standing.people_only
    change = refuse(standing, NOON + 2 * DAY, refuses=False, revision=5)
    assert change is not None and (change.tier, change.cause) == (alone.tier, "event")
    assert alone.tier == "middle"
    assert course(standing) == course(alone)


def test_who_refused_and_is_in_a_tier_of_a_former_ladder_stays_there_untold() -> None:
    other = card(BALANCE, version=2, effective_from=NOON + 10 * DAY, limits=replace(NERVOUS, tiers=("a", "b", "c")))
    by = rules(card(BALANCE, limits=NERVOUS), other)
    standing = Standing("c-1")
    spend(standing, by, NOON, -300_000_000)
    heed_refusal(standing, refuses=True, revision=1, at=NOON)
    last = standing.tier
    assert decide_due(standing, by, NOON + 50 * DAY) == []
    assert standing.tier == last


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["spend", "put", "take-off", "silence"]),
        st.integers(0, 12 * 24),
        st.integers(-400_000_000, 50_000_000),
        st.sampled_from(["low", "middle", "high"]),
        st.integers(1, 60 * 24),
    ),
    max_size=25,
)


@given(STEPS)
def test_any_course_of_overrides_put_on_and_taken_off_ends_where_the_scorecard_alone_would_have_been(
    steps: Sequence[tuple[str, int, int, str, int]],
) -> None:
    standing, alone, at = rated(), rated(), NOON
    told = [standing.tier]
    for act, hours, minor, tier, lasts in steps:
        at += timedelta(hours=hours)
        made: list[Decision] = []
        if act == "put":
            made = put(standing, tier, at + timedelta(hours=lasts), at)
        elif act == "take-off":
            made = take_off(standing, at)
        elif act == "spend" and minor:
            made = spend(standing, BY, at, minor)
            spend(alone, BY, at, minor)
        else:
            made = decide_due(standing, BY, at)
            decide_due(alone, BY, at)
        for one in made:
            assert one.old_tier == told[-1]
            told.append(one.tier)
        assert standing.tier == told[-1] == (standing.override.tier if standing.override else standing.course.tier)
    over = at + timedelta(days=61)
    decide_due(standing, BY, over)
    decide_due(alone, BY, over)
    assert standing.override is None
    assert standing.tier == alone.tier
    assert course(standing) == course(alone)


@given(STEPS)
def test_decisions_of_people_are_dated_one_after_the_other_and_counted_without_a_gap(
    steps: Sequence[tuple[str, int, int, str, int]],
) -> None:
    standing, at = rated(), NOON
    made: list[Decision] = []
    for act, hours, minor, tier, lasts in steps:
        at += timedelta(hours=hours)
        made += decide_due(standing, BY, at)
        if act == "put":
            made += put(standing, tier, at + timedelta(hours=lasts), at)
        elif minor:
            made += spend(standing, BY, at, minor)
    assert [one.revision for one in made] == list(range(2, len(made) + 2))
    assert all(one.decided_at <= other.decided_at for one, other in pairwise(made))


def test_a_standing_without_people_is_as_before() -> None:
    standing = rated()
    untouched = deepcopy(standing)
    assert refuse(standing, NOON, refuses=False, revision=9) is None
    differing = {one.name for one in fields(Standing) if getattr(standing, one.name) != getattr(untouched, one.name)}
    assert differing == {"profile_revision"}
