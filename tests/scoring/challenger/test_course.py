"""The course of a shadow: the challenger's own, exactly, and no trace of it in the standing it follows."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from scoring.challenger.domain.course import Shadow
from scoring.challenger.handlers.following import Shadows
from scoring.standing.domain.decision import Decision
from scoring.standing.domain.people import Override
from scoring.standing.domain.placing import put_on
from scoring.standing.domain.rules import Rules
from scoring.standing.domain.state import Standing, fold_posting
from scoring.standing.domain.tiering import decide_due, meet, place
from tests.scoring.rules import BALANCE, DAYS, LIMITS, TREND, card, rules
from tests.scoring.standing.test_state import DAY, NOON, posting

CHAMPION = rules(card(BALANCE, DAYS, limits=replace(LIMITS, band=2, dwell=2 * DAY, review=3 * DAY)))
CHALLENGER = rules(card(BALANCE, TREND, version=2, limits=replace(LIMITS, starts=(55, 70), dwell=5 * DAY)))
STEPS = st.lists(st.tuples(st.integers(0, 12 * 24), st.integers(-400_000_000, 50_000_000)), max_size=25)
Steps = Sequence[tuple[int, int]]


def moments(steps: Steps) -> list[tuple[datetime, int]]:
    """When, and how much."""
    at, found = NOON, []
    for hours, minor in steps:
        at += timedelta(hours=hours)
        found.append((at, minor))
    return found


def live(standing: Standing, by: Rules, steps: Steps, looking_on: Shadows | None = None) -> list[Decision]:
    """A life of payments, and of incomes where an amount is below zero; in silence between them."""
    made: list[Decision] = []
    for at, minor in moments(steps):
        event = posting(at=at, minor=abs(minor), is_credit=minor < 0)
        if looking_on:
            looking_on.before(standing, at)
        made += meet(standing, by, at, lambda one, event=event: fold_posting(one, event, by.bank.zone))
        if looking_on:
            looking_on.after(standing, at)
    return made


@given(STEPS)
def test_a_shadow_from_the_first_event_on_is_where_the_challenger_alone_would_have_the_customer(steps: Steps) -> None:
    found: dict[str, Shadow] = {}
    followed, standing = Standing("c-1"), Standing("c-1")
    live(followed, CHAMPION, steps, Shadows(2, CHALLENGER, found))
    live(standing, CHALLENGER, steps)
    over = (moments(steps)[-1][0] if steps else NOON) + 90 * DAY
    decide_due(standing, CHALLENGER, over)
    if not steps:
        assert not found
        return
    shadow = found["c-1"]
    shadow.reach(followed, CHALLENGER, over)
    assert (shadow.tier, shadow.tier_since, shadow.below_since) == (
        standing.tier,
        standing.tier_since,
        standing.below_since,
    )
    assert (shadow.points, shadow.due_at, shadow.events) == (standing.points, standing.due_at, len(steps))


@given(STEPS)
def test_who_is_followed_is_decided_as_if_nobody_looked_on(steps: Steps) -> None:
    followed, alone = Standing("c-1"), Standing("c-1")
    made = live(followed, CHAMPION, steps, Shadows(2, CHALLENGER, {}))
    assert made == live(alone, CHAMPION, steps)
    assert followed == alone


@given(STEPS)
def test_a_shadow_begun_amid_a_life_goes_on_as_if_the_challenger_came_into_force_then(steps: Steps) -> None:
    before, after = steps[: len(steps) // 2], steps[len(steps) // 2 :]
    followed = Standing("c-1")
    live(followed, CHAMPION, [(0, -20_000_000), *before])
    begun = (followed.decided_at or NOON) + timedelta(hours=1)
    decide_due(followed, CHAMPION, begun)
    changing = rules(CHAMPION.cards.at(NOON), replace(CHALLENGER.cards.at(NOON), effective_from=begun))
    standing = deepcopy(followed)
    standing.due_at = begun

    shadow = Shadow.of(followed, begun)
    shadow.decide(followed, CHALLENGER, begun)
    decide_due(standing, changing, begun)
    since = [((begun - NOON) // timedelta(hours=1) + 1, -1), *after]
    live(followed, CHAMPION, since, Shadows(2, CHALLENGER, {"c-1": shadow}))
    live(standing, changing, since)
    assert (shadow.tier, shadow.tier_since, shadow.below_since) == (
        standing.tier,
        standing.tier_since,
        standing.below_since,
    )
    assert (shadow.points, shadow.due_at, shadow.events) == (standing.points, standing.due_at, len(since))


def test_agreement_is_counted_after_each_event_and_people_are_left_out_of_it() -> None:
    strict = rules(card(replace(BALANCE, edges=(100_000.0, 1e9)), version=2))
    found: dict[str, Shadow] = {}
    standing = Standing("c-1")
    champion = rules(card(BALANCE))
    live(standing, champion, [(0, -100_000_000), (120 * 24, -1)], Shadows(2, strict, found))
    assert (standing.tier, found["c-1"].tier) == ("high", "middle")
    assert (found["c-1"].events, found["c-1"].agreements) == (2, 1), "both began with the tier low"
    later = NOON + 121 * DAY
    put_on(standing, Override(UUID(int=1), "middle", later + 90 * DAY), later)
    place(standing, champion, later, "override-began")
    live(standing, champion, [(122 * 24, -1)], Shadows(2, strict, found))
    assert (standing.tier, standing.course.tier) == ("middle", "high")
    assert (found["c-1"].events, found["c-1"].agreements) == (3, 1)
    assert Shadow.of(standing, later + DAY).tier == "high"
