"""The bank's facts as the rules take them, and a decision as others hear of it."""

from collections import Counter
from datetime import datetime

from rapport.events.bank import HoldingChanged, TransactionRecorded
from rapport.events.money import minor_units
from rapport.events.scoring import Reason, TierChanged
from scoring.standing.domain.assets import Valuation
from scoring.standing.domain.decision import Decision
from scoring.standing.domain.holdings import INVESTMENTS, LOAN_CLASSES, Holdings, ProductsOfKind
from scoring.standing.domain.opening import Posting
from scoring.standing.domain.state import Bank, Standing, fold_holdings, fold_posting


def counts_from(fact: TransactionRecorded | HoldingChanged) -> datetime | None:
    """From when on a posting counts, which may be told ahead of that; of what is held the latest word replaces all."""
    if not isinstance(fact, TransactionRecorded):
        return None
    return fact.reverses.occurred_at if fact.reverses else fact.occurred_at


def fold(standing: Standing, fact: TransactionRecorded | HoldingChanged, bank: Bank) -> None:
    """What a fact of the bank adds to the standing of its customer."""
    match fact:
        case TransactionRecorded():
            fold_posting(standing, posting_of(fact, bank), bank.zone)
        case HoldingChanged():
            fold_holdings(standing, holdings_of(fact, bank))


def posting_of(fact: TransactionRecorded, bank: Bank) -> Posting:
    """The transaction as the rules take it."""
    currency = fact.currency
    after, undone = fact.balance_after, fact.reverses
    return Posting(
        account_id=fact.account_id,
        occurred_at=fact.occurred_at,
        minor=minor_units(fact.amount, currency),
        is_credit=fact.direction == "credit",
        is_own=fact.initiator == "customer",
        kind=fact.kind,
        currency=None if currency == bank.currency else currency,
        balance_after=None if after is None else minor_units(after, currency),
        reversed_at=undone.occurred_at if undone else None,
        reversed_balance_after=minor_units(left, currency) if undone and (left := undone.balance_after) else None,
    )


def holdings_of(fact: HoldingChanged, bank: Bank) -> Holdings:
    """Active products by kind; what one in another currency is worth is money in the month's assets alone."""
    held: dict[str, ProductsOfKind] = {}
    foreign: Counter[str] = Counter()
    active = [holding for holding in fact.holdings if holding.status == "active"]
    for holding in active:
        minor = minor_units(holding.amount, holding.currency)
        if holding.currency != bank.currency:
            foreign[holding.currency] += minor if holding.kind in INVESTMENTS else 0
            minor = 0
        before = held.get(holding.kind, ProductsOfKind(0, 0))
        held[holding.kind] = ProductsOfKind(before.products + 1, before.minor + minor)
    loans = [LOAN_CLASSES.index(loan.loan_class) for loan in active if loan.loan_class is not None]
    day = fact.as_of.astimezone(bank.zone).date().toordinal()
    own = sum(held[kind].minor for kind in INVESTMENTS if kind in held)
    worth = Valuation(day, fact.revision, own, tuple(sorted(foreign.items())))
    return Holdings(held, fact.revision, fact.as_of, max(loans, default=None), (worth,))


def fact_of(change: Decision) -> TierChanged:
    """What other services hear of a change of tier."""
    return TierChanged(
        customer_id=change.customer_id,
        old_tier=change.old_tier,
        tier=change.tier,
        points=change.points,
        points_by_dimension=change.points_by_dimension,
        reasons=tuple(
            Reason(feature=item.feature.name, points=item.points, shortfall=round(item.shortfall, 3))
            for item in change.reasons
        ),
        scorecard_version=change.card.version,
        decided_at=change.decided_at,
        revision=change.revision,
        rank=change.place.rank,
        ladder=change.place.ladder,
        cause=change.cause,
    )
