"""The clocks of many cases in figures, and figures and clocks in words."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from feedback.case.domain.assessment import Priority
from feedback.case.domain.clocks import Clock

ORDER: tuple[Priority, ...] = ("urgent", "high", "normal")


@dataclass(frozen=True, slots=True)
class ClockFigures:
    """All runs of one clock: how many, how many stopped, breached, still overdue, and the median time to the stop."""

    runs: int
    stopped: int
    breached: int
    overdue: int
    median: timedelta | None


@dataclass(frozen=True, slots=True)
class PrioritySummary:
    """The cases of one priority that an answer is or was owed to."""

    priority: Priority
    cases: int
    unresolved: int
    respond: ClockFigures
    resolve: ClockFigures


def duration_in_words(span: timedelta) -> str:
    """`3 d 4 h`, `5 h 20 min`, `12 min`: the two largest units, to the minute."""
    minutes = int(span.total_seconds() // 60)
    days, hours, left = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {left} min" if hours else f"{left} min"


def clock_in_words(clock: Clock, now: datetime) -> str:
    """`respond: 3 h 5 min left`, `resolve: overdue by 2 h 0 min`, `respond: stopped after 4 h 10 min`.

    A clock whose deadline has passed is overdue in words though its breach may not have been told yet.
    """
    if clock.stopped_at is not None:
        late = ", too late" if clock.breached_at is not None else ""
        return f"{clock.name}: stopped after {duration_in_words(clock.stopped_at - clock.started_at)}{late}"
    if clock.deadline_at <= now:
        return f"{clock.name}: overdue by {duration_in_words(now - clock.deadline_at)}"
    return f"{clock.name}: {duration_in_words(clock.deadline_at - now)} left"


def summary_in_words(summary: PrioritySummary) -> str:
    """`urgent: 12 cases, 3 unresolved; respond: 9 of 12 stopped (median 5 h 20 min), 1 too late; resolve: …`."""
    clocks = f"{_figures_in_words('respond', summary.respond)}; {_figures_in_words('resolve', summary.resolve)}"
    return f"{summary.priority}: {summary.cases} cases, {summary.unresolved} unresolved; {clocks}"


def _figures_in_words(name: str, figures: ClockFigures) -> str:
    median = f"median {duration_in_words(figures.median)}" if figures.median is not None else "none stopped"
    return f"{name}: {figures.stopped} of {figures.runs} stopped ({median}), {figures.breached} too late"
