"""Who really leaves, from which day and how; and who only looks like it.

A course bends one customer's life. Decliners fade, have their salary paid elsewhere, drain their balance or stop from
one day to the next. Others are away for weeks, change their job or buy a flat: a warning about them is a false one.
"""

from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Literal

DeclineKind = Literal["fade", "salary-moved", "drain", "abrupt"]
KINDS: tuple[DeclineKind, ...] = ("fade", "salary-moved", "drain", "abrupt")
_SHARES = (0.35, 0.3, 0.2, 0.15)
_ALWAYS = 1 << 30
"""A day after every history."""
_NEARLY = 0.03
"""A fade comes near its floor and never reaches it."""


@dataclass(frozen=True, slots=True)
class Decline:
    """A line of the truth file. `gone_on`: the day the decline is complete; None where the history ends before."""

    customer_id: str
    declines_from: date
    gone_on: date | None
    kind: DeclineKind


@dataclass(frozen=True, slots=True)
class Absence:
    """Days of little activity that end again."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Course:
    """What happens to one customer; days are indices of the history."""

    kind: DeclineKind | None = None
    declines_from: int = _ALWAYS
    weeks: float = 1.0
    """How fast activity falls, in weeks: a half-life of a fade, the length of the others' slope."""
    floor: float = 0.0
    income_until: int = _ALWAYS
    outflows: dict[int, float] = field(default_factory=dict)
    """Day → share of the balance that leaves."""
    closes_on: int = _ALWAYS
    complains_on: int = -1
    absences: tuple[Absence, ...] = ()
    income_gap: tuple[int, int] = (_ALWAYS, _ALWAYS)
    income_factor: float = 1.0
    """Of the income after the gap: another job."""

    def pace(self, day: int) -> float:
        """The share of the usual activity that is left on that day."""
        if day >= self.declines_from:
            weeks = (day - self.declines_from + 1) / 7
            if self.kind == "fade":
                return float(max(self.floor, 2.0 ** (-weeks / self.weeks)))
            return max(self.floor, 1.0 - (1.0 - self.floor) * weeks / self.weeks)
        if self.absences and any(absence.first <= day <= absence.last for absence in self.absences):
            return 0.05
        return 1.0

    def gone_on(self, length: int) -> int | None:
        """The day from which nothing is left to lose: activity near its floor and the last of the money moved."""
        for day in range(max(self.declines_from, *self.outflows, 0), length):
            if day >= self.closes_on or self.pace(day) <= self.floor + _NEARLY:
                return day
        return None

    def income(self, day: int) -> float:
        """The share of the usual income that arrives on that day."""
        if day >= self.income_until or self.income_gap[0] <= day <= self.income_gap[1]:
            return 0.0
        return self.income_factor if day > self.income_gap[1] else 1.0


def make_course(rng: Random, length: int, *, declines: bool) -> Course:
    """A decliner's course, or an ordinary one with ordinary disturbances, in a history of so many days."""
    return _declining(rng, length) if declines else _ordinary(rng, length)


def _declining(rng: Random, length: int) -> Course:
    kind = rng.choices(KINDS, _SHARES)[0]
    start = int(length * rng.uniform(0.4, 0.85))
    complains = start + rng.randint(-14, 10) if rng.random() < 0.4 else -1
    match kind:
        case "fade":
            return Course(kind, start, weeks=rng.uniform(1.2, 3.0), floor=0.02, complains_on=complains)
        case "salary-moved":
            leaves = start + rng.randint(3, 25)
            flows = {leaves + 14 * turn: rng.uniform(0.3, 0.6) for turn in range(3)}
            floor, weeks = rng.uniform(0.15, 0.35), rng.uniform(4, 8)
            return Course(kind, start, weeks, floor, income_until=start, outflows=flows, complains_on=complains)
        case "drain":
            flows = {start + rng.randint(0, 5) + 11 * turn: rng.uniform(0.3, 0.55) for turn in range(rng.randint(3, 6))}
            until = start + rng.randint(0, 30) if rng.random() < 0.6 else _ALWAYS
            floor, weeks = rng.uniform(0.1, 0.25), rng.uniform(5, 9)
            return Course(kind, start, weeks, floor, income_until=until, outflows=flows, complains_on=complains)
        case "abrupt":
            closes = start + rng.randint(7, 28) if rng.random() < 0.5 else _ALWAYS
            flows = {start: 0.98}
            return Course(kind, start, 0.1, 0.0, start, flows, closes_on=closes, complains_on=complains)


def _ordinary(rng: Random, length: int) -> Course:
    absences = []
    for _ in range(rng.choices((0, 1, 2), (0.7, 0.25, 0.05))[0]):
        first = rng.randrange(length)
        absences.append(Absence(first, first + rng.randint(8, 32)))
    flows = {rng.randrange(length): rng.uniform(0.4, 0.8)} if rng.random() < 0.12 else {}
    gap, factor = (_ALWAYS, _ALWAYS), 1.0
    if rng.random() < 0.08:
        first = rng.randrange(length)
        gap, factor = (first, first + rng.randint(20, 45)), rng.uniform(0.8, 1.5)
    return Course(outflows=flows, absences=tuple(absences), income_gap=gap, income_factor=factor)
