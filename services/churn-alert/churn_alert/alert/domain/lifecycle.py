"""What can become of an alert: opened, acknowledged, closed. Each step is a function; what may not follow is refused.

An alert nobody has taken up closes by itself when the risk falls. One that somebody has acknowledged stays with that
person, who is told that the risk fell: only they know what they did about it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from churn_alert.risk.domain.crossing import Cause, ToldCrossing
from churn_alert.risk.domain.indicators import FOUR, Indicator
from rapport.errors import DomainError

Status = Literal["opened", "acknowledged", "closed"]
Severity = Literal["low", "medium", "high"]
Outcome = Literal["retained", "lost", "false-alarm", "recovered", "merged", "consent-refused", "restricted"]
Arm = Literal["treated", "held-out"]
Step = Literal["opened", "acknowledged", "risk-fell", "risk-rose", "closed"]


class AlertNotFound(DomainError):
    """There is no such alert."""


class AlertAlreadyAcknowledged(DomainError):
    """Somebody has taken this alert up already."""


class AlertAlreadyClosed(DomainError):
    """The alert is closed; a closed alert never opens again."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One warning about one customer, with what it was opened on."""

    alert_id: UUID
    customer_id: str
    status: Status
    severity: Severity
    cause: Cause
    probability: float
    threshold: float
    indicators: tuple[Indicator, ...]
    model_version: int
    horizon_days: int
    crossing_id: UUID
    opened_at: datetime
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    """None where the alert closed by itself."""
    outcome: Outcome | None = None
    owner: str | None = None
    """Token of the employee whose the alert is; None while nobody manages the customer."""
    tier: str | None = None
    stage: str | None = None
    """Tier and stage as they were known when it was opened."""
    playbook: str | None = None
    playbook_version: int | None = None
    arm: Arm | None = None
    """None where its playbook holds nobody out, or there is none."""
    escalation: int = 0
    snoozed_until: datetime | None = None
    due_at: datetime | None = None
    """When silence alone changes it next."""
    revision: int = 1

    @property
    def is_held_out(self) -> bool:
        """Drawn into the group with whom nothing is done: to be seen by no one who looks after customers."""
        return self.arm == "held-out"


@dataclass(frozen=True, slots=True)
class AlertEvent:
    """One line of an alert's history; `number` is the alert's revision after it."""

    alert_id: UUID
    number: int
    step: Step
    at: datetime
    by: str | None = None
    outcome: Outcome | None = None


Change = tuple[Alert, AlertEvent]


class Assigned(NamedTuple):
    """What is to be done about an alert, by which playbook, and whether by the draw nothing is."""

    playbook: str
    playbook_version: int
    arm: Arm | None


class Known(NamedTuple):
    """What is known of a customer when an alert is opened."""

    owner: str | None = None
    tier: str | None = None
    stage: str | None = None


def severity_of(indicators: Sequence[Indicator]) -> Severity:
    """By how many measures are out of the customer's normal range: the fewer agree, the likelier is chance."""
    parts = [one for one in indicators if one.name not in FOUR]
    apart = sum(one.is_low or (one.is_high and one.name not in RATIOS) for one in parts)
    if apart >= 4:
        return "high"
    return "medium" if apart >= 2 else "low"


RATIOS = frozenset({"activity-week", "activity-month", "transactions-month", "channel-use-month", "inflow-month"})
"""Measures of which more than usual is no bad sign."""


def opened_on(told: ToldCrossing, alert_id: UUID, known: Known) -> Change:
    """The alert of a crossing upwards, on a customer of whom this is known."""
    crossing = told.crossing
    alert = Alert(
        alert_id=alert_id,
        customer_id=crossing.customer_id,
        status="opened",
        severity=severity_of(crossing.indicators),
        cause=crossing.cause,
        probability=crossing.probability,
        threshold=crossing.threshold,
        indicators=crossing.indicators,
        model_version=crossing.model.version,
        horizon_days=crossing.model.horizon_days,
        crossing_id=told.crossing_id,
        opened_at=crossing.at,
        owner=known.owner,
        tier=known.tier,
        stage=known.stage,
    )
    return alert, AlertEvent(alert.alert_id, 1, "opened", crossing.at)


def acknowledge(alert: Alert, at: datetime, by: str) -> Change:
    """Somebody takes it up. Raises AlertAlreadyAcknowledged, AlertAlreadyClosed."""
    match alert.status:
        case "closed":
            raise AlertAlreadyClosed
        case "acknowledged":
            raise AlertAlreadyAcknowledged
    at = max(at, alert.opened_at)
    taken = replace(alert, status="acknowledged", acknowledged_at=at, acknowledged_by=by)
    return _stepped(taken, "acknowledged", at, by)


def close(alert: Alert, at: datetime, outcome: Outcome, by: str | None) -> Change:
    """It is over, acknowledged before or not. Raises AlertAlreadyClosed."""
    if alert.status == "closed":
        raise AlertAlreadyClosed
    at = max(at, alert.acknowledged_at or alert.opened_at)
    closed = replace(alert, status="closed", closed_at=at, closed_by=by, outcome=outcome)
    return _stepped(closed, "closed", at, by, outcome)


def risk_fell(alert: Alert, at: datetime) -> Change:
    """The risk is back under the lower threshold."""
    return close(alert, at, "recovered", None) if alert.status == "opened" else _stepped(alert, "risk-fell", at)


def risk_rose(alert: Alert, at: datetime) -> Change:
    """The risk rose again while somebody is still at it: no second alert, a line in the history of this one."""
    return _stepped(alert, "risk-rose", at)


def _stepped(alert: Alert, step: Step, at: datetime, by: str | None = None, outcome: Outcome | None = None) -> Change:
    after = replace(alert, revision=alert.revision + 1)
    return after, AlertEvent(alert.alert_id, after.revision, step, at, by, outcome)
