"""Which stage follows which, and when: by a fact, or by time alone, fired as of its moment.

The stage is dated by what made it true and not by when that was heard. As long as a document has `reason_gone` on every
way back, the present stage is a function of the facts and of now, whatever order they came in.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from churn_alert.lifecycle.domain.conditions import Rule
from churn_alert.lifecycle.domain.life import Life, Stage
from churn_alert.lifecycle.domain.rules import ALWAYS, StageRules

Cause = Literal["event", "time"]
_MOMENT = timedelta(microseconds=1)
FIRST = "first-heard"
"""The rule of a first stage that no other rule gives: something is known of the customer."""


@dataclass(frozen=True, slots=True)
class Transition:
    """A customer's stage began at `at`; `revision` counts those of the customer."""

    customer_id: str
    revision: int
    previous: Stage | None
    stage: Stage
    rule: str
    cause: Cause
    at: datetime
    rules_version: int
    previous_since: datetime | None
    """When the stage before began; the same as `at` of one that is shown never to have been true."""


class Due(NamedTuple):
    """What time alone will bring."""

    at: datetime
    rule: Rule


def live_until(life: Life, rules: StageRules, until: datetime) -> list[Transition]:
    """What time alone brought up to `until`, before anything of that moment is folded: by each version of the rules
    what it brought while it was in force."""
    moved: list[Transition] = []
    while life.due_at is not None and life.due_at <= until:
        now, ends = rules.at(life.due_at), rules.next_after(life.due_at)
        moved += _move(life, now, until if ends is None else min(until, ends - _MOMENT), None)
        _look_at(life, ends if ends is not None and ends <= until else _next_look(life, rules, until))
    return moved


def decide(life: Life, rules: StageRules, at: datetime, made_at: datetime) -> list[Transition]:
    """Decide again as of `at` what a fact of business time `made_at` has changed; first `live_until`, then fold.

    Of whom nothing is known nothing is decided.
    """
    if life.known_from is None:
        return []
    now, newest = rules.at(at), rules.newest.version
    look, moved = _no_look_before(life, rules, at), list[Transition]()
    # Nearly always nothing can hold yet, and nothing but time leads on.
    if look is None or look <= at or is_stirred_by_activity(life, now):
        moved = _move(life, now, at, min(made_at, at))
        look = _next_look(life, rules, at)
    if life.rules_version != newest:
        life.rules_version, life.is_changed = newest, True
    # Activity only puts off what silence brings: a time that is too early costs a look, a row for each event more.
    if look is not None and (life.due_at is None or look < life.due_at or life.is_changed):
        _look_at(life, look)
    return moved


def next_due(life: Life, rules: StageRules) -> Due | None:
    """What time alone brings next if nothing happens."""
    found: Due | None = None
    for rule in rules.leaving[life.stage]:
        begins = None if rule.when.reason_gone else rules.begins(rule, life)
        if begins is not None and (found is None or begins < found.at):
            found = Due(begins, rule)
    return None if found is None or life.since is None else found._replace(at=max(found.at, life.since))


def is_stirred_by_activity(life: Life, rules: StageRules) -> bool:
    """Whether another activity on a day that is active already can change the stage."""
    return life.stage in rules.stirred


def _next_look(life: Life, rules: StageRules, at: datetime) -> datetime | None:
    """When time alone brings something, or another version begins, which may see it otherwise."""
    if life.stage is None:
        return life.known_from
    due = next_due(life, rules.at(at))
    return _first([None if due is None else due.at, rules.next_after(at)])


def _no_look_before(life: Life, rules: StageRules, at: datetime) -> datetime | None:
    """Never later than `_next_look`, and None only where that is; it asks nothing that costs much."""
    if life.stage is None:
        return life.known_from
    now = rules.at(at)
    asked = [now.begins_no_earlier(rule, life) for rule in now.leaving[life.stage] if not rule.when.reason_gone]
    return _first([*asked, rules.next_after(at)])


def _first(moments: Iterable[datetime | None]) -> datetime | None:
    return min((one for one in moments if one is not None), default=None)


def _look_at(life: Life, at: datetime | None) -> None:
    if life.due_at != at:
        life.due_at, life.is_changed = at, True


def _move(life: Life, rules: StageRules, at: datetime, made_at: datetime | None) -> list[Transition]:
    """`made_at`: of the fact that was folded; nothing it made true is older."""
    moved: list[Transition] = []
    if life.stage is None:
        if life.known_from is None or life.known_from > at:
            return moved
        moved.append(_enter(life, rules, "potential", FIRST, life.known_from, "event"))
    while (step := _following(life, rules, at, made_at)) is not None:
        begins, rule, cause = step
        first = moved[0] if moved and moved[0].previous is None and moved[0].at == begins else None
        moved.append(_enter(life, rules, rule.enters, rule.name, begins, cause, instead_of=first))
        if first is not None:
            # Whoever is first heard of by doing something never was potential.
            moved = moved[1:]
    return moved


def _following(
    life: Life, rules: StageRules, at: datetime, made_at: datetime | None
) -> tuple[datetime, Rule, Cause] | None:
    since = life.since or ALWAYS
    made = max(since, _in_force_since(life, rules, at) if made_at is None else made_at)
    found: tuple[datetime, Rule, Cause] | None = None
    is_gone = life.stage in rules.stirred and _is_reason_gone(life, rules, at)
    for rule in rules.leaving[life.stage]:
        if rule.when.reason_gone and not is_gone:
            continue
        begins = rules.begins(rule, life)
        if begins is None or begins > at:
            continue
        cause: Cause = "time" if made_at is None or begins > made else "event"
        if found is None or max(begins, made) < found[0]:
            found = max(begins, made), rule, cause
    return found


def _in_force_since(life: Life, rules: StageRules, at: datetime) -> datetime:
    """When these rules say what time brings: of who was decided by an older version, not before their own day."""
    if rules.begins_at is not None:
        return rules.begins_at
    return min(rules.effective_at, at) if 0 < life.rules_version < rules.version else ALWAYS


def _is_reason_gone(life: Life, rules: StageRules, at: datetime) -> bool:
    return not any(rules.holds(rule, life, at) for rule in rules.entering[life.stage])


def _enter(
    life: Life,
    rules: StageRules,
    stage: Stage,
    rule: str,
    at: datetime,
    cause: Cause,
    *,
    instead_of: Transition | None = None,
) -> Transition:
    previous, previous_since = (life.stage, life.since) if instead_of is None else (None, None)
    life.revision += 1 if instead_of is None else 0
    life.stage, life.since, life.rule = stage, at, rule
    life.is_changed = True
    return Transition(life.customer_id, life.revision, previous, stage, rule, cause, at, rules.version, previous_since)
