"""Exchange rates by the day they are for and by the moment they were known: a rate that comes late changes no decision
about what was before it."""

from bisect import bisect_right, insort
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import NamedTuple
from uuid import UUID

from scoring.comparing import Compared

_BEFORE_IT_COUNTS = timedelta(minutes=1)
"""Every process has taken a rate up by then, so none decides a moment by another one than the rest."""


class Rate(NamedTuple):
    """One unit of `currency` costs `price` units of the bank's own from `day` on, as told at `told_at`.

    `factor`: the same for minor units. `known_at`: when it was told or, where it came later, when it came. Of one
    currency's the greatest counts.
    """

    currency: str
    day: date
    told_at: datetime
    event_id: UUID
    known_at: datetime
    price: Fraction
    factor: float


class Rates(Compared):
    """All rates of the bank's own currency. One object for everybody in a process: what is told is taken up in it."""

    def __init__(self, *, is_stream_time: bool = False) -> None:
        self.is_stream_time = is_stream_time
        self.state = (0, 0)
        """Of the table when these were taken: how many rows, and the number of the last."""
        self.being_stored: dict[UUID, Callable[[], bool]] = {}
        """Events that a transaction of this process stores, and whether it is still open."""
        self._by_event: dict[UUID, Rate] = {}
        self._by_currency: dict[str, list[Rate]] = {}

    def add(self, rates: Iterable[Rate]) -> None:
        """Have these as well; one that was known by the same event gives way."""
        for rate in rates:
            if self._by_event.get(rate.event_id) != rate:
                self.forget([rate.event_id])
                self._by_event[rate.event_id] = rate
                insort(self._by_currency.setdefault(rate.currency, []), rate)

    def forget(self, event_ids: Iterable[UUID]) -> None:
        """Have these no longer: they were not stored after all."""
        for event_id in event_ids:
            rate = self._by_event.pop(event_id, None)
            if rate is not None:
                self._by_currency[rate.currency].remove(rate)

    def at(self, currency: str, day: date, moment: datetime) -> Rate | None:
        """The latest rate for `day` or a day before it, of those known a minute before `moment`; None where none is.

        A correction is a rate for the same day that was told later.
        """
        known = self._by_currency.get(currency, [])
        place = bisect_right(known, day, key=lambda rate: rate.day)
        latest = moment - _BEFORE_IT_COUNTS
        return next((rate for rate in reversed(known[:place]) if rate.known_at <= latest), None)


NO_RATES = Rates()
"""For whoever decides about the bank's own currency alone."""
