"""An account as the core told it. The latest word wins, whatever the order in which words arrive."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

Type = Literal["current", "savings", "wealth", "loan", "card"]
Status = Literal["open", "dormant", "frozen", "closed"]


@dataclass(frozen=True, slots=True)
class Account:
    """One account in one customer's name; `minor` is the balance in minor units of `currency`."""

    customer_id: str
    account_id: str
    type: Type
    status: Status
    opened_on: date
    closed_on: date | None
    minor: int
    currency: str
    as_of: datetime
    event_id: UUID

    @property
    def is_open(self) -> bool:
        """Dormant and frozen accounts are still the customer's."""
        return self.status != "closed"


def latest(known: Account | None, told: Account) -> Account:
    """The word that counts: by time, and of two words of one moment the one with the higher event id.

    Any rule that orders all words would do; this one needs nothing but the words themselves.
    """
    if known is not None and (known.as_of, known.event_id) >= (told.as_of, told.event_id):
        return known
    return told


def opened(before: Account | None, after: Account) -> int:
    """By how much the number of the customer's open accounts changes: 1, 0 or -1."""
    return after.is_open - (before is not None and before.is_open)
