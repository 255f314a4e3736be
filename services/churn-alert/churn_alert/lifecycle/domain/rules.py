"""What the rules of stages ask for: conditions that begin to hold at a moment which the present state gives ahead.

While nothing happens a condition that holds goes on holding. So of every rule it is known when time alone will fulfil
it, in closed form, and of two rules which comes first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from math import isinf

from churn_alert.lifecycle.domain.conditions import Rule, check
from churn_alert.lifecycle.domain.life import STAGES, Life, Stage
from rapport.behaviour.crossing import moment_after
from rapport.behaviour.lifetime import MbgParameters, age_when_alive_falls_to
from rapport.succession import Succeeded

ALWAYS = datetime.min.replace(tzinfo=UTC)
_BOUNDLESS = timedelta(days=365_000)


@dataclass(frozen=True, slots=True)
class Strategy:
    """How a stage is served: what for, by which playbooks."""

    aim: str
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
    leaving: Mapping[Stage | None, tuple[Rule, ...]] = field(init=False)
    """By the stage that they lead from; from none before the first."""
    entering: Mapping[Stage | None, tuple[Rule, ...]] = field(init=False)
    """By the stage that they lead into; what costs least to ask first."""
    stirred: frozenset[Stage | None] = field(init=False)
    """Stages that another activity can end on a day that is active already: none yet, and those with a way back."""
    awaited: Mapping[Stage | None, frozenset[int]] = field(init=False)
    """By stage, how many active days its ways out ask for: one day more matters only where it makes these."""
    silence: Mapping[Stage | None, timedelta] = field(init=False)
    """By stage, how long the shortest silence is that can end it, whatever P(alive) says."""

    @property
    def effective_at(self) -> datetime:
        """The moment of it: nobody who was decided by an older version changes stage before."""
        return datetime.combine(self.effective_from, time.min, self.zone).astimezone(UTC)

    def __post_init__(self) -> None:
        """Raises StageRulesInvalid."""
        check(self.rules)
        plain_first = sorted(self.rules, key=lambda rule: rule.when.alive_at_most is not None)
        leaving = {stage: tuple(rule for rule in self.rules if stage in rule.leaves) for stage in STAGES}
        ways_back = {stage for stage, rules in leaving.items() if any(rule.when.reason_gone for rule in rules)}
        object.__setattr__(self, "leaving", {None: (), **leaving})
        entering = {stage: tuple(rule for rule in plain_first if rule.enters == stage) for stage in STAGES}
        object.__setattr__(self, "entering", {None: (), **entering})
        object.__setattr__(self, "stirred", frozenset({None, *ways_back}))
        asked = {one: {rule.when.active_days for rule in rules} - {None} for one, rules in self.leaving.items()}
        object.__setattr__(self, "awaited", {stage: frozenset(days) for stage, days in asked.items()})
        object.__setattr__(self, "silence", {stage: _shortest_silence(rules) for stage, rules in self.leaving.items()})

    def begins(self, rule: Rule, life: Life) -> datetime | None:
        """From when on all but `reason_gone` holds of this life if nothing more happens; None for not by time alone."""
        begins = self.begins_no_earlier(rule, life)
        if begins is None or rule.when.alive_at_most is None:
            return begins
        fades = self._fades(life, rule.when.alive_at_most)
        return None if fades is None else max(begins, fades)

    def holds(self, rule: Rule, life: Life, at: datetime) -> bool:
        """Whether all but `reason_gone` holds of this life at `at`."""
        earliest = self.begins_no_earlier(rule, life)
        if earliest is None or earliest > at:
            return False
        if rule.when.alive_at_most is None:
            return True
        fades = self._fades(life, rule.when.alive_at_most)
        return fades is not None and fades <= at

    def begins_no_earlier(self, rule: Rule, life: Life) -> datetime | None:
        """As `begins`, without P(alive), which costs ten times what all else does: never later than that is."""
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


def _shortest_silence(rules: Sequence[Rule]) -> timedelta:
    asked = [one.when for one in rules if one.when.silent_days is not None or one.when.alive_at_most is not None]
    return min((timedelta(days=when.silent_days or 0) for when in asked), default=_BOUNDLESS)


def _later(at: datetime, days: int) -> datetime:
    return at.astimezone(UTC) + timedelta(days=days)


def _all_closed(life: Life) -> datetime | None:
    if not life.accounts or any(one.is_open for one in life.accounts.values()):
        return None
    return max(one.as_of for one in life.accounts.values())
