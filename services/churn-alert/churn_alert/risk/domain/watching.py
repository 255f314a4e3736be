"""Since when each measure of a customer is out of the normal range: exact, whether by an event or by silence alone.

What is kept is the moment at which silence alone takes the measure out. So nobody has to look: once it has come, it is
since when, and an event before it sets another.
"""

from datetime import datetime
from math import log2

from churn_alert.risk.domain.normal import BALANCE, FEEDBACK, MONTH, Measure, Normal
from churn_alert.risk.domain.sums import NEVER_OUT
from rapport.behaviour.crossing import moment_after

_NEVER_DAYS = 36_500.0


def watched(out_at: tuple[datetime | None, ...], normal: Normal | None, at: datetime) -> tuple[datetime | None, ...]:
    """`out_at` after an event at `at`: what was out and is still keeps its date, what is not has its silence's."""
    if normal is None:
        return NEVER_OUT
    places = enumerate(normal.measures)
    return tuple([_dated(out_at[place], _leaves(normal, place, one), at) for place, one in places])


def _dated(before: datetime | None, leaves: datetime | None, at: datetime) -> datetime | None:
    if leaves is None or leaves > at:
        return leaves
    return before if before is not None and before <= at else at


def _leaves(normal: Normal, place: int, measure: Measure | None) -> datetime | None:
    """When silence takes this measure out of the range, or the latest event did; None: it never does."""
    if measure is None:
        return None
    if place == FEEDBACK:
        return normal.as_of if measure.value > measure.baseline + measure.reach else None
    low, floor = measure.baseline - measure.reach, normal.standing if place == BALANCE else 0.0
    if low <= floor:
        return None
    leaves = normal.as_of
    if measure.value >= low:
        # A second later than the range's end is reached, so that it is surely past: `moment_after`.
        days = MONTH * log2((measure.value - floor) / (low - floor))
        if days > _NEVER_DAYS or (after := moment_after(normal.as_of, days)) is None:
            return None
        leaves = after
    return max(leaves, normal.begins)
