"""What lies on a customer's accounts and moves over them: the last that was told, in whatever order it came.

A balance counts if it is known, the customer's own money and in the bank's currency. Its mean of late and that of the
year follow from it and from what moved: the path is not kept (`rapport.behaviour.decay.average_balance`).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from rapport.behaviour.decay import DecayedSums, average_balance

_LENT = frozenset({"loan", "card"})
"""Accounts whose balance is the bank's money."""
_NOTHING = DecayedSums.nothing(1)


class Balance(NamedTuple):
    """As told last: by the later time, then by the higher number of the posting, if a posting told it."""

    at: datetime
    told_by: str
    minor: int


class Standing(NamedTuple):
    """What an account is, as told last."""

    at: datetime
    type: str
    status: str


class Account(NamedTuple):
    """One account. `flow`: what came less what went, decayed."""

    flow: DecayedSums = _NOTHING
    balance: Balance | None = None
    standing: Standing | None = None
    is_foreign: bool = False

    @property
    def counts(self) -> bool:
        """Whether its balance is known, the customer's own money and in the bank's currency."""
        lent = self.standing is not None and self.standing.type in _LENT
        return self.balance is not None and not lent and not self.is_foreign


class Money(NamedTuple):
    """Over all accounts that count, in minor units: what is there, and its means of half-life 30 and 365 days."""

    standing: int
    month: float
    year: float


Accounts = Mapping[str, Account]


def with_flow(
    accounts: Accounts, account_id: str, at: datetime, signed: int, balance: Balance | None, *, is_foreign: bool
) -> Accounts:
    """After money came onto an account (above zero) or went; what moved it may tell the balance that it left."""
    before = accounts.get(account_id, _NEW)
    after = Account(
        before.flow if is_foreign else before.flow.add(at, signed),
        _latest(before.balance, balance),
        before.standing,
        before.is_foreign or is_foreign,
    )
    return {**accounts, account_id: after}


def with_account(
    accounts: Accounts, account_id: str, standing: Standing, balance: Balance, *, is_foreign: bool
) -> Accounts:
    """After what the bank tells of an account, of which the latest counts."""
    before = accounts.get(account_id, _NEW)
    after = before._replace(
        balance=_latest(before.balance, balance),
        standing=max(before.standing or standing, standing),
        is_foreign=before.is_foreign or is_foreign,
    )
    return {**accounts, account_id: after}


def money_on(accounts: Accounts, at: datetime) -> Money | None:
    """What is on the accounts at `at`; None where no balance counts. What was there at first counts as ever there."""
    standing, month, year, is_known = 0, 0.0, 0.0, False
    for one in accounts.values():
        if one.counts:
            assert one.balance is not None
            is_known = True
            (flow,) = one.flow.read(at)
            standing += one.balance.minor
            month += average_balance(one.balance.minor, flow.month)
            year += average_balance(one.balance.minor, flow.year)
    return Money(standing, month, year) if is_known else None


def _latest(one: Balance | None, other: Balance | None) -> Balance | None:
    if one is None or other is None:
        return one or other
    return max(one, other)


_NEW = Account()
