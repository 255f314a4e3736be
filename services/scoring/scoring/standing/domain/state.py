"""What is kept of a customer: a state of fixed size that the same events fill alike in any order.

The order of arrival and a late posting change nothing of the end state, and what is booked back is gone from it as if
it had never been wrong. Duplicates are dropped by event id before.
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, tzinfo

from rapport.behaviour.daily_counts import DailyCounts
from rapport.behaviour.decay import DecayedSums
from rapport.errors import DomainError
from scoring.scorecard.domain import Tier
from scoring.standing.domain.assets import NO_MOVEMENTS, Movements, valued
from scoring.standing.domain.foreign import Accounts
from scoring.standing.domain.holdings import NOTHING_HELD, Holdings
from scoring.standing.domain.opening import FirstDay, Posting, learn_opening
from scoring.standing.domain.people import Course, Override

SUMS = ("credits", "debits", "own", "penalties", "overdrafts")
"""The decayed sums, in their order: money in minor units, then counts; `own` are postings the customer made."""
PENALTIES = frozenset({"penalty-interest", "sanction-interest"})
"""Kinds of posting that a bank charges for an account below zero."""


class StandingNotFound(DomainError):
    """Nothing was heard of a customer of that id; the same remedy wherever it is asked."""

    def __init__(self) -> None:
        super().__init__(
            "Nothing was heard of this customer: check customer_id. A customer is known from the first event on that "
            "is heard of them; GET /standings lists who is"
        )


@dataclass(frozen=True, slots=True)
class Bank:
    """Whose customers these are. Days are those of `zone`."""

    currency: str
    minor_digits: int
    zone: tzinfo


@dataclass(slots=True)
class Standing:
    """One customer. The upper part is a function of the events alone; the middle part remembers the last decision; the
    lower part is people's: an override in force, and whether people alone may change the tier.

    `automation_refused`: of automated decisions at all; `consent_refused`: to tiering, declined or withdrawn;
    `is_restricted`: the relationship is restricted. Each is taken back for itself, so none undoes another.

    `foreign`: accounts in other currencies, also in one in which only products were ever held.
    `scorecard_tier`, `scorecard_since`: where the scorecard's own course is, while that is not `tier`, `tier_since`.
    `people_since`: since when people have had a hand in the tier. `profile_revision`: of the customer as last told.

    Not frozen only because a batch folds thousands of events into it.
    """

    customer_id: str
    transactions: int = 0
    foreign_currency_transactions: int = 0
    credits_minor: int = 0
    debits_minor: int = 0
    opening_minor: int = 0
    own_minor: int = 0
    penalty_interests: int = 0
    overdrafts: int = 0
    sums: DecayedSums = field(default_factory=lambda: DecayedSums.nothing(len(SUMS)))
    active_days: DailyCounts | None = None
    movements: Movements = NO_MOVEMENTS
    first_days: dict[str, FirstDay] = field(default_factory=dict)
    holdings: Holdings = NOTHING_HELD
    foreign: dict[str, Accounts] = field(default_factory=dict)

    tier: Tier | None = None
    tier_since: datetime | None = None
    below_since: datetime | None = None
    points: int = 0
    decided_at: datetime | None = None
    revision: int = 0
    due_at: datetime | None = None

    scorecard_tier: Tier | None = None
    scorecard_since: datetime | None = None
    override: Override | None = None
    automation_refused: bool = False
    consent_refused: bool = False
    is_restricted: bool = False
    people_since: datetime | None = None
    profile_revision: int = 0

    @property
    def people_only(self) -> bool:
        """Whether people alone may change the tier, for whichever cause."""
        return self.automation_refused or self.consent_refused or self.is_restricted

    @property
    def course(self) -> Course:
        """Where the scorecard alone would have the customer."""
        if self.scorecard_tier is None:
            return Course(self.tier, self.tier_since)
        return Course(self.scorecard_tier, self.scorecard_since)


def fold_posting(standing: Standing, posting: Posting, zone: tzinfo) -> None:
    """Add one posting, or take one back at the time it had happened."""
    if posting.currency is None:
        standing.opening_minor += learn_opening(standing.first_days, posting)
    else:
        standing.foreign.setdefault(posting.currency, Accounts()).add(posting, zone)
    if posting.reversed_at is None:
        _count(standing, posting, posting.occurred_at, 1, zone)
    else:
        original = posting._replace(is_credit=not posting.is_credit, balance_after=posting.reversed_balance_after)
        _count(standing, original, posting.reversed_at, -1, zone)


def _count(standing: Standing, posting: Posting, at: datetime, sign: int, zone: tzinfo) -> None:
    """What a posting that happened at `at` adds, or with a sign of -1 what it takes with it."""
    credit = debit = 0
    day = at.astimezone(zone).date()
    minor = sign * posting.minor
    if posting.currency is not None:
        standing.foreign_currency_transactions += sign
    else:
        credit, debit = (minor, 0) if posting.is_credit else (0, minor)
        standing.credits_minor += credit
        standing.debits_minor += debit
        standing.movements = standing.movements.add(day, credit - debit)
    own, penalty = sign * posting.is_own, sign * (posting.kind in PENALTIES)
    is_overdraft = not (posting.is_credit or penalty or posting.balance_after is None) and posting.balance_after < 0
    overdraft = sign * is_overdraft
    standing.transactions += sign
    standing.penalty_interests += penalty
    standing.overdrafts += overdraft
    standing.sums = standing.sums.add(at, credit, debit, own, penalty, overdraft)
    if own:
        standing.own_minor += credit + debit
        _note_activity(standing, day, sign)


def _note_activity(standing: Standing, day: date, sign: int) -> None:
    known = standing.active_days or DailyCounts(day, 0)
    counts = known.add(day) if sign > 0 else known.take(day)
    standing.active_days = None if counts.is_nothing else counts


def fold_holdings(standing: Standing, told: Holdings) -> None:
    """All that a customer holds replaces what was known of it, unless that has a higher revision; each day's own worth
    counts in the month's average all the same."""
    known = standing.holdings
    valuations = known.valuations
    for one in told.valuations:
        valuations = valued(valuations, one)
        for currency, _ in one.foreign:
            standing.foreign.setdefault(currency, Accounts())
    latest = told if told.revision > known.revision else known
    standing.holdings = replace(latest, valuations=valuations)
