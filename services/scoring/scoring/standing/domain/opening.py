"""What an account held before our history begins: without it, whoever only spends would stand below zero.

Learned from the first balance an account reports on its first day, and from what was booked on it up to then. The same
postings in any order give the same answer.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

_DAY = timedelta(days=1)
_MOST = 32
"""Postings kept of an account that reports no balance: enough for a day, and a bound for what is stored."""


class Posting(NamedTuple):
    """A posting as the fold takes it. A reversal is a booking in the direction opposite to what it takes back."""

    account_id: str
    occurred_at: datetime
    minor: int
    is_credit: bool
    is_own: bool
    kind: str
    is_foreign: bool = False
    balance_after: int | None = None
    reversed_at: datetime | None = None
    """When what this takes back had happened; None for every posting but a reversal."""

    @property
    def signed(self) -> int:
        """The change of the account's balance."""
        return self.minor if self.is_credit else -self.minor


class Booking(NamedTuple):
    """One posting of a first day. `after`: the balance it reported, if any."""

    at: datetime
    signed: int
    after: int | None


FirstDay = tuple[Booking, ...]
"""The first postings of an account within 24 hours, up to the first that reports a balance, and at most `_MOST`."""


def learn_opening(first_days: dict[str, FirstDay], posting: Posting) -> int:
    """Note a posting if it may be among its account's first.

    Returns by how much it changes what is known to be held before, in minor units.
    """
    known, at = first_days.get(posting.account_id, ()), posting.occurred_at
    if known and (
        at > known[-1].at if known[-1].after is not None or len(known) == _MOST else at - known[0].at >= _DAY
    ):
        return 0
    day = _first_of([*known, Booking(at, posting.signed, posting.balance_after)])
    first_days[posting.account_id] = day
    return opening_of(day) - opening_of(known)


def _first_of(bookings: list[Booking]) -> FirstDay:
    """What is left out comes after what stays, however few are known yet: so no order of arrival changes what stays."""
    bookings.sort(key=lambda booking: (booking.at, booking.after is not None, booking.signed, booking.after or 0))
    last = bookings[0].at + _DAY
    moment = next((booking.at for booking in bookings if booking.after is not None), None)
    within = [b for b in bookings if b.at < last and (moment is None or b.at <= moment)]
    return tuple(within[:_MOST])


def opening_of(day: FirstDay) -> int:
    """The balance before: the first reported one less all that was booked up to it, or zero where none is reported.

    Of several reports at one moment, whose order nobody knows, the one counts that leaves least: an account begins at
    zero. Not the last report ever: it would have to be right to the second, and what is booked after it be missing.
    """
    reported = [booking.after for booking in day if booking.after is not None]
    booked = sum([booking.signed for booking in day])
    return min((after - booked for after in reported), key=lambda before: (abs(before), before), default=0)
