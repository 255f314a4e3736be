"""What a departure is, and when an alert of it is right: rules kept as data, applied to days of own activity.

Nothing here looks ahead of what it is given: who is not gone by the last day known may still be about to go, so whoever
asks of a customer before the window is over gets no answer, and never "stayed".
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from rapport.behaviour.active_days import ActiveDays


@dataclass(frozen=True, slots=True)
class Definition:
    """`silent_days`: who has done nothing of their own for so long is gone; 0 where departures are told, not found.

    `ahead_days`: an alert so long before the first silent day is right; before that it was about something else.
    `least_active_days`, `least_history_days`: before, nobody was a customer who could leave.
    """

    silent_days: int
    ahead_days: int
    least_active_days: int
    least_history_days: int

    @property
    def window(self) -> timedelta:
        """How long after an alert it is known whether it was right."""
        return timedelta(days=self.ahead_days + self.silent_days)


class Departure(NamedTuple):
    """One time that a customer left.

    `begins_on`: the first day without own activity, or on which the decline began. `gone_on`: the day from which the
    customer counts as gone; None where that lies after all that is known. `back_on`: the day of the return, if any.
    """

    begins_on: date
    gone_on: date | None
    back_on: date | None = None

    def is_told_by(self, day: date, definition: Definition) -> bool:
        """Whether an alert of that day is about this departure: not too early, and the customer is not back yet."""
        is_early = day < self.begins_on - timedelta(days=definition.ahead_days)
        return not is_early and (self.back_on is None or day < self.back_on)

    def is_over(self, day: date) -> bool:
        """Whether the customer is gone on that day."""
        return self.gone_on is not None and self.gone_on <= day and (self.back_on is None or day < self.back_on)


class Silence(NamedTuple):
    """Days without own activity, from `begins_on` on; the last may still go on."""

    begins_on: date
    days: int
    is_going_on: bool
    active_days_before: int


def silences(days: ActiveDays, until: date, *, least: int) -> Iterator[Silence]:
    """Pauses of at least so many days, the first first; `until`: the first day of which not all is known."""
    known = max((until - days.first).days, 0)
    text = format(days.bits & ((1 << known) - 1), "b")[::-1].ljust(known, "0") if known else ""
    for found in _runs(least).finditer(text):
        begins_at, ends_at = found.span()
        yield Silence(
            days.first + timedelta(days=begins_at), ends_at - begins_at, ends_at == known, text.count("1", 0, begins_at)
        )


def departures(days: ActiveDays, definition: Definition, until: date) -> list[Departure]:
    """When this customer left, by the definition, as far as it is known before `until`."""
    return [
        Departure(
            one.begins_on,
            one.begins_on + timedelta(days=definition.silent_days),
            None if one.is_going_on else one.begins_on + timedelta(days=one.days),
        )
        for one in silences(days, until, least=definition.silent_days)
        if is_established(days, one, definition)
    ]


def is_established(days: ActiveDays, silence: Silence, definition: Definition) -> bool:
    """Whether the customer was one who could leave when this silence began."""
    is_long = (silence.begins_on - days.first).days >= definition.least_history_days
    return is_long and silence.active_days_before >= definition.least_active_days


def gone_after(found: Iterable[Departure], day: date) -> date | None:
    """The first day from which the customer is gone, seen from `day`: that day itself for one who is gone already."""
    days = [
        max(one.gone_on, day) for one in found if one.gone_on is not None and (one.gone_on >= day or one.is_over(day))
    ]
    return min(days, default=None)


@lru_cache(maxsize=64)
def _runs(least: int) -> re.Pattern[str]:
    return re.compile(f"0{{{max(least, 1)},}}")
