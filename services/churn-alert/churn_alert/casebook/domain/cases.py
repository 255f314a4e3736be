"""A case: an alert that is closed, with what was done and what came of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from rapport.errors import DomainError

Observed = Literal["stayed", "gone", "not-yet"]
"""What the customer's own days showed once the window of the alert was over."""
DONE: frozenset[str] = frozenset({"done", "delivered"})
"""States of a step by which something reached, or tried to reach, the customer."""
TAUGHT = ("retained", "lost", "false-alarm", "recovered")
"""Outcomes of alerts that ran their course. The others end for a reason that says nothing of what helps: files were
merged, the warning was not true after all, the customer is to be left alone."""


class CaseNotFound(DomainError):
    """There is no such alert, or it is not closed yet."""


class Step(NamedTuple):
    """What was done, or was meant to be. `role`: whose task it was; `by_role`: of who did it, as employed now."""

    number: int
    kind: Literal["task", "contact"]
    action: str
    role: str | None
    by_role: str | None
    status: str
    begun_at: datetime | None
    due_by: datetime | None
    overdue_at: datetime | None
    ended_at: datetime | None
    outcome: str | None


class Line(NamedTuple):
    """One step of the alert itself, with both its times, and the role of who took it; None where nobody did."""

    step: str
    happened_at: datetime
    known_at: datetime
    by_role: str | None
    outcome: str | None


def first_act(steps: Sequence[Step]) -> datetime | None:
    """When somebody first did something for the customer: a task was done, or a message arrived; None: nobody did."""
    return min((one.ended_at for one in steps if one.status in DONE and one.ended_at is not None), default=None)


def hours_between(since: datetime, until: datetime | None) -> float | None:
    """None where it has not come to that."""
    return None if until is None else max((until - since).total_seconds(), 0.0) / 3600.0
