"""What is kept of a customer: a state of fixed size that the same events fill alike in any order.

Sums, minima and maxima only: the order of arrival, a late posting or one booked back changes nothing of the end state.
Duplicates are dropped by event id before.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import NamedTuple

from rapport.behaviour.active_days import ActiveDays
from rapport.behaviour.decay import DecayedSums
from rapport.errors import DomainError
from scoring.scorecard.domain import Tier
from scoring.standing.domain.opening import FirstDay, Posting, learn_opening

SUMS = ("credits", "debits", "own", "penalties", "overdrafts")
"""The decayed sums, in their order: money in minor units, then counts; `own` are postings the customer made."""
PENALTIES = frozenset({"penalty-interest", "sanction-interest"})
"""Kinds of posting that a bank charges for an account below zero."""
INVESTMENTS = ("deposit", "wealth", "fund", "insurance")
"""Kinds of product that are the customer's own money; a loan is not, and a card holds none."""


class StandingNotFound(DomainError):
    """Nothing was heard of a customer of that id."""


@dataclass(frozen=True, slots=True)
class Bank:
    """Whose customers these are. Amounts in another currency are activity, not money; days are those of `zone`."""

    currency: str
    minor_digits: int
    zone: tzinfo


class ProductsOfKind(NamedTuple):
    """Active products of one kind, and what they are worth in minor units of the bank's currency."""

    products: int
    minor: int


@dataclass(frozen=True, slots=True)
class Holdings:
    """All that a customer holds, as the bank last told it; revision 0 is nothing told yet."""

    by_kind: Mapping[str, ProductsOfKind] = field(default_factory=dict)
    revision: int = 0
    as_of: datetime | None = None
    products: int = field(init=False)
    investments_minor: int = field(init=False)

    def __post_init__(self) -> None:
        held = self.by_kind
        object.__setattr__(self, "products", sum(kind.products for kind in held.values()))
        object.__setattr__(self, "investments_minor", sum(held[kind].minor for kind in INVESTMENTS if kind in held))


NOTHING_HELD = Holdings()


@dataclass(slots=True)
class Standing:
    """One customer. The upper part is a function of the events alone; the lower part remembers the last decision.

    Not frozen only because a batch folds thousands of events into it.
    """

    customer_id: str
    transactions: int = 0
    reversals: int = 0
    foreign_currency_transactions: int = 0
    credits_minor: int = 0
    debits_minor: int = 0
    opening_minor: int = 0
    penalty_interests: int = 0
    overdrafts: int = 0
    sums: DecayedSums = field(default_factory=lambda: DecayedSums.nothing(len(SUMS)))
    active_days: ActiveDays | None = None
    first_activity_at: datetime | None = None
    last_activity_at: datetime | None = None
    first_days: dict[str, FirstDay] = field(default_factory=dict)
    holdings: Holdings = NOTHING_HELD

    tier: Tier | None = None
    tier_since: datetime | None = None
    below_since: datetime | None = None
    points: int = 0
    decided_at: datetime | None = None
    revision: int = 0
    due_at: datetime | None = None


def fold_posting(standing: Standing, posting: Posting, zone: tzinfo) -> None:
    """Add one posting, or take one back at the time it had happened."""
    if not posting.is_foreign:
        standing.opening_minor += learn_opening(standing.first_days, posting)
    if posting.reversed_at is not None:
        _take_back(standing, posting, posting.reversed_at)
        return
    credit = debit = 0
    if posting.is_foreign:
        standing.foreign_currency_transactions += 1
    elif posting.is_credit:
        credit = posting.minor
        standing.credits_minor += credit
    else:
        debit = posting.minor
        standing.debits_minor += debit
    penalty = posting.kind in PENALTIES
    overdraft = not (posting.is_credit or penalty or posting.balance_after is None) and posting.balance_after < 0
    standing.transactions += 1
    standing.penalty_interests += penalty
    standing.overdrafts += overdraft
    standing.sums = standing.sums.add(posting.occurred_at, credit, debit, posting.is_own, penalty, overdraft)
    if posting.is_own:
        _note_activity(standing, posting.occurred_at, zone)


def _take_back(standing: Standing, posting: Posting, at: datetime) -> None:
    """What a posting added goes again, at its own time. The day stays active and an overdraft stays seen: both were."""
    credit = debit = 0
    standing.reversals += 1
    if posting.is_foreign:
        standing.foreign_currency_transactions -= 1
    elif posting.is_credit:
        debit = posting.minor
        standing.debits_minor -= debit
    else:
        credit = posting.minor
        standing.credits_minor -= credit
    penalty = posting.kind in PENALTIES
    standing.penalty_interests -= penalty
    standing.sums = standing.sums.add(at, -credit, -debit, -posting.is_own, -penalty, 0)


def _note_activity(standing: Standing, at: datetime, zone: tzinfo) -> None:
    day = at.astimezone(zone).date()
    standing.active_days = standing.active_days.add(day) if standing.active_days else ActiveDays.on(day)
    if standing.first_activity_at is None or at < standing.first_activity_at:
        standing.first_activity_at = at
    if standing.last_activity_at is None or at > standing.last_activity_at:
        standing.last_activity_at = at


def fold_holdings(standing: Standing, holdings: Holdings) -> None:
    """All that a customer holds replaces what was known of it, unless that has a higher revision."""
    if holdings.revision > standing.holdings.revision:
        standing.holdings = holdings
