"""Of what each part of a portrait is made, and who is shown it."""

from collections.abc import Collection, Mapping

from customer_profile.portrait.domain import Kind, Told
from rapport.events.bank import (
    AccountChanged,
    CustomerRecorded,
    HoldingChanged,
    InteractionRecorded,
    RiskAssessed,
    TransactionRecorded,
)
from rapport.events.base import Event
from rapport.events.churn_alert import ChurnAlertChanged, LifecycleChanged, RiskThresholdCrossed
from rapport.events.feedback import CaseChanged, FeedbackClassified
from rapport.events.scoring import TierChanged
from rapport.web.scopes import extent_of

FEEDS: dict[str, tuple[type[Event], ...]] = {
    "basic": (CustomerRecorded,),
    "accounts": (AccountChanged,),
    "transactions": (TransactionRecorded,),
    "holdings": (HoldingChanged,),
    "risk_preference": (RiskAssessed,),
    "tier": (TierChanged,),
    "lifecycle": (LifecycleChanged,),
    "churn_risk": (RiskThresholdCrossed,),
    "open_alert": (ChurnAlertChanged,),
    "open_cases": (CaseChanged, FeedbackClassified),
    "interactions": (InteractionRecorded,),
}
"""Of which topics each part is made."""
ENTRIES = {
    "accounts": "account-state",
    "transactions": "posting-sums",
    "holdings": "holding",
    "risk_preference": "risk-preference",
    "tier": "tier-decision",
    "lifecycle": "lifecycle-stage",
    "churn_risk": "churn-risk",
    "open_alert": "churn-alert",
    "open_cases": "feedback-case",
    "consents": "consent",
    "interactions": "portrait-fact",
}
"""The entry of the catalogue by which each part is shown, or hidden."""
KINDS: dict[str, Kind] = {
    "holdings": "holdings",
    "risk_preference": "risk-preference",
    "tier": "tier",
    "lifecycle": "lifecycle",
    "churn_risk": "churn-risk",
    "open_alert": "alert",
}
_CLOSED = "closed"


def shown_to(facts: Mapping[Kind, list[Told]], roles: Collection[str]) -> dict[Kind, list[Told]]:
    """Facts without a closed alert; and for who looks after customers of their own without an alert that is held out.

    To them a risk is shown beside an open alert alone: hidden of the held out only, or shown where no alert is, it
    would tell who is held out.
    """
    shown = dict(facts)
    alert = next(iter(facts.get("alert", [])), None)
    sees_all = extent_of(roles) == "all"
    is_shown = alert is not None and alert.document["status"] != _CLOSED
    if alert is not None and not sees_all:
        is_shown = is_shown and not alert.document["held_out"]
    if not is_shown:
        shown["alert"] = []
        if not sees_all:
            shown["churn-risk"] = []
    return shown
