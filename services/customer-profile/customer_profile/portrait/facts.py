"""How the events of others are read as facts of a portrait, and postings as what a month is made of."""

from typing import Any

from customer_profile.portrait.domain import Entry, Fact, Kind, Place, Posting, rank_of
from rapport.events.bank import HoldingChanged, InteractionRecorded, RiskAssessed, TransactionRecorded
from rapport.events.base import Event, Received
from rapport.events.churn_alert import ChurnAlertChanged, LifecycleChanged, RiskThresholdCrossed
from rapport.events.feedback import CaseChanged, FeedbackClassified
from rapport.events.money import minor_units
from rapport.events.scoring import TierChanged

_STATES: dict[type[Event], tuple[Kind, str]] = {
    TierChanged: ("tier", "decided_at"),
    LifecycleChanged: ("lifecycle", "as_of"),
    RiskAssessed: ("risk-preference", "assessed_at"),
    HoldingChanged: ("holdings", "as_of"),
}
"""States: the highest revision counts. The field that says as of when each is."""
_WORDS: dict[type[Event], tuple[Kind, str, str | None]] = {
    RiskThresholdCrossed: ("churn-risk", "crossed_at", None),
    ChurnAlertChanged: ("alert", "changed_at", None),
    CaseChanged: ("case", "changed_at", "case_id"),
    FeedbackClassified: ("case-class", "submitted_at", "case_id"),
}
"""Words of one moment: the latest counts. The field of that moment, and the one that says which case."""
HEARD = (*_STATES, *_WORDS)


def fact_of(event: Received[Any]) -> Fact:
    """An event of `HEARD`, or an interaction, as it is kept."""
    data = event.data
    # Why an alert was closed is in the ledger of consents already.
    document = data.model_dump(mode="json", exclude={"customer_id", "consent_refused"})
    if isinstance(data, InteractionRecorded):
        at = data.occurred_at
        return Fact(Place(data.customer_id, "interaction", str(event.id)), rank_of(at), event.id, at, document)
    if (state := _STATES.get(type(data))) is not None:
        kind, moment = state
        return Fact(Place(data.customer_id, kind), data.revision, event.id, getattr(data, moment), document)
    kind, moment, item = _WORDS[type(data)]
    at = getattr(data, moment)
    place = Place(data.customer_id, kind, "" if item is None else getattr(data, item))
    # A case is classified anew as of its submission, so of two words on it the one that was told later counts.
    return Fact(place, rank_of(event.time if kind == "case-class" else at), event.id, at, document)


def posting_of(data: TransactionRecorded) -> Posting:
    """A transaction as a month counts it: a reversal takes its original back from the month it was in."""
    minor = minor_units(data.amount, data.currency)
    if data.reverses is None:
        return Posting(data.customer_id, data.occurred_at, Entry(data.currency, data.direction, data.kind), minor)
    of = Entry(data.currency, "debit" if data.direction == "credit" else "credit", data.kind)
    return Posting(data.customer_id, data.reverses.occurred_at, of, minor, sign=-1)
