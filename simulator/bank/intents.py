"""What a customer, or the bank for one, means to do at a moment of a day; whether it can is seen at its turn."""

from typing import Literal, NamedTuple

from rapport.events.bank import Channel, FeedbackSubmitted, LoanClass
from simulator.bank.kinds import Kind
from simulator.bank.writing import Booked


class Account:
    """An account and what stands on it, in minor units; `first_ms`: when something was booked on it first."""

    __slots__ = ("account_id", "balance", "first_ms", "floor", "type")

    def __init__(self, account_id: str, kind: Literal["current", "savings"], balance: int, floor: int = 0) -> None:
        self.account_id = account_id
        self.type = kind
        self.balance = balance
        self.floor = floor
        self.first_ms: int | None = None


class Posting(NamedTuple):
    """Money to be booked: `minor` above zero is a credit. Not booked where the balance does not allow it."""

    ms: int
    account: Account
    minor: int
    kind: Kind
    product: str | None = None
    """The product bought, sold or repaid: what is held of it changes by the same sum."""
    to: Account | None = None
    """Another account of the same customer that gets the money."""


class Reversal(NamedTuple):
    """A posting is taken back, if the balance allows it."""

    ms: int
    account: Account
    taken_back: Booked
    transaction_no: str


class Review(NamedTuple):
    """The loan gets another class; None: it is written off."""

    ms: int
    loan_class: LoanClass | None


class Outflow(NamedTuple):
    """A share of the then balance leaves the bank."""

    ms: int
    account: Account
    share: float


class Use(NamedTuple):
    """A use of a channel without money."""

    ms: int
    kind: Literal["login", "page", "visit", "call"]
    channel: Channel


class Word(NamedTuple):
    """Something is said to the bank."""

    ms: int
    feedback: FeedbackSubmitted


class NewAddress(NamedTuple):
    """The customer moves house."""

    ms: int


class Leaving(NamedTuple):
    """The customer closes everything."""

    ms: int


Intent = Posting | Reversal | Review | Outflow | Use | Word | NewAddress | Leaving
