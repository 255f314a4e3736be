"""Negative feedback that is told ahead of its time: kept until the customer's own time comes to it, then counted.

A history that comes faster than life reaches one service weeks before another. Counted at once, such feedback would
turn the weeks that are not lived yet into silence.
"""

from datetime import datetime
from typing import NamedTuple

from churn_alert.risk.domain.behaviour import Ahead, Risk, fold_negative_feedback
from churn_alert.risk.domain.crossing import Crossing, Rules, catch_up, decide
from churn_alert.risk.domain.persons import ALONE, Persons


class Lived(NamedTuple):
    """A crossing, and the id of the feedback it came with; None where silence alone brought it."""

    crossing: Crossing
    event_id: str | None


def keep_for_later(risk: Risk, at: datetime, event_id: str) -> None:
    """Keep one that is dated `at`, which has not come yet."""
    risk.ahead = tuple(sorted((*risk.ahead, Ahead(at, event_id))))


def live_until(
    risk: Risk, rules: Rules, until: datetime, persons: Persons = ALONE, *, is_deciding: bool = False
) -> list[Lived]:
    """What silence brought up to `until`, and what was kept and has come by then, each counted at its own moment.

    `is_deciding`: the caller decides next, see `catch_up`.
    """
    lived: list[Lived] = []
    while risk.ahead and risk.ahead[0].at <= until:
        with persons.deciding(risk) as person:
            _note(lived, catch_up(person, rules, risk.ahead[0].at, is_deciding=True), None)
        (first,) = count_come(risk, risk.ahead[0].at, most=1)
        with persons.deciding(risk) as person:
            _note(lived, decide(person, rules, first.at), first.event_id)
    with persons.deciding(risk) as person:
        _note(lived, catch_up(person, rules, until, is_deciding=is_deciding), None)
    return lived


def count_come(risk: Risk, until: datetime, *, most: int | None = None) -> list[Ahead]:
    """Count what was kept and has come by `until`, the first first; returns it. Nothing is decided."""
    come = [one for one in risk.ahead if one.at <= until][:most]
    for one in come:
        fold_negative_feedback(risk, one.at)
    risk.ahead = risk.ahead[len(come) :]
    return come


def look_no_later(risk: Risk) -> None:
    """A settled customer is looked at when the first that was kept comes, if silence is not looked at before."""
    if risk.ahead:
        first = risk.ahead[0].at
        risk.due_at = first if risk.due_at is None else min(risk.due_at, first)


def _note(lived: list[Lived], crossing: Crossing | None, event_id: str | None) -> None:
    if crossing is not None:
        lived.append(Lived(crossing, event_id))
