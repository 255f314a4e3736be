"""What the bank sets right: a few postings are taken back some days later, a few are booked late and dated back.

A posting that is part of something larger (a purchase, a repayment, a transfer between own accounts) is left alone.
"""

from random import Random

from simulator.bank.intents import Account, Reversal
from simulator.bank.life import HOUR
from simulator.bank.plan import BusinessDay
from simulator.bank.writing import Booked

_TAKEN_BACK, _DATED_BACK = 0.003, 0.003
"""Shares of the postings."""
_LATEST = 96
"""Hours after which a posting is taken back, and by which it is dated back."""


class Corrections:
    """One customer's, by a chance of their own."""

    __slots__ = ("_rng", "waiting")

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self.waiting: list[tuple[int, Account, Booked, str]] = []

    def dated(self, account: Account, ms: int) -> int:
        """The time that a posting booked at `ms` is dated: sometimes days before, never before the account's first."""
        if self._rng.random() >= _DATED_BACK:
            return ms
        before = ms - self._rng.randint(24, _LATEST) * HOUR
        return before if account.first_ms is not None and before > account.first_ms else ms

    def look_at(self, account: Account, booked: Booked, transaction_no: str) -> None:
        """Sometimes a posting turns out to be wrong: it is taken back on one of the next days."""
        if self._rng.random() < _TAKEN_BACK:
            found = booked.dated_ms + self._rng.randint(6, _LATEST) * HOUR
            self.waiting.append((found, account, booked, transaction_no))

    def due(self, day: BusinessDay) -> list[Reversal]:
        """What is taken back on that day, in working hours."""
        due = [one for one in self.waiting if one[0] < day.end_ms]
        if due:
            self.waiting = [one for one in self.waiting if one[0] >= day.end_ms]
        opens = day.start_ms + 9 * HOUR
        return [Reversal(max(found, opens), account, booked, no) for found, account, booked, no in due]
