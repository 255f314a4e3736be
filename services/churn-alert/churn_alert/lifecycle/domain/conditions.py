"""What one rule asks for, and what a set of rules must not do: leave a stage out, trap customers, lead to and fro."""

from collections.abc import Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from churn_alert.lifecycle.domain.life import STAGES, Stage
from rapport.errors import DomainError


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
