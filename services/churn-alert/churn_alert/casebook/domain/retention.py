"""Who stayed, month by month: what a month is, and what is counted in it.

In the bank are customers who are `new` or `mature`. Of those at the beginning of a month each is `kept` or `lost`, by
the stage at its end; at its end there are the kept, those `won_back` who had been lost, and those who `joined`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from typing import Literal, NamedTuple, Self

Division = Literal["all", "stage", "tier", "segment", "channel"]
DIVISIONS: tuple[Division, ...] = ("all", "stage", "tier", "segment", "channel")
CORRECTED: frozenset[Division] = frozenset({"all", "stage"})
"""Divisions that a late posting corrects. Of which tier, segment and channel somebody was then, nobody keeps."""


class Counts(NamedTuple):
    """Customers of one group in one month."""

    began: int
    kept: int
    lost: int
    won_back: int
    joined: int


class Warned(NamedTuple):
    """Alerts that were opened in the month. `stayed`: of the treated whose window is over, who were not gone."""

    alerts: int
    treated: int
    judged: int
    stayed: int


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of the bank's calendar."""

    first: date

    @classmethod
    def of(cls, moment: datetime, zone: tzinfo) -> Self:
        """The month that a moment is in."""
        return cls(moment.astimezone(zone).date().replace(day=1))

    @property
    def following(self) -> "Month":
        """The next one."""
        year, month = divmod(self.first.year * 12 + self.first.month, 12)
        return Month(date(year, month + 1, 1))

    def begins(self, zone: tzinfo) -> datetime:
        """Its first moment."""
        return datetime.combine(self.first, time(), zone)

    def ends(self, zone: tzinfo) -> datetime:
        """The first moment that is not of it any more."""
        return self.following.begins(zone)


def months(first: Month, before: Month) -> Iterator[Month]:
    """One after the other, without the last."""
    while first < before:
        yield first
        first = first.following
