"""What churn-alert hears as the rules take it, and a crossing as others hear of it."""

from dataclasses import asdict

from churn_alert.risk.domain.behaviour import Bank, Posting, Risk, fold_negative_feedback, fold_posting, fold_use
from churn_alert.risk.domain.crossing import Crossing
from churn_alert.risk.domain.indicators import Indicator
from rapport.events import churn_alert as facts
from rapport.events.bank import InteractionRecorded, TransactionRecorded
from rapport.events.base import AnyReceived
from rapport.events.feedback import FeedbackClassified
from rapport.events.money import minor_units


def is_ahead(event: AnyReceived) -> bool:
    """Feedback comes through a service of its own, which in stream time may be weeks ahead of this one."""
    match event.data:
        case FeedbackClassified(sentiment="negative", submitted_at=at):
            return bool(at > event.at)
    return False


def fold(risk: Risk, fact: TransactionRecorded | InteractionRecorded | FeedbackClassified, bank: Bank) -> None:
    """What a fact adds to the state of its customer."""
    match fact:
        case TransactionRecorded():
            fold_posting(risk, posting_of(fact, bank), bank.zone)
        case InteractionRecorded():
            fold_use(risk, fact.occurred_at, bank.zone)
        case FeedbackClassified(sentiment="negative"):
            fold_negative_feedback(risk, fact.submitted_at)


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
    )


def fact_of(crossing: Crossing) -> facts.RiskThresholdCrossed:
    """What other services hear of a crossing."""
    return facts.RiskThresholdCrossed(
        customer_id=crossing.customer_id,
        direction=crossing.direction,
        cause=crossing.cause,
        probability=crossing.probability,
        threshold=crossing.threshold,
        horizon_days=crossing.model.horizon_days,
        indicators=tuple(_indicator(one) for one in crossing.indicators),
        model_version=crossing.model.version,
        crossed_at=crossing.at,
        clears=crossing.clears,
    )


def _indicator(one: Indicator) -> facts.Indicator:
    return facts.Indicator(**asdict(one))
