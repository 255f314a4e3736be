"""Replay equals life: neither the size of a batch, nor when somebody looks changes what happened."""

import json
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from churn_alert.alert.acts import acknowledge_alert, close_alert, snooze_alert
from churn_alert.alert.domain.lifecycle import AlertAlreadyAcknowledged, SnoozedTooOften
from churn_alert.risk.domain.sums import SUMS
from rapport.behaviour.decay import column_names
from rapport.events.feedback import FeedbackClassified
from tests.churn_alert.lives import DAY, START, Heard, complained, drawn, heard, steady, when
from tests.churn_alert.playing import Deed, History, Player
from tests.support.delivering import Delivering

DECAYED = column_names(*SUMS)
EXACT = (
    "own_transactions",
    "channel_uses",
    "negative_feedbacks",
    "sums_as_of",
    "active_days_from",
    "active_days",
    "first_event_at",
    "last_activity_at",
)


def history(random: Random, *, customers: int = 6, days: int = 330) -> list[Heard]:
    """Some customers' lives, in the order of time."""
    return heard(event for number in range(customers) for event in drawn(random, f"c-{number}", days=days))


@pytest.mark.parametrize("seed", range(3))
async def test_any_batch_size_and_any_sweeping_give_the_same_history(service: Delivering, seed: int) -> None:
    random = Random(seed)
    events = history(random)
    player = Player(service)
    life = await player.play(events, batch=random.randint(2, 5), sweeps=random.randint(1, 2))
    assert {cause for _, _, _, cause, *_ in life.crossings} == {"event", "silence"}
    assert {direction for _, _, direction, *_ in life.crossings} == {"up", "down"}
    for batch in (random.randint(20, 60), 1000, len(events)):
        assert await player.play(events, batch=batch, sweeps=0) == life


@pytest.mark.parametrize("seed", range(2))
async def test_what_people_do_about_alerts_and_what_they_leave_undone_is_the_same_at_any_speed(
    service: Delivering, seed: int
) -> None:
    """Snoozed, taken up, closed at moments of their own, or left until they are escalated: each is a step as of its
    own time, whatever is handled at once."""
    random = Random(100 + seed)
    events = history(random)
    state = service.runtime.composition.state
    longest = state["alerting"].policy.longest_snooze

    def deed(number: int) -> Deed:
        at = START + random.uniform(100, 330) * DAY
        until = at + random.uniform(0.1, 1.0) * longest
        act = [
            lambda tx, act: _unless_refused(snooze_alert(tx, act, until)),
            lambda tx, act: _unless_refused(snooze_alert(tx, act, until)),
            lambda tx, act: _unless_refused(acknowledge_alert(tx, act)),
            lambda tx, act: close_alert(tx, act, "retained", outcome_at=None, let_rest=state["let_rest"]),
        ][number % 4]
        return Deed(at, f"c-{random.randrange(6)}", act)

    deeds = [deed(number) for number in range(60)]
    player = Player(service)
    life = await player.play(events, batch=random.randint(2, 5), sweeps=2, deeds=deeds)
    steps = {step for _, _, step, *_ in life.steps}
    assert steps >= {"opened", "snoozed", "woken", "escalated", "acknowledged", "closed"}
    for batch in (random.randint(20, 60), len(events)):
        replayed = await player.play(events, batch=batch, sweeps=0, deeds=deeds)
        assert replace(replayed, told=told(replayed)) == replace(life, told=told(life))


def told(history: History) -> list[str]:
    """Without ids: of what people did it is another each time."""
    return sorted(json.dumps(fact, sort_keys=True) for _, _, fact in history.told)


async def _unless_refused(act: Awaitable[Any]) -> None:
    with suppress(AlertAlreadyAcknowledged, SnoozedTooOften):
        await act


async def test_one_by_one_gives_what_all_at_once_gives(service: Delivering) -> None:
    events = history(Random(11), customers=2)
    player = Player(service)
    assert await player.play(events, batch=1, sweeps=1) == await player.play(events, batch=len(events), sweeps=0)


@pytest.mark.parametrize("seed", range(3))
async def test_feedback_heard_weeks_ahead_of_its_time_gives_the_same_history(service: Delivering, seed: int) -> None:
    random = Random(seed)
    last_straw = complained("c-9", START + 175 * DAY)
    lives = [one.event for one in history(random)]
    on_time = heard([*lives, *steady("c-9", 150), last_straw])
    early = [
        replace(one, at=one.at - random.uniform(0, 60) * DAY) if isinstance(one.event, FeedbackClassified) else one
        for one in on_time
    ]
    early.sort(key=lambda one: (one.at, one.event.key))
    player = Player(service)
    life = await player.play(on_time, batch=random.randint(2, 60), sweeps=1)
    other = await player.play(early, batch=random.randint(2, 60), sweeps=random.randint(0, 2))
    assert ("c-9", "up", "event", when(last_straw)) in {(c, way, why, at) for _, c, way, why, _, at in life.crossings}
    assert other == life


async def test_any_order_of_the_same_events_gives_the_same_state(service: Delivering) -> None:
    random = Random(5)
    events = history(random, customers=4)
    end = events[-1].at + DAY
    late = [replace(one, at=end) for one in events]
    shuffled = list(late)
    random.shuffle(shuffled)
    player = Player(service)
    one, other = await player.play(late, batch=300, sweeps=0), await player.play(shuffled, batch=170, sweeps=0)
    assert len(one.risks) == 4
    assert one.tallies == other.tallies != []
    for left, right in zip(one.risks, other.risks, strict=True):
        assert {name: left[name] for name in EXACT} == {name: right[name] for name in EXACT}
        gross = max(abs(left[name]) for name in DECAYED)
        assert decayed(left) == pytest.approx(decayed(right), rel=1e-9, abs=1e-9 * gross)
    assert one.paces == pytest.approx(other.paces, rel=1e-9, abs=1e-6)


def decayed(row: dict[str, Any]) -> list[float]:
    """All that only adds up to a rounding: the sums, and what moved over each account."""
    return [row[name] for name in DECAYED] + [value for _, flow, *_ in row["accounts"] for value in flow["values"]]
