"""Working days by a calendar: Monday to Friday, but for its days off and the weekends that are worked instead."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import date, timedelta

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """`off`: weekdays that are none; `worked`: Saturdays and Sundays that are one. Other years have weekends alone."""

    version: int
    off: Set[date]
    worked: Set[date]

    def is_one(self, day: date) -> bool:
        """Whether the bank works on that day."""
        return day in self.worked or (day.weekday() < 5 and day not in self.off)

    def after(self, day: date, count: int) -> date:
        """The `count`-th working day after this one, itself not counted."""
        while count > 0:
            day += _DAY
            count -= self.is_one(day)
        return day
