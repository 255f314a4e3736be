"""Replay equals life: neither the size of a batch, nor when somebody looks, nor repeats change what happened."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from tests.feedback.case.playing import CUSTOMERS, Deed, Player, Step
from tests.feedback.said import DAY, HOUR, MONDAY
from tests.support.delivering import Delivering

DEEDS: list[Deed] = ["submit", "submit", "respond", "respond", "resolve", "reopen"]
# Whole and half days make deadlines and deeds coincide, where an off-by-one would show.
WAITS = [timedelta(0), timedelta(0), HOUR, DAY / 2, DAY, DAY - timedelta(microseconds=1)]
LATE = [timedelta(0), timedelta(0), HOUR, DAY, 3 * DAY]


def history(random: Random, *, length: int = 40) -> list[Step]:
    """A history in its order. Seeds, not shrinking: a small history hardly ever meets a deadline between two deeds."""
    now, steps = MONDAY, []
    for number in range(length):
        now += random.choice([*WAITS, DAY * random.random()])
        kind = random.choice(["complaint", "enquiry", "praise"])
        step = Step(now, random.choice(CUSTOMERS), random.choice(DEEDS), number, kind, random.choice(LATE))
        steps.append(step)
    return steps


@pytest.mark.parametrize("seed", range(8))
async def test_batches_without_sweeps_give_what_life_gave_one_by_one(replaying: Delivering, seed: int) -> None:
    random = Random(seed)
    steps = history(random)
    player = Player(replaying)
    life = await player.play(steps, batch=1, sweeps=random.randint(1, 3))
    assert len([topic for topic, *_ in life.told if topic == "response-overdue"]) > 5
    assert await player.play(steps, batch=random.randint(2, 5), sweeps=0) == life
    assert await player.play(steps, batch=len(steps), sweeps=0) == life


@pytest.mark.parametrize("seed", range(3))
async def test_any_order_of_the_same_feedback_with_repeats_gives_the_same_state(
    replaying: Delivering, seed: int
) -> None:
    random = Random(seed)
    steps = history(random)
    heard = steps[-1].at
    submissions = [replace(step, at=heard, late=heard - step.at + step.late) for step in steps if step.deed == "submit"]
    shuffled = submissions + submissions[::3]
    random.shuffle(shuffled)
    player = Player(replaying)
    in_order = await player.play(submissions, batch=4, sweeps=0)
    assert await player.play(shuffled, batch=1, sweeps=1) == in_order


@pytest.mark.parametrize("batch", [1, 3])
async def test_a_breach_between_two_deeds_is_dated_at_the_deadline_and_told_once(
    replaying: Delivering, batch: int
) -> None:
    steps = [
        Step(MONDAY, "c-1", "submit", 0),
        Step(MONDAY + DAY - HOUR, "c-1", "respond", 0),
        Step(MONDAY + 3 * DAY, "c-1", "submit", 1),
        Step(MONDAY + 3 * DAY, "c-1", "submit", 2, kind="praise"),
    ]
    history = await Player(replaying).play(steps, batch=batch, sweeps=0)
    overdue = [fact for topic, fact, _ in history.told if topic == "response-overdue"]
    assert sorted((fact["clock"], fact["due_at"]) for fact in overdue) == [
        ("resolve", "2025-03-04T09:00:00Z"),
        ("resolve", "2025-03-07T09:00:00Z"),
        ("respond", "2025-03-07T09:00:00Z"),
    ]
