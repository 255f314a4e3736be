"""The clocks of many cases in figures, and the figures in words."""

from dataclasses import dataclass
from datetime import timedelta

from feedback.case.domain.assessment import Priority

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


def summary_in_words(summary: PrioritySummary) -> str:
    """`urgent: 12 cases, 3 unresolved; respond: 9 of 12 stopped (median 5 h 20 min), 1 too late; resolve: …`."""
    clocks = f"{_figures_in_words('respond', summary.respond)}; {_figures_in_words('resolve', summary.resolve)}"
    return f"{summary.priority}: {summary.cases} cases, {summary.unresolved} unresolved; {clocks}"


def _figures_in_words(name: str, figures: ClockFigures) -> str:
    median = f"median {duration_in_words(figures.median)}" if figures.median is not None else "none stopped"
    return f"{name}: {figures.stopped} of {figures.runs} stopped ({median}), {figures.breached} too late"
