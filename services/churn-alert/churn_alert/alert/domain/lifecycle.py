"""What an alert is: opened, acknowledged, closed; whose, how urgent, until when it is let rest. `steps` says what may
follow what.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from churn_alert.risk.domain.crossing import Cause
from churn_alert.risk.domain.indicators import Indicator
from rapport.errors import DomainError

Status = Literal["opened", "acknowledged", "closed"]
Severity = Literal["low", "medium", "high"]
Outcome = Literal["retained", "lost", "false-alarm", "recovered", "merged", "consent-refused", "restricted", "cleared"]
Arm = Literal["treated", "held-out"]
Step = Literal[
    "opened", "acknowledged", "snoozed", "woken", "reassigned", "escalated", "risk-fell", "risk-rose", "closed"
]


class AlertNotFound(DomainError):
    """There is no such alert."""


class AlertAlreadyAcknowledged(DomainError):
    """Somebody has taken this alert up already."""


class AlertAlreadyClosed(DomainError):
    """The alert is closed; a closed alert never opens again."""


class SnoozeNotAhead(DomainError):
    """`until` is not ahead of now: an alert can only be let rest until a time that is still to come."""


class SnoozeTooLong(DomainError):
    """`until` is further ahead than the alert policy allows."""


class SnoozedTooOften(DomainError):
    """The alert was let rest as often as the alert policy allows."""


class OutcomeNotInAlert(DomainError):
    """`outcome_at` is before the alert was opened, or still to come."""


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
    outcome_at: datetime | None = None
    """When what the outcome says came about; None where nobody said."""
    owner: str | None = None
    """Token of the employee whose the alert is; None while nobody manages the customer."""
    tier: str | None = None
    stage: str | None = None
    segment: str | None = None
    """Tier, stage and segment as they were known when it was opened."""
    urgency: float | None = None
    """What severity is by, see `Severities.urgency`."""
    policy_version: int | None = None
    playbook: str | None = None
    playbook_version: int | None = None
    experiment: str | None = None
    """In which the arm was drawn: alerts of any playbook and version that name it are measured together."""
    arm: Arm | None = None
    """None where its playbook holds nobody out, or there is none."""
    escalation: int = 0
    """How often it was taken to somebody else since nobody did what the policy asks for, in its present status."""
    waiting_since: datetime | None = None
    answer_by: datetime | None = None
    """When it is overdue: to be acknowledged, or once that was done, to be closed."""
    snoozed_until: datetime | None = None
    snoozes: int = 0
    """How often somebody let it rest."""
    due_at: datetime | None = None
    """When silence alone changes it next."""
    revision: int = 1

    @property
    def is_held_out(self) -> bool:
        """Drawn into the group with whom nothing is done: to be seen by no one who looks after customers."""
        return self.arm == "held-out"


@dataclass(frozen=True, slots=True)
class AlertEvent:
    """One line of an alert's history; `number` is the alert's revision after it, the rest as it is after it."""

    alert_id: UUID
    number: int
    step: Step
    at: datetime
    by: str | None = None
    outcome: Outcome | None = None
    owner: str | None = None
    escalation: int = 0
    snoozed_until: datetime | None = None


Change = tuple[Alert, AlertEvent]


class Assigned(NamedTuple):
    """What is to be done about an alert, by which playbook, and whether by the draw nothing is."""

    playbook: str
    playbook_version: int
    arm: Arm | None
    experiment: str | None = None


Assign = Callable[[Alert, frozenset[str]], Assigned | None]
"""Pure: asked once, of an alert that is about to be opened, before anybody sees it, and of what is refused."""


class Known(NamedTuple):
    """What is known of a customer when an alert is opened. `refused`: purposes declined or withdrawn on any file."""

    owner: str | None = None
    tier: str | None = None
    stage: str | None = None
    segment: str | None = None
    refused: frozenset[str] = frozenset()
