"""What is answered about alerts, and what is asked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import RowMapping

from churn_alert.alert.domain.lifecycle import Alert, Outcome, Severity, Status, Step
from churn_alert.alert.domain.words import explain
from churn_alert.risk.views import INDICATORS, IndicatorView
from rapport.web import Body

ALERT: dict[str, Any] = {
    "alert_id": "0199c7f1-90b8-8d5a-9f02-6b6a3c1d20aa",
    "customer_id": "c-4f1d8a",
    "status": "opened",
    "severity": "medium",
    "cause": "silence",
    "probability": 0.6,
    "threshold": 0.6,
    "horizon_days": 30,
    "opened_at": "2025-10-09T02:40:11Z",
    "acknowledged_at": None,
    "acknowledged_by": None,
    "closed_at": None,
    "closed_by": None,
    "outcome": None,
    "explanation": (
        "Risk of leaving 60% (threshold 60%), reached by silence alone. Out of the normal range: own activity over a"
        " week at 21% of usual (normal for this customer: 44% to 156%); 9 days without activity (normal for this"
        " customer: at most 5)."
    ),
    "indicators": INDICATORS,
    "model_version": 1,
}
ACKNOWLEDGED = ALERT | {
    "status": "acknowledged",
    "acknowledged_at": "2025-10-09T08:12:30Z",
    "acknowledged_by": "e-2207",
}
CLOSED = ACKNOWLEDGED | {
    "status": "closed",
    "closed_at": "2025-10-14T15:03:51Z",
    "closed_by": "e-2207",
    "outcome": "retained",
}
_STEPS = [
    {"step": "opened", "happened_at": "2025-10-09T02:40:11Z", "known_at": "2025-10-09T02:40:12Z"},
    {
        "step": "acknowledged",
        "happened_at": "2025-10-09T08:12:30Z",
        "known_at": "2025-10-09T08:12:30Z",
        "done_by": "e-2207",
    },
]


class AlertView(BaseModel):
    """One warning: that a customer is drifting away, why, and what became of it."""

    model_config = ConfigDict(json_schema_extra={"example": ALERT})

    alert_id: UUID
    customer_id: str
    status: Status
    severity: Severity = Field(description="By how many measures were out of the customer's normal range: 2, 4 or more")
    cause: Literal["event", "silence"] = Field(description="What made the risk reach the threshold")
    probability: float = Field(description="When the alert was opened")
    threshold: float
    horizon_days: int
    opened_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str | None = Field(description="Token of the employee")
    closed_at: datetime | None
    closed_by: str | None = Field(description="Token of the employee; null when it closed by itself")
    outcome: Outcome | None = Field(
        description="`recovered`: the risk fell before anybody took the alert up; `merged`: the file was merged into "
        "another, and the customer is warned of there; `consent-refused`: the customer refused to be cared for; "
        "`restricted`: the relationship is restricted or over"
    )
    explanation: str = Field(description="Why it was opened, in words")
    indicators: list[IndicatorView] = Field(description="As they were when it was opened")
    model_version: int

    @classmethod
    def of(cls, alert: Alert) -> Self:
        """An alert as it is shown."""
        same = {name: getattr(alert, name) for name in cls.model_fields if hasattr(alert, name)}
        shown = {
            "indicators": [IndicatorView.of(one) for one in alert.indicators],
            "explanation": explain(alert.cause, alert.probability, alert.threshold, alert.indicators),
        }
        return cls(**same | shown)


class StepView(BaseModel):
    """One step of an alert: `happened_at` is the moment it is about, `known_at` when it was decided."""

    step: Step
    happened_at: datetime
    known_at: datetime
    done_by: str | None = None
    outcome: Outcome | None = None
    consent_version: int | None = Field(
        default=None, description="The revision of the customer's consents that was known then; null where none was"
    )


class AlertDetail(AlertView):
    """An alert with its history."""

    model_config = ConfigDict(json_schema_extra={"example": ACKNOWLEDGED | {"history": _STEPS}})

    history: list[StepView]

    @classmethod
    def with_history(cls, alert: Alert, steps: Sequence[RowMapping]) -> Self:
        """An alert and its steps, the first first."""
        kept = [StepView(**{name: row[name] for name in StepView.model_fields}) for row in steps]
        return cls(**AlertView.of(alert).model_dump(), history=kept)


class CloseAlert(Body):
    """How it ended. A note would invite personal data; what was done belongs into the bank's own contact file."""

    model_config = ConfigDict(json_schema_extra={"example": {"outcome": "retained"}})

    outcome: Literal["retained", "lost", "false-alarm"] = Field(
        description="`retained`: looked at again after the rest, and opened anew if the risk is still as high"
    )
