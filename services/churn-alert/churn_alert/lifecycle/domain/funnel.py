"""Stages of the whole book: how many are in each, who came and went, how long they stay, how likely they leave."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from churn_alert.lifecycle.domain.life import STAGES, Stage
from rapport.behaviour.survival import Survival, survival


class Window(NamedTuple):
    """Who was in which stage at `as_of`, and what happened from `begins` on until then, in one unit or in all."""

    begins: datetime
    as_of: datetime
    unit: str | None = None


class Count(NamedTuple):
    """Customers of one stage and one unit; `unit` is None for who is in none."""

    stage: Stage
    unit: str | None
    inside: int
    entered: int
    left: int


class Risk(NamedTuple):
    """The churn risk of who is in a stage now: of how many it is known, its mean, how many are raised."""

    known: int = 0
    mean: float | None = None
    raised: int = 0


class Move(NamedTuple):
    """How many went from one stage to another by one rule; `previous` is None of who came anew."""

    previous: Stage | None
    stage: Stage
    rule: str
    customers: int


@dataclass(frozen=True, slots=True)
class Funnel:
    """The book in one window."""

    window: Window
    counts: Sequence[Count]
    moves: Sequence[Move]
    risks: Mapping[Stage, Risk] = field(default_factory=dict)

    def of(self, stage: Stage) -> Count:
        """One stage over all units."""
        mine = [one for one in self.counts if one.stage == stage]
        inside, entered = sum(one.inside for one in mine), sum(one.entered for one in mine)
        return Count(stage, None, inside, entered, sum(one.left for one in mine))

    def units(self) -> dict[str | None, dict[Stage, Count]]:
        """By unit, in their order; who is in none comes last."""
        names = sorted({one.unit for one in self.counts}, key=lambda name: (name is None, name or ""))
        return {name: {one.stage: one for one in self.counts if one.unit == name} for name in names}


class Spell(NamedTuple):
    """How many spent so many whole days in a stage, and whether that is over."""

    stage: Stage
    days: int
    is_over: bool
    customers: int


def dwelling(spells: Iterable[Spell]) -> dict[Stage, Survival]:
    """How long customers stay in each stage; who is still in it counts as staying longer."""
    counted: dict[tuple[Stage, bool], dict[float, int]] = {}
    for one in spells:
        days = counted.setdefault((one.stage, one.is_over), {})
        days[one.days] = days.get(one.days, 0) + one.customers
    return {stage: survival(counted.get((stage, True), {}), counted.get((stage, False), {})) for stage in STAGES}
