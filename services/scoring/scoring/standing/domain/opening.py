"""What an account held before our history begins: without it, whoever only spends would stand below zero.

Learned from the first balance an account reports on its first day, and from what was booked on it up to then. The same
postings in any order give the same answer.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAY = 86_400_000_000
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
    currency: str | None = None
    """None for the bank's own."""
    balance_after: int | None = None
    reversed_at: datetime | None = None
    """When what this takes back had happened; None for every posting but a reversal."""
    reversed_balance_after: int | None = None
    """What that had left on the account, if the bank says so."""

    @property
    def signed(self) -> int:
        """The change of the account's balance."""
        return self.minor if self.is_credit else -self.minor


Booking = tuple[int, int, int | None]
"""A posting of a first day: when, in microseconds since 1970; the change of the balance; the balance reported, if any.

Plain numbers, because every standing is read and written with them and hardly any is asked for them.
"""
FirstDay = Sequence[Booking]
"""The first postings of an account within 24 hours, up to the first that reports a balance, and at most `_MOST`."""


def learn_opening(first_days: dict[str, FirstDay], posting: Posting) -> int:
    """Note a posting if it may be among its account's first.

    Returns by how much it changes what is known to be held before, in minor units.
    """
    known, at = first_days.get(posting.account_id, ()), (posting.occurred_at - _EPOCH) // _MICROSECOND
    if known:
        last, _, reported = known[-1]
        is_full = reported is not None or len(known) == _MOST
        if at > last if is_full else at - known[0][0] >= _DAY:
            return 0
    day = _first_of([*known, (at, posting.signed, posting.balance_after)])
    first_days[posting.account_id] = day
    return opening_of(day) - opening_of(known)


def _first_of(bookings: list[Booking]) -> FirstDay:
    """What is left out comes after what stays, however few are known yet: so no order of arrival changes what stays."""
    bookings.sort(key=lambda booking: (booking[0], booking[2] is not None, booking[1], booking[2] or 0))
    last = bookings[0][0] + _DAY
    moment = next((at for at, _, after in bookings if after is not None), last)
    within = [booking for booking in bookings if booking[0] < last and booking[0] <= moment]
    return tuple(within[:_MOST])


def united(one: FirstDay, other: FirstDay) -> FirstDay:
    """The first day of an account whose postings came under two files."""
    return _first_of([*one, *other])


def opening_of(day: FirstDay) -> int:
    """The balance before: the first reported one less all that was booked up to it, or zero where none is reported.

    Of several reports at one moment, whose order nobody knows, the one counts that leaves least: an account begins at
    zero. Not the last report ever: it would have to be right to the second, and what is booked after it be missing.
    """
    booked = sum([signed for _, signed, _ in day])
    openings = [after - booked for _, _, after in day if after is not None]
    return min(openings, key=lambda before: (abs(before), before), default=0)
