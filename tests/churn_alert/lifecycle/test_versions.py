"""A stage is decided by the rules in force at its moment: announced ones wait for their day, and a replay is life."""

from dataclasses import replace
from datetime import datetime
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from churn_alert.lifecycle.domain.deciding import Transition, decide, live_until
from churn_alert.lifecycle.domain.life import Life
from churn_alert.lifecycle.domain.rules import StageRules
from rapport.succession import succession
from tests.churn_alert.lifecycle.living import RULES, moment, stages, take, told
from tests.churn_alert.lives import DAY, START, Heard, heard, paid

slowly = settings(deadline=None, max_examples=40)
END = START + 900 * DAY


def sooner(days: int) -> StageRules:
    """The next version: silence is a loss after so many days."""
    rules = tuple(
        replace(one, when=replace(one.when, silent_days=days)) if one.name == "dormant" else one for one in RULES.rules
    )
    return replace(RULES, version=RULES.version + 1, rules=rules)


def followed(begins: datetime, days: int) -> StageRules:
    return succession([(START, RULES), (begins, sooner(days))])


def active(random: Random, until: int) -> list[Heard]:
    """Bursts of days, and long pauses between them."""
    day, events = 0.0, []
    while day < until:
        events.append(paid("c-1", START + day * DAY))
        day += random.choice([1.0, 2.0, 3.0, 40.0, 150.0])
    return heard(events)


def looked(facts: list[Heard], rules: StageRules, random: Random) -> list[Transition]:
    """As `told`, but somebody looks for what is due in between."""
    life, moved, last = Life("c-1"), list[Transition](), START
    for at, event in ((one.at, one.event) for one in facts):
        for share in sorted(random.random() for _ in range(3)):
            moved += live_until(life, rules, last + (at - last) * share)
        moved += live_until(life, rules, at)
        if take(life, event, rules):
            moved += decide(life, rules, at, moment(event))
        last = at
    for share in sorted(random.random() for _ in range(3)):
        moved += live_until(life, rules, last + (END - last) * share)
    return moved + live_until(life, rules, END)


@slowly
@given(st.integers(0, 100_000), st.integers(20, 500), st.sampled_from([30, 100, 500]))
def test_whenever_somebody_looks_each_stage_is_by_the_rules_in_force_at_it(seed: int, day: int, days: int) -> None:
    rules, random = followed(START + day * DAY, days), Random(seed)
    facts = active(random, 400)
    _, once = told(facts, until=END, rules=rules)
    assert looked(facts, rules, random) == once
    assert all(one.rules_version == rules.at(one.at).version for one in once)


def test_announced_rules_take_the_silent_on_their_day_and_nobody_before() -> None:
    facts = heard([paid("c-1", START + one * DAY) for one in range(20)])
    begins = START + 80 * DAY
    life, _ = told(facts, rules=followed(begins, 30))
    assert life.due_at is not None
    assert life.due_at <= begins
    moved = live_until(life, followed(begins, 30), begins + DAY)
    assert stages(moved) == [("lost", "dormant", begins)]
    assert moved[0].cause == "time"
    _, later = told(facts, until=begins + DAY, rules=followed(begins + 2 * DAY, 30))
    assert "lost" not in [one.stage for one in later]
    assert life.rules_version == RULES.version + 1


def test_a_loss_is_dated_by_its_rule_where_that_comes_after_the_rules_day() -> None:
    facts = heard([paid("c-1", START + one * DAY) for one in range(20)])
    life, moved = told(facts, until=START + 60 * DAY, rules=followed(START + 30 * DAY, 30))
    assert life.last_activity_at is not None
    assert stages(moved)[-1] == ("lost", "dormant", life.last_activity_at + 30 * DAY)
