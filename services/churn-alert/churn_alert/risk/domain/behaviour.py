"""What is kept of a customer: a state of fixed size that the same events fill alike in any order.

Sums, minima and maxima only: the order of arrival, a late posting or one booked back changes nothing of the end state.
Duplicates are dropped by event id before. Only what customers do of themselves is activity; what the bank, an employer
or a standing order books moves money and says nothing about whether the customer is still there.
"""

from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any, NamedTuple

from churn_alert.risk.domain.accounts import Accounts, Balance, Standing, with_account, with_flow
from churn_alert.risk.domain.sums import NEVER_OUT, SUMS
from rapport.behaviour.active_days import ActiveDays
from rapport.behaviour.decay import DecayedSums
from rapport.errors import DomainError

OWN_ACCOUNT = "own-account"
INSIDE = frozenset({"bank", OWN_ACCOUNT})
"""Counterparties with whom money stays in the bank: interest, products, the customer's other accounts."""


class RiskNotFound(DomainError):
    """Nothing was heard of a customer of that id; the same words wherever it is asked."""

    def __init__(self) -> None:
        super().__init__("Nothing was heard of this customer")


@dataclass(frozen=True, slots=True)
class Bank:
    """Whose customers these are. Amounts in another currency are activity, not money; days are those of `zone`."""

    currency: str
    zone: tzinfo


class Posting(NamedTuple):
    """A posting as the fold takes it. A reversal is a booking in the direction opposite to what it takes back."""

    occurred_at: datetime
    minor: int
    is_credit: bool
    is_own: bool
    counterparty: str | None = None
    """Class of whom the money comes from or goes to; one that is not known is outside the bank."""
    is_foreign: bool = False
    reversed_at: datetime | None = None
    """When what this takes back had happened; None for every posting but a reversal."""
    has_product: bool = False
    account_id: str | None = None
    balance: Balance | None = None
    """What it left on the account."""

    @property
    def effective_at(self) -> datetime:
        """From when on it counts."""
        return self.reversed_at or self.occurred_at


class Ahead(NamedTuple):
    """Negative feedback told before its time: when that is, and the id of the event."""

    at: datetime
    event_id: str


@dataclass(slots=True)
class Risk:
    """One customer. The upper part is a function of the events alone; the lower part remembers the last decision.

    Not frozen only because a batch folds thousands of events into it.
    """

    customer_id: str
    own_transactions: int = 0
    channel_uses: int = 0
    negative_feedbacks: int = 0
    sums: DecayedSums = field(default_factory=lambda: DecayedSums.nothing(len(SUMS)))
    active_days: ActiveDays | None = None
    first_event_at: datetime | None = None
    last_activity_at: datetime | None = None
    accounts: Accounts = field(default_factory=dict)

    is_raised: bool = False
    level_since: datetime | None = None
    """Of the last crossing, or of the closure that the rest counts from; None before the first."""
    probability: float | None = None
    """As last decided; None while there is too little history."""
    decided_at: datetime | None = None
    model_version: int = 0
    due_at: datetime | None = None
    """When to look at the silence again, at the latest when it raises the risk; None for not before the next event."""
    consent_refused: bool = False
    """Care was declined or withdrawn on this file: nothing is decided of the person."""
    without_feedback: bool = False
    """Care was allowed by words that told nothing of feedback: of the person none counts."""
    is_restricted: bool = False
    """The relationship of this file is restricted or over, or the customer died: nothing is decided of the person."""
    profile_revision: int = 0
    """Of the word that last changed it."""
    ahead: tuple[Ahead, ...] = ()
    """Negative feedback whose time has not come yet for this customer, the first first: no part of the state yet."""
    out_at: tuple[datetime | None, ...] = NEVER_OUT
    """Of each of OUT_OF_RANGE: since when it is out of what is normal, or when silence alone brings it there."""
    normal: Any = None
    """What was normal when this transaction decided last; never stored."""
    crossed: Any = None
    """What the last crossing was decided on, where this transaction knows it; kept in a table of its own."""
    before: Any = None
    """Of a file that is merged into another, what its person's silence is looked for on: see `before.Before`."""
    anchor: Any = None
    """What a model has computed from the upper part; emptied whenever that changes, never stored."""
    is_settled: bool = False
    """Whether `due_at` follows from the present state; what is stored is settled."""

    @property
    def is_left_alone(self) -> bool:
        """Whether nothing is decided, for whichever cause."""
        return self.consent_refused or self.is_restricted


def fold_posting(risk: Risk, posting: Posting, zone: tzinfo) -> None:
    """Add one posting, or take one back at the time it had happened; its day stays active, for the customer did act."""
    at, sign = posting.effective_at, 1 if posting.reversed_at is None else -1
    moved = inflow = squares = net = 0
    signed = posting.minor if posting.is_credit else -posting.minor
    if not posting.is_foreign:
        if posting.counterparty not in INSIDE:
            net = signed
            if posting.is_credit is (sign > 0):
                inflow, squares = net, net * posting.minor
        if posting.is_own and posting.counterparty != OWN_ACCOUNT:
            moved = sign * posting.minor
    own = sign if posting.is_own else 0
    of_product = own if posting.has_product else 0
    risk.own_transactions += own
    risk.sums = risk.sums.add(at, own, 0, inflow, squares, net, 0, moved, moved * posting.minor, of_product)
    if posting.account_id is not None:
        risk.accounts = with_flow(
            risk.accounts, posting.account_id, at, signed, posting.balance, is_foreign=posting.is_foreign
        )
    if sign > 0:
        _note(risk, at, zone, is_activity=posting.is_own)
    risk.anchor = None


def fold_use(risk: Risk, at: datetime, zone: tzinfo) -> None:
    """Add one use of a channel: a login, a visit, a call."""
    risk.channel_uses += 1
    risk.sums = risk.sums.add(at, 0, 1, 0, 0, 0, 0, 0, 0, 1)
    _note(risk, at, zone, is_activity=True)
    risk.anchor = None


def fold_negative_feedback(risk: Risk, at: datetime) -> None:
    """Add one complaint or bad rating. Not activity: a customer who complains and leaves must not look busy."""
    risk.negative_feedbacks += 1
    risk.sums = risk.sums.add(at, 0, 0, 0, 0, 0, 1, 0, 0, 0)
    if risk.first_event_at is None or at < risk.first_event_at:
        risk.first_event_at = at
    risk.anchor = None


def fold_account(risk: Risk, account_id: str, standing: Standing, balance: Balance, *, is_foreign: bool) -> None:
    """Take what the bank tells of an account: no act of the customer's, and no activity."""
    risk.accounts = with_account(risk.accounts, account_id, standing, balance, is_foreign=is_foreign)
    risk.anchor = None


def _note(risk: Risk, at: datetime, zone: tzinfo, *, is_activity: bool) -> None:
    if risk.first_event_at is None or at < risk.first_event_at:
        risk.first_event_at = at
    if not is_activity:
        return
    day = at.astimezone(zone).date()
    risk.active_days = risk.active_days.add(day) if risk.active_days else ActiveDays.on(day)
    if risk.last_activity_at is None or at > risk.last_activity_at:
        risk.last_activity_at = at
