"""Negative feedback that is told ahead of its time: kept until the customer's own time comes to it, then counted.

A history that comes faster than life reaches one service weeks before another. Counted at once, such feedback would
turn the weeks that are not lived yet into silence.
"""

from datetime import datetime
from typing import NamedTuple

from churn_alert.risk.domain.behaviour import Ahead, Risk, fold_negative_feedback
from churn_alert.risk.domain.crossing import Crossing, Rules, catch_up, decide


class Lived(NamedTuple):
    """A crossing, and the id of the feedback it came with; None where silence alone brought it."""

    crossing: Crossing
    event_id: str | None


def keep_for_later(risk: Risk, at: datetime, event_id: str) -> None:
    """Keep one that is dated `at`, which has not come yet."""
    risk.ahead = tuple(sorted((*risk.ahead, Ahead(at, event_id))))


def live_until(risk: Risk, rules: Rules, until: datetime) -> list[Lived]:
    """What silence brought up to `until`, and what was kept and has come by then, each counted at its own moment."""
    lived: list[Lived] = []
    while risk.ahead and risk.ahead[0].at <= until:
        first, *later = risk.ahead
        _note(lived, catch_up(risk, rules, first.at), None)
        fold_negative_feedback(risk, first.at)
        risk.ahead = tuple(later)
        _note(lived, decide(risk, rules, first.at), first.event_id)
    _note(lived, catch_up(risk, rules, until), None)
    return lived


def look_no_later(risk: Risk) -> None:
    """A settled customer is looked at when the first that was kept comes, if silence is not looked at before."""
    if risk.ahead:
        first = risk.ahead[0].at
        risk.due_at = first if risk.due_at is None else min(risk.due_at, first)


def _note(lived: list[Lived], crossing: Crossing | None, event_id: str | None) -> None:
    if crossing is not None:
        lived.append(Lived(crossing, event_id))
