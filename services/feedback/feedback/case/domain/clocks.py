"""The two clocks of a case: an answer and a solution, each within 24 hours of the customer's words.

A clock runs from its start to its stop. If its deadline passes first it is breached as of the deadline, once, and runs
on until it is stopped, so that how late an answer came is known.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

ClockName = Literal["respond", "resolve"]
NAMES: tuple[ClockName, ...] = ("respond", "resolve")
ALLOWED = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Clock:
    """One run of one clock; a reopened case begins a new run of both."""

    case_id: UUID
    customer_id: str
    name: ClockName
    run: int
    started_at: datetime
    deadline_at: datetime
    stopped_at: datetime | None = None
    breached_at: datetime | None = None

    @property
    def due_at(self) -> datetime | None:
        """When silence alone will breach it; None once it is stopped or breached."""
        return self.deadline_at if self.stopped_at is None and self.breached_at is None else None

    @property
    def is_overdue(self) -> bool:
        """It ran out and the customer still waits."""
        return self.breached_at is not None and self.stopped_at is None

    @property
    def timer_key(self) -> str:
        """Names this run's one possible breach, so that telling it again is telling the same fact."""
        return f"{self.name}:{self.case_id}:{self.run}:{self.deadline_at.isoformat()}"


def start(case_id: UUID, customer_id: str, *, run: int, at: datetime) -> tuple[Clock, ...]:
    """Both clocks, begun at that moment."""
    return tuple(Clock(case_id, customer_id, name, run, at, at + ALLOWED) for name in NAMES)


def stop(clock: Clock, at: datetime) -> Clock:
    """Stopped at that moment, or at its start where a channel's clock was ahead of ours: no time is ever negative."""
    return replace(clock, stopped_at=max(at, clock.started_at))


def fall_due(clocks: Iterable[Clock], until: datetime) -> list[Clock]:
    """Those whose deadline came by then (the deadline itself is too late), breached as of it, the earliest first."""
    due = [clock for clock in clocks if clock.due_at is not None and clock.due_at <= until]
    due.sort(key=lambda clock: (clock.deadline_at, clock.case_id, NAMES.index(clock.name)))
    return [replace(clock, breached_at=clock.deadline_at) for clock in due]
