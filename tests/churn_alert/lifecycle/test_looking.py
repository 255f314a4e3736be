"""Who is looked at only when something can hold is decided as who is looked at always."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_alert.lifecycle.domain.deciding import Transition, decide, live_until, next_due
from churn_alert.lifecycle.domain.life import STAGES, Life
from churn_alert.lifecycle.domain.putting_off import is_only_put_off
from churn_alert.lifecycle.domain.rules import StageRules
from tests.churn_alert.lifecycle.living import RULES, account, moment, profile, take
from tests.churn_alert.lives import DAY, START, Heard, used


def both_ways(seed: int, *, rules: StageRules = RULES) -> tuple[list[Transition], list[Transition]]:
    """What became of a customer, decided as the handler decides, and by an oracle that asks every rule for its exact
    moment before each fact and after it; facts are late, and at random."""
    random = Random(seed)
    always = replace(RULES)
    object.__setattr__(always, "stirred", frozenset({None, *STAGES}))
    facts: list[Heard] = []
    for number in range(random.randint(1, 60)):
        at = START + random.randint(0, 900) * DAY + timedelta(hours=random.randint(0, 23))
        late = random.choice([0, 0, 0, 0, 1, 30, 200]) * DAY
        match random.randint(0, 14):
            case 0:
                facts.append(Heard(at, account("c-1", at, random.choice(["open", "closed"]), number=number % 2)))
            case 1:
                said = random.choice(["active", "active", "exited"])
                facts.append(Heard(at + late, profile("c-1", at, number + 1, relationship=said)))
            case _:
                facts.append(Heard(at + late, used("c-1", at)))
    facts.sort(key=lambda one: one.at)
    life, slow = Life("c-1"), Life("c-1")
    moved, slowly = list[Transition](), list[Transition]()
    for at, event in [*((one.at, one.event) for one in facts), (START + 1400 * DAY, None)]:
        slow.due_at = at if slow.known_from else None
        moved += live_until(life, rules, at)
        slowly += live_until(slow, always, at)
        if event is not None:
            # A poll ends somewhere, and what was changed is written.
            life.is_changed = life.is_changed and random.random() < 0.5
            days, last = life.active_days, life.last_activity_at
            if take(life, event, rules) and not is_only_put_off(life, days, last, rules):
                moved += decide(life, rules, at, moment(event))
            take(slow, event, always)
            slowly += decide(slow, always, at, moment(event))
        due = next_due(life, RULES)
        assert due is None or (life.due_at is not None and life.due_at <= due.at)
    assert (life.stage, life.since, life.rule) == (slow.stage, slow.since, slow.rule)
    return moved, slowly


@given(st.integers(0, 10_000))
def test_who_is_looked_at_only_when_something_can_hold_changes_stage_as_who_is_looked_at_always(seed: int) -> None:
    moved, slowly = both_ways(seed)
    assert moved == slowly


@pytest.mark.parametrize("field", ["awaited", "silence"])
def test_rules_that_overlook_what_activity_can_bring_are_found_out(field: str) -> None:
    """By the same random lives: were days forgotten that a rule waits for, or how soon silence can end a stage."""
    broken = replace(RULES)
    forgotten = {"awaited": frozenset[int](), "silence": 10_000 * DAY}[field]
    object.__setattr__(broken, field, dict.fromkeys([None, *STAGES], forgotten))
    assert any(is_unlike(seed, broken) for seed in range(2_000))


def is_unlike(seed: int, rules: StageRules) -> bool:
    """Whether this life is decided otherwise, or looked at too late."""
    try:
        moved, slowly = both_ways(seed, rules=rules)
    except AssertionError:
        return True
    return moved != slowly
