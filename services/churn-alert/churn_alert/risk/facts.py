"""What churn-alert hears as the rules take it, and a crossing as others hear of it."""

from datetime import datetime

from churn_alert.risk.domain.accounts import Balance, Standing
from churn_alert.risk.domain.behaviour import (
    Bank,
    Posting,
    Risk,
    fold_account,
    fold_negative_feedback,
    fold_posting,
    fold_use,
)
from churn_alert.risk.domain.crossing import Crossing
from churn_alert.risk.domain.parts import AUTOMATIC, OWN, Part, tally_of
from churn_alert.risk.domain.tallies import Tally
from rapport.events import churn_alert as facts
from rapport.events.bank import (
    AccountChanged,
    InteractionRecorded,
    TransactionRecorded,
)
from rapport.events.base import AnyReceived
from rapport.events.feedback import FeedbackClassified
from rapport.events.money import minor_units

Fact = TransactionRecorded | InteractionRecorded | FeedbackClassified | AccountChanged


def is_ahead(event: AnyReceived) -> bool:
    """Feedback comes through a service of its own, which in stream time may be weeks ahead of this one."""
    fact = event.data
    # By the type itself: a contract's class is an abstract one, which takes long to say what is none of it.
    return type(fact) is FeedbackClassified and fact.sentiment == "negative" and fact.submitted_at > event.at


def effective_at(fact: Fact) -> datetime:
    """From when on a fact counts: of a reversal, from when what it takes back had happened."""
    match fact:
        case TransactionRecorded():
            return fact.reverses.occurred_at if fact.reverses else fact.occurred_at
        case InteractionRecorded():
            return fact.occurred_at
        case FeedbackClassified():
            return fact.submitted_at
        case AccountChanged():
            return fact.as_of


def counts_from(fact: Fact) -> datetime | None:
    """From when on what a customer did counts, for it may be told ahead of that; a word on an account replaces the one
    before, and feedback waits in the row of its customer."""
    return effective_at(fact) if isinstance(fact, TransactionRecorded | InteractionRecorded) else None


def fold(risk: Risk, fact: Fact, bank: Bank) -> Posting | None:
    """What a fact adds to the state of its customer; the posting that it is, if it is one."""
    match fact:
        case TransactionRecorded():
            fold_posting(risk, posting := posting_of(fact, bank), bank.zone)
            return posting
        case InteractionRecorded():
            fold_use(risk, fact.occurred_at, bank.zone)
        case FeedbackClassified(sentiment="negative"):
            fold_negative_feedback(risk, fact.submitted_at)
        case AccountChanged():
            fold_account(
                risk,
                fact.account_id,
                Standing(fact.as_of, fact.type, fact.status),
                Balance(fact.as_of, "", minor_units(fact.balance, fact.currency)),
                is_foreign=fact.currency != bank.currency,
            )
    return None


def counted(fact: Fact, posting: Posting | None) -> tuple[Part, Tally] | None:
    """What a fact adds to the tallies of its customer. `posting`: that it is, as `fold` gave it."""
    match fact:
        case TransactionRecorded() if posting is not None:
            stream = OWN if posting.is_own else AUTOMATIC
            return Part(stream, fact.channel, fact.product, fact.account_id), tally_of(posting)
        case InteractionRecorded():
            return Part(fact.kind, fact.channel, fact.product), Tally.of(fact.occurred_at, 1, 0)
    return None


def posting_of(fact: TransactionRecorded, bank: Bank) -> Posting:
    """The transaction as the rules take it."""
    return Posting(
        occurred_at=fact.occurred_at,
        minor=minor_units(fact.amount, fact.currency),
        is_credit=fact.direction == "credit",
        is_own=fact.initiator == "customer",
        counterparty=fact.counterparty_class,
        is_foreign=fact.currency != bank.currency,
        reversed_at=fact.reverses.occurred_at if fact.reverses else None,
        has_product=fact.product is not None,
        account_id=fact.account_id,
        balance=_left_by(fact),
    )


def _left_by(fact: TransactionRecorded) -> Balance | None:
    if fact.balance_after is None:
        return None
    return Balance(fact.occurred_at, fact.transaction_no, minor_units(fact.balance_after, fact.currency))


def fact_of(crossing: Crossing) -> facts.RiskThresholdCrossed:
    """What other services hear of a crossing."""
    cells = {
        "customer_id": crossing.customer_id,
        "direction": crossing.direction,
        "cause": crossing.cause,
        "probability": crossing.probability,
        "threshold": crossing.threshold,
        "horizon_days": crossing.model.horizon_days,
        "indicators": crossing.indicators,
        "model_version": crossing.model.version,
        "crossed_at": crossing.at,
        "clears": crossing.clears,
        "horizons": [{"days": days, "probability": one} for days, one in crossing.probabilities],
        "reasons": crossing.reasons,
    }
    # Validated at once: a contract made of each measure by itself takes three times as long.
    return facts.RiskThresholdCrossed.model_validate(cells, from_attributes=True)
