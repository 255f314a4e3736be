"""What the rules of stages ask for: conditions that begin to hold at a moment which the present state gives ahead.

While nothing happens a condition that holds goes on holding. So of every rule it is known when time alone will fulfil
it, in closed form, and of two rules which comes first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from graphlib import CycleError, TopologicalSorter
from math import isinf

from churn_alert.lifecycle.domain.life import STAGES, Life, Stage
from rapport.behaviour.crossing import moment_after
from rapport.behaviour.lifetime import MbgParameters, age_when_alive_falls_to
from rapport.errors import DomainError
from rapport.succession import Succeeded

ALWAYS = datetime.min.replace(tzinfo=UTC)
_BOUNDLESS = timedelta(days=365_000)


class StageRulesInvalid(DomainError):
    """A document of stages breaks a rule; says which field, and what to write instead."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What one rule asks for, all of it; what is None or False is not asked for. Days are of 24 hours.

    `active_days`: distinct days of own activity, at least. `tenure_days`: since the first of them. `silent_days`:
    since the last own activity. `alive_at_most`: P(alive) by MBG/NBD on the active days (science: closed form of the
    moment). `no_account_left`: there were accounts and all are closed. `relationship_over`: exited, closed or dead.
    `reason_gone`: no rule that leads into the present stage holds.
    """

    active_days: int | None = None
    tenure_days: int | None = None
    silent_days: int | None = None
    alive_at_most: float | None = None
    no_account_left: bool = False
    relationship_over: bool = False
    reason_gone: bool = False

    @property
    def is_of_behaviour(self) -> bool:
        """Whether it concludes anything from what the customer does, or fails to do."""
        watched = (self.active_days, self.tenure_days, self.silent_days, self.alive_at_most)
        return self.reason_gone or any(one is not None for one in watched)


@dataclass(frozen=True, slots=True)
class Rule:
    """From any of these stages to another once its conditions hold."""

    name: str
    leaves: tuple[Stage, ...]
    enters: Stage
    when: Conditions


@dataclass(frozen=True, slots=True)
class Strategy:
    """How a stage is served: what for, which measures are looked at first, which care suits it."""

    aim: str
    emphasis: tuple[str, ...]
    care: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StageRules(Succeeded):
    """All rules of one version. `rules`: of two that begin at one moment the former counts."""

    version: int
    rules: tuple[Rule, ...]
    strategies: Mapping[Stage, Strategy]
    lifetime: MbgParameters
    zone: tzinfo
    effective_from: date

    @property
    def effective_at(self) -> datetime:
        """The moment of it: nobody who was decided by an older version changes stage before."""
        return datetime.combine(self.effective_from, time.min, self.zone).astimezone(UTC)

    def __post_init__(self) -> None:
        """Raises StageRulesInvalid."""
        check(self.rules)

    def begins(self, rule: Rule, life: Life) -> datetime | None:
        """From when on all but `reason_gone` holds of this life if nothing more happens; None for not by time alone."""
        moments: list[datetime | None] = []
        when = rule.when
        if life.paused and when.is_of_behaviour:
            return None
        if when.active_days is not None:
            moments.append(ALWAYS if life.active_days and life.active_days.count >= when.active_days else None)
        if when.tenure_days is not None:
            moments.append(_later(life.active_days.start(self.zone), when.tenure_days) if life.active_days else None)
        if when.silent_days is not None:
            moments.append(_later(life.last_activity_at, when.silent_days) if life.last_activity_at else None)
        if when.alive_at_most is not None:
            moments.append(self._fades(life, when.alive_at_most))
        if when.no_account_left:
            moments.append(_all_closed(life))
        if when.relationship_over:
            moments.append(life.over_since)
        known = [moment for moment in moments if moment is not None]
        return max(known, default=ALWAYS) if len(known) == len(moments) else None

    def _fades(self, life: Life, probability: float) -> datetime | None:
        days = life.active_days
        if days is None or life.last_activity_at is None:
            return None
        start = days.start(self.zone).astimezone(UTC)
        age = age_when_alive_falls_to(self.lifetime, days.history(life.last_activity_at, self.zone), probability)
        fallen = None if isinf(age) or age > _BOUNDLESS.days else moment_after(start, max(age, 0.0))
        return None if fallen is None else max(fallen, life.last_activity_at)


def _later(at: datetime, days: int) -> datetime:
    return at.astimezone(UTC) + timedelta(days=days)


def _all_closed(life: Life) -> datetime | None:
    if not life.accounts or any(one.is_open for one in life.accounts.values()):
        return None
    return max(one.as_of for one in life.accounts.values())


def check(rules: Sequence[Rule]) -> None:
    """Whether they reach every stage, trap nobody in one and send nobody to and fro. Raises StageRulesInvalid."""
    _check_reach(rules)
    _check_ways_back(rules)


def _check_reach(rules: Sequence[Rule]) -> None:
    for number, rule in enumerate(rules):
        if rule.enters in rule.leaves:
            raise StageRulesInvalid(f"rules.{number}.from: {rule.name} leads from {rule.enters} to itself: take it out")
        if rule.when == Conditions():
            raise StageRulesInvalid(f"rules.{number}.when: {rule.name} asks for nothing: name at least one condition")
    reached: set[Stage] = {"potential"}
    while found := {rule.enters for rule in rules if reached & set(rule.leaves)} - reached:
        reached |= found
    if missing := [stage for stage in STAGES if stage not in reached]:
        raise StageRulesInvalid(f"rules: no way leads from potential to {missing[0]}: add a rule with to: {missing[0]}")
    left = {stage for rule in rules for stage in rule.leaves}
    if trapped := [stage for stage in STAGES if stage not in left]:
        raise StageRulesInvalid(f"rules: nobody ever leaves {trapped[0]}: add a rule with from: [{trapped[0]}]")


def _check_ways_back(rules: Sequence[Rule]) -> None:
    """Stages that lead to each other would take turns at one moment, unless one of them is left only when what led into
    it is over."""
    ways: dict[Stage, set[Stage]] = {stage: set() for stage in STAGES}
    for rule in rules:
        if not rule.when.reason_gone:
            for stage in rule.leaves:
                ways[stage].add(rule.enters)
    try:
        TopologicalSorter(ways).prepare()
    except CycleError as fault:
        stages = " and ".join(dict.fromkeys(fault.args[1]))
        raise StageRulesInvalid(
            f"rules: customers would go to and fro between {stages}: ask for reason_gone in the rule that leads back"
        ) from fault
