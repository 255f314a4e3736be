"""What the bank and the other services tell of a customer, as the tests need it."""

from datetime import timedelta
from typing import Any

from rapport.events.bank import HoldingChanged, InteractionRecorded, RiskAssessed, TransactionRecorded
from rapport.events.churn_alert import ChurnAlertChanged, LifecycleChanged, RiskThresholdCrossed
from rapport.events.feedback import CaseChanged, FeedbackClassified
from rapport.events.scoring import TierChanged
from tests.customer_profile.facts import HOUR, MONDAY

DAY = timedelta(days=1)
_TRANSACTION = {
    "source": "core-banking",
    "transaction_no": "T-1",
    "account_id": "a-1",
    "customer_id": "c-1",
    "direction": "debit",
    "kind": "card-purchase",
    "initiator": "customer",
    "channel": "card",
    "amount": "12.50",
    "currency": "CNY",
    "occurred_at": MONDAY,
}
_TIER = {
    "customer_id": "c-1",
    "old_tier": None,
    "tier": "high",
    "points": 190,
    "points_by_dimension": {"value": 100, "behaviour": 40, "potential": 20, "risk": 30},
    "reasons": [{"feature": "active_days", "points": 10, "shortfall": 4.5}],
    "scorecard_version": 1,
    "decided_at": MONDAY,
    "revision": 1,
    "rank": 1,
    "ladder": 3,
}
_ASSESSED = {
    "customer_id": "c-1",
    "risk_tolerance": "C3",
    "investment_experience": "1-3-years",
    "assessed_at": MONDAY,
    "valid_until": "2027-03-02",
    "revision": 1,
}
_CROSSED = {
    "customer_id": "c-1",
    "direction": "up",
    "cause": "silence",
    "probability": 0.71,
    "threshold": 0.6,
    "horizon_days": 30,
    "indicators": [{"name": "transactions", "value": 1.0, "normal_low": 6.0, "normal_high": 19.0}],
    "model_version": 3,
    "crossed_at": MONDAY,
}


def transaction(**fields: Any) -> TransactionRecorded:
    return TransactionRecorded.model_validate(_TRANSACTION | fields)


def reversal(of: TransactionRecorded, number: str, **fields: Any) -> TransactionRecorded:
    taken = {"transaction_no": of.transaction_no, "amount": of.amount, "occurred_at": of.occurred_at}
    back = {"direction": "credit" if of.direction == "debit" else "debit", "transaction_no": number, "reverses": taken}
    return transaction(**of.model_dump(exclude={"reverses"}) | back | fields)


def tier(**fields: Any) -> TierChanged:
    return TierChanged.model_validate(_TIER | fields)


def assessed(**fields: Any) -> RiskAssessed:
    return RiskAssessed.model_validate(_ASSESSED | fields)


def crossed(**fields: Any) -> RiskThresholdCrossed:
    return RiskThresholdCrossed.model_validate(_CROSSED | fields)


def alert(status: str = "opened", hours: int = 0, **fields: Any) -> ChurnAlertChanged:
    said = {"customer_id": "c-1", "alert_id": "al-1", "status": status, "changed_at": MONDAY + hours * HOUR}
    return ChurnAlertChanged.model_validate(said | fields)


def stage(name: str = "mature", revision: int = 1) -> LifecycleChanged:
    return LifecycleChanged.model_validate(
        {"customer_id": "c-1", "stage": name, "since": MONDAY, "as_of": MONDAY, "revision": revision}
    )


def holdings(amount: str, revision: int = 1) -> HoldingChanged:
    held = [{"product": "WM-STEADY", "kind": "wealth", "amount": amount, "currency": "CNY"}]
    return HoldingChanged.model_validate(
        {"customer_id": "c-1", "holdings": held, "as_of": MONDAY, "revision": revision}
    )


def case(status: str, hours: int = 0, case_id: str = "k-1") -> CaseChanged:
    return CaseChanged.model_validate(
        {
            "customer_id": "c-1",
            "case_id": case_id,
            "status": status,
            "priority": "high",
            "changed_at": MONDAY + hours * HOUR,
        }
    )


def classified(severity: str = "high", case_id: str = "k-1") -> FeedbackClassified:
    return FeedbackClassified.model_validate(
        {
            "customer_id": "c-1",
            "case_id": case_id,
            "kind": "complaint",
            "sentiment": "negative",
            "severity": severity,
            "channel": "mobile",
            "submitted_at": MONDAY,
        }
    )


def interaction(hours: int, customer_id: str = "c-1") -> InteractionRecorded:
    return InteractionRecorded.model_validate(
        {"customer_id": customer_id, "kind": "login", "channel": "mobile", "occurred_at": MONDAY + hours * HOUR}
    )
