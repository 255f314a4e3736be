"""Who is looked at only when something can hold is decided as who is looked at always."""

from dataclasses import replace
from datetime import timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from churn_alert.lifecycle.domain.deciding import Transition, decide, live_until, next_due
from churn_alert.lifecycle.domain.life import STAGES, Life
from tests.churn_alert.lifecycle.living import RULES, account, moment, profile, take
from tests.churn_alert.lives import DAY, START, Heard, used


@given(st.integers(0, 10_000))
def test_who_is_looked_at_only_when_something_can_hold_changes_stage_as_who_is_looked_at_always(seed: int) -> None:
    """The oracle asks every rule for its exact moment before each fact and after it; facts are late, and at random."""
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
        moved += live_until(life, RULES, at)
        slowly += live_until(slow, always, at)
        if event is not None:
            if take(life, event):
                moved += decide(life, RULES, at, moment(event))
            take(slow, event, always)
            slowly += decide(slow, always, at, moment(event))
        due = next_due(life, RULES)
        assert due is None or (life.due_at is not None and life.due_at <= due.at)
    assert moved == slowly
    assert (life.stage, life.since, life.rule) == (slow.stage, slow.since, slow.rule)
