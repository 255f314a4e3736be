"""Crossings: found at events and by silence alone, the same whenever somebody looks, and never back and forth."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn_alert.risk.domain.behaviour import Risk
from churn_alert.risk.domain.crossing import (
    Crossing,
    Rules,
    anchor_of,
    catch_up,
    decide,
    settle,
    silence_raises_at,
)
from churn_alert.risk.domain.peace import Care, forget, heed_consent, rest_from
from rapport.events.base import Event
from tests.churn_alert.lives import DAY, HOUR, RULES, START, drawn, fold, lived, paid, steady, when

MODEL = RULES.model
slowly = settings(deadline=None, max_examples=40)


def with_looks(
    events: Sequence[Event], random: Random, share: float, rules: Rules = RULES
) -> tuple[Risk, list[Crossing]]:
    """As `lived`, but the state is stored after some events and somebody looks for what is due in between."""
    risk, found = Risk("c-1"), []
    for number, event in enumerate(events):
        at = when(event)
        found.append(catch_up(risk, rules, at, is_deciding=random.random() < 0.8))
        fold(risk, event)
        found.append(decide(risk, rules, at))
        following = when(events[number + 1]) if number + 1 < len(events) else at
        while random.random() < share:
            settle(risk, rules)
            look = at + (following - at) * random.random()
            found.append(catch_up(risk, rules, look))
    return risk, [crossing for crossing in found if crossing is not None]


def seen(crossings: Sequence[Crossing]) -> list[tuple[object, ...]]:
    return [(one.at, one.direction, one.cause, one.probability, one.indicators) for one in crossings]


@slowly
@given(seed=st.integers(0, 100_000), share=st.sampled_from([0.1, 0.5, 0.9]))
def test_whenever_somebody_looks_the_crossings_are_the_same(seed: int, share: float) -> None:
    random = Random(seed)
    events = drawn(random, "c-1")
    risk, crossings = lived(events)
    other, others = with_looks(events, random, share)
    assert seen(others) == seen(crossings)
    settle(risk, RULES)
    settle(other, RULES)
    assert (risk.due_at, risk.is_raised, risk.level_since) == (other.due_at, other.is_raised, other.level_since)


@slowly
@given(seed=st.integers(0, 100_000), share=st.floats(0.3, 1.0))
def test_silence_raises_the_risk_in_the_very_second_it_reaches_the_threshold(seed: int, share: float) -> None:
    events = drawn(Random(seed), "c-1")
    risk, _ = lived(events[: max(1, int(len(events) * share))])
    settle(risk, RULES)
    anchor, due = anchor_of(risk, RULES), silence_raises_at(risk, RULES)
    assert anchor is not None
    if due is None:
        days = risk.active_days
        is_new = days is None or days.count < MODEL.least_active_days
        assert risk.is_raised or is_new or MODEL.probability(anchor, 400) < MODEL.upper
        return
    assert risk.due_at is not None
    assert risk.due_at <= due
    assert MODEL.probability(anchor, anchor.silence(due)) >= MODEL.upper
    reached_by_the_clock = due in (
        (risk.first_event_at or START) + MODEL.least_history,
        (risk.level_since or START) + MODEL.rest,
    )
    before = due - timedelta(seconds=2)
    assert reached_by_the_clock or MODEL.probability(anchor, anchor.silence(before)) < MODEL.upper


@slowly
@given(seed=st.integers(0, 100_000))
def test_crossings_alternate_and_keep_the_dwell_and_the_rest(seed: int) -> None:
    _, crossings = lived(drawn(Random(seed), "c-1"))
    assert not crossings or crossings[0].direction == "up"
    for one, following in pairwise(crossings):
        assert one.direction != following.direction
        least = MODEL.dwell if one.direction == "up" else MODEL.rest
        assert following.at - one.at >= least


def silent_after(days: int, back_after: int) -> list[Event]:
    """Steady, then silent, then as before."""
    calm = steady("c-1", days)
    return calm + steady("c-1", 60, start=START + (days + back_after) * DAY)


def test_a_silent_customer_crosses_without_an_event_and_comes_back_with_one() -> None:
    _, (up, down) = lived(silent_after(200, 60))
    assert (up.direction, up.cause) == ("up", "silence")
    assert up.probability == pytest.approx(MODEL.upper, abs=1e-3)
    assert START + 205 * DAY < up.at < START + 235 * DAY
    assert (down.direction, down.cause) == ("down", "event")
    assert down.probability <= MODEL.lower == down.threshold


def test_a_crossing_carries_each_measure_beside_the_customers_own_range() -> None:
    _, (up, _) = lived(silent_after(200, 60))
    week = {one.name: one for one in up.indicators}["activity-week"]
    assert week.is_low
    assert week.normal_low is not None
    assert week.normal_high is not None
    assert week.value < week.normal_low < 1 < week.normal_high


def test_nobody_is_judged_before_there_is_enough_history() -> None:
    risk, crossings = lived(steady("c-1", 40))
    settle(risk, RULES)
    assert (crossings, risk.probability) == ([], None)
    assert silence_raises_at(risk, RULES) == START + MODEL.least_history
    few, none = lived([paid("c-1", START + number * 20 * DAY) for number in range(MODEL.least_active_days - 1)])
    settle(few, RULES)
    assert (none, few.due_at, silence_raises_at(few, RULES)) == ([], None, None)


def test_a_risk_that_just_fell_rests_before_it_rises_again() -> None:
    risk, (_, down) = lived(silent_after(200, 60))
    settle(risk, RULES)
    assert risk.due_at is not None
    assert risk.due_at >= down.at + MODEL.rest


def raised() -> Risk:
    risk, _ = lived(steady("c-1", 200))
    assert catch_up(risk, RULES, START + 300 * DAY) is not None
    return risk


def test_a_raised_risk_that_was_dealt_with_does_not_cross_again_before_it_has_fallen() -> None:
    risk = raised()
    rest_from(risk, START + 300 * DAY, rearmed=False)
    settle(risk, RULES)
    assert risk.is_raised
    assert risk.due_at is None


def test_a_customer_said_to_be_retained_crosses_again_after_the_rest_if_silent_still() -> None:
    risk = raised()
    rest_from(risk, START + 300 * DAY, rearmed=True)
    assert catch_up(risk, RULES, START + 300 * DAY + MODEL.rest - HOUR) is None
    again = catch_up(risk, RULES, START + 400 * DAY)
    assert again is not None
    assert (again.direction, again.cause, again.at) == ("up", "silence", START + 300 * DAY + MODEL.rest)


def test_who_refuses_care_crosses_nothing_and_who_allows_it_again_crosses_at_once_if_silent_still() -> None:
    risk = raised()
    heed_consent(risk, Care(refused=True, without_feedback=False))
    assert decide(risk, RULES, START + 300 * DAY) is None
    assert (risk.is_raised, risk.probability, risk.level_since) == (False, None, None)
    settle(risk, RULES)
    assert risk.due_at is None
    assert catch_up(risk, RULES, START + 400 * DAY) is None
    fold(risk, paid("c-1", START + 401 * DAY))
    assert decide(risk, RULES, START + 401 * DAY) is None
    heed_consent(risk, Care(refused=False, without_feedback=False))
    again = decide(risk, RULES, START + 460 * DAY)
    assert again is not None and again.direction == "up"


def test_a_rest_goes_on_while_care_is_refused() -> None:
    risk = raised()
    rest_from(risk, START + 300 * DAY, rearmed=True)
    forget(risk)
    assert risk.level_since == START + 300 * DAY


def test_a_timer_of_another_model_is_set_anew_instead_of_fired() -> None:
    risk, _ = lived(steady("c-1", 200))
    settle(risk, RULES)
    due = silence_raises_at(risk, RULES)
    assert due is not None
    calmer = replace(RULES, model=replace(MODEL, version=2, upper=0.97))
    assert catch_up(risk, calmer, due) is None
    assert risk.due_at is not None
    assert risk.due_at > due
    assert risk.model_version == 2


def test_a_late_event_is_folded_and_the_customer_decided_again_now() -> None:
    risk = raised()
    now = START + 310 * DAY
    for number in range(100):
        fold(risk, paid("c-1", now - DAY - number * DAY))
    crossing = decide(risk, RULES, now)
    assert crossing is not None
    assert (crossing.direction, crossing.at) == ("down", now)


def test_an_event_before_any_history_decides_nothing() -> None:
    assert decide(Risk("c-1"), RULES, datetime.now(tz=START.tzinfo)) is None
