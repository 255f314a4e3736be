"""Since when each measure of a customer is out of the normal range: exact, whether by an event or by silence alone.

What is kept is the moment at which silence alone takes the measure out. So nobody has to look: once it has come, it is
since when, and an event before it sets another.
"""

from datetime import datetime
from math import log2

from churn_alert.risk.domain.behaviour import Risk
from churn_alert.risk.domain.normal import BALANCE, FEEDBACK, MONTH, Measure, Normal
from churn_alert.risk.domain.sums import NEVER_OUT
from rapport.behaviour.crossing import moment_after

_NEVER_DAYS = 36_500.0


def watched(risk: Risk, normal: Normal | None, at: datetime) -> tuple[datetime | None, ...]:
    """`out_at` after an event at `at`: what was out and is still keeps its date.

    Of what is within, the date is left open: `foreseen` reckons it when the customer is done with, not at every event.
    """
    if normal is None:
        return NEVER_OUT
    return tuple(
        [
            _since(risk, place, at) if one is not None and is_out(normal, place, one, at) else None
            for place, one in enumerate(normal.measures)
        ]
    )


def foreseen(risk: Risk) -> tuple[datetime | None, ...]:
    """`out_at` with when silence alone will take out what is within; as it is, if nothing was decided."""
    normal: Normal | None = risk.normal
    if normal is None:
        return risk.out_at
    measures = zip(risk.out_at, normal.measures, strict=True)
    return tuple([at or _leaves(normal, place, one) for place, (at, one) in enumerate(measures)])


def is_out(normal: Normal, place: int, measure: Measure, at: datetime) -> bool:
    """Whether this measure is out of the range at `at`, if nothing has happened since; known as soon as it may be."""
    if place == FEEDBACK:
        return measure.value > measure.baseline + measure.reach
    low = measure.baseline - measure.reach
    if low <= 0.0 or at < normal.begins:
        return False
    return (measure.value if at <= normal.as_of else normal.value(place, at)) < low


def _since(risk: Risk, place: int, at: datetime) -> datetime:
    """Of what is out at `at`: since when, by what was known before this event."""
    before = risk.out_at[place]
    if before is None and risk.normal is not None:
        before = leaves(risk.normal, place)
    return before if before is not None and before <= at else at


def leaves(normal: Normal, place: int) -> datetime | None:
    """When silence takes a measure out of the range, or the latest event did; None: it never does."""
    return _leaves(normal, place, normal.measures[place])


def _leaves(normal: Normal, place: int, measure: Measure | None) -> datetime | None:
    if measure is None:
        return None
    if place == FEEDBACK:
        return normal.as_of if measure.value > measure.baseline + measure.reach else None
    low, floor = measure.baseline - measure.reach, normal.standing if place == BALANCE else 0.0
    if low <= floor:
        return None
    if measure.value < low:
        return max(normal.as_of, normal.begins)
    # A second later than the range's end is reached, so that it is surely past: `moment_after`.
    days = MONTH * log2((measure.value - floor) / (low - floor))
    after = moment_after(normal.as_of, days) if days <= _NEVER_DAYS else None
    return max(after, normal.begins) if after else None
