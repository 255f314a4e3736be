"""What is answered about alerts, and what is asked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import RowMapping

from churn_alert.alert.alerting import Alerting
from churn_alert.alert.domain.ageing import escalated_to
from churn_alert.alert.domain.lifecycle import Alert, Outcome, Severity, Status, Step
from churn_alert.alert.domain.words import explain
from churn_alert.risk.views import INDICATORS, IndicatorView
from rapport.events.base import Time, Token
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
    "outcome_at": None,
    "owner": "e-2207",
    "queue": "B1",
    "tier": "middle",
    "stage": "mature",
    "segment": "savers",
    "urgency": 1.02,
    "policy_version": 1,
    "playbook": None,
    "playbook_version": None,
    "held_out": False,
    "escalation": 0,
    "escalated_to": None,
    "answer_by": "2025-10-10T02:40:11Z",
    "snoozed_until": None,
    "explanation": (
        "Risk of leaving 60% (threshold 60%), reached by silence alone. Out of the normal range: own activity over a"
        " week at 21% of usual (normal for this customer: 44% to 156%); 9 days without activity (normal for this"
        " customer: at most 5)."
    ),
    "explanation_zh": (
        "流失风险60%（阈值60%），仅因长期无活动而达到。超出正常范围：近一周本人活跃度为平常的21%（该客户正常为44%至156%）；"
        "已有9天没有活动（该客户正常不超过5天）。"
    ),
    "indicators": INDICATORS,
    "model_version": 1,
}
ACKNOWLEDGED = ALERT | {
    "status": "acknowledged",
    "acknowledged_at": "2025-10-09T08:12:30Z",
    "acknowledged_by": "e-2207",
    "answer_by": "2025-10-23T08:12:30Z",
}
SNOOZED = ALERT | {"answer_by": None, "snoozed_until": "2025-10-16T01:00:00Z"}
REASSIGNED = ALERT | {"owner": "e-3110"}
CLOSED = ACKNOWLEDGED | {
    "status": "closed",
    "closed_at": "2025-10-14T15:03:51Z",
    "closed_by": "e-2207",
    "outcome": "retained",
    "outcome_at": "2025-10-14T14:30:00Z",
    "answer_by": None,
}
COUNTS: dict[str, Any] = {
    "count": 3,
    "snoozed": 1,
    "escalated": 0,
    "overdue": 1,
    "by_status": {"opened": 2, "acknowledged": 1},
    "by_severity": {"medium": 3},
    "by_tier": {"middle": 2, "unknown": 1},
    "by_stage": {"mature": 3},
    "by_segment": {"savers": 1, "unknown": 2},
    "by_queue": {"B1": 3},
}
_STEPS = [
    {"step": "opened", "happened_at": "2025-10-09T02:40:11Z", "known_at": "2025-10-09T02:40:12Z"},
    {"step": "acknowledged", "done_by": "e-2207"} | dict.fromkeys(("happened_at", "known_at"), "2025-10-09T08:12:30Z"),
]


class AlertView(BaseModel):
    """One warning: that a customer is drifting away, why, and what became of it."""

    model_config = ConfigDict(json_schema_extra={"example": ALERT})

    alert_id: UUID
    customer_id: str
    status: Status
    severity: Severity = Field(description="By `urgency`, as the alert policy has it")
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
        "`restricted`: the relationship is restricted or over; `cleared`: a late event showed that what it warned of "
        "was not true"
    )
    outcome_at: datetime | None = Field(description="When what the outcome says came about, where somebody said so")
    owner: str | None = Field(description="Token of the employee whose it is; null while nobody manages the customer")
    queue: str | None = Field(description="The unit in which the owner works now")
    tier: str | None = Field(description="As it was known when the alert was opened; null where none was")
    stage: str | None = Field(description="The same of the stage in the relation with the bank")
    segment: str | None = Field(description="The same of the segment, the kind of customer that scoring told")
    urgency: float | None = Field(description="What would be lost, times how plain it is that something changed")
    policy_version: int | None = Field(
        description="Of the alert policy, the latest that was written when its times were set"
    )
    playbook: str | None = Field(description="What is to be done; null where there is none")
    playbook_version: int | None
    held_out: bool = Field(description="Drawn into the group with whom nothing is done")
    escalation: int = Field(description="How often it was taken further up in its present status")
    escalated_to: str | None = Field(description="The role that has it now besides its owner")
    answer_by: datetime | None = Field(description="Overdue from then on: to be taken up, or once that is done, closed")
    snoozed_until: datetime | None
    explanation: str = Field(description="Why it was opened, in words")
    explanation_zh: str = Field(description="The same in Chinese")
    indicators: list[IndicatorView] = Field(description="As they were when it was opened")
    model_version: int

    @classmethod
    def of(cls, alert: Alert, queue: str | None, alerting: Alerting) -> Self:
        """An alert as it is shown; `queue`: the unit of its owner."""
        words = explain(alert.cause, alert.probability, alert.threshold, alert.indicators, alerting.zone)
        same = {name: getattr(alert, name) for name in cls.model_fields if hasattr(alert, name)}
        shown = {
            "indicators": [IndicatorView.of(one) for one in alert.indicators],
            "explanation": words.en,
            "explanation_zh": words.zh,
            "queue": queue,
            "held_out": alert.is_held_out,
            "escalated_to": escalated_to(alert, alerting.policy),
        }
        return cls(**same | shown)


class StepView(BaseModel):
    """One step of an alert: `happened_at` is the moment it is about, `known_at` when it was decided."""

    step: Step
    happened_at: datetime
    known_at: datetime
    done_by: str | None = None
    outcome: Outcome | None = None
    owner: str | None = Field(default=None, description="Whose the alert was after it")
    escalation: int = Field(default=0, description="How often it had been taken further up then")
    snoozed_until: datetime | None = None
    consent_version: int | None = Field(
        default=None, description="The revision of the customer's consents that was known then; null where none was"
    )


class AlertDetail(AlertView):
    """An alert with its history."""

    model_config = ConfigDict(json_schema_extra={"example": ACKNOWLEDGED | {"history": _STEPS}})

    history: list[StepView]

    @classmethod
    def with_history(cls, view: AlertView, steps: Sequence[RowMapping]) -> Self:
        """An alert and its steps, the first first."""
        kept = [StepView(**{name: row[name] for name in StepView.model_fields}) for row in steps]
        return cls(**view.model_dump(), history=kept)


class CloseAlert(Body):
    """How it ended. A note would invite personal data; what was done belongs into the bank's own contact file."""

    model_config = ConfigDict(json_schema_extra={"example": {"outcome": "retained"}})

    outcome: Literal["retained", "lost", "false-alarm"] = Field(
        description="`retained`: looked at again after the rest, and opened anew if the risk is still as high"
    )
    outcome_at: Time | None = Field(
        default=None,
        description="When that came about, with a zone: not before the alert was opened, and not still to come",
        examples=["2025-10-14T14:30:00Z"],
    )


class SnoozeAlert(Body):
    """Until when it is let rest."""

    model_config = ConfigDict(json_schema_extra={"example": {"until": "2025-10-16T01:00:00Z"}})

    until: Time = Field(description="Still to come, with a zone; as far ahead as the alert policy allows at most")


class ReassignAlert(Body):
    """Whose it is to be."""

    model_config = ConfigDict(json_schema_extra={"example": {"owner": "e-3110"}})

    owner: Token = Field(description="Token of the employee")


_BITS = ("status", "severity", "tier", "stage", "segment", "unit")


class AlertCounts(BaseModel):
    """How many alerts there are; `unknown` where nothing was known, or the owner works in no unit."""

    model_config = ConfigDict(json_schema_extra={"example": COUNTS})

    count: int
    snoozed: int
    escalated: int
    overdue: int
    by_status: dict[str, int]
    by_severity: dict[str, int]
    by_tier: dict[str, int]
    by_stage: dict[str, int]
    by_segment: dict[str, int]
    by_queue: dict[str, int]

    @classmethod
    def of(cls, rows: Sequence[RowMapping]) -> Self:
        """Rows as `reading.counts` gives them."""
        by: dict[str, dict[str, int]] = {name: {} for name in _BITS}
        totals: dict[str, Any] = dict.fromkeys(("count", "snoozed", "escalated", "overdue"), 0)
        for row in rows:
            grouped = [name for bit, name in enumerate(reversed(_BITS)) if not row["grouped"] & 1 << bit]
            if grouped:
                by[grouped[0]][row[grouped[0]] or "unknown"] = row["count"]
            else:
                totals = {name: row[name] for name in totals}
        queues = by.pop("unit")
        shown: dict[str, Any] = {f"by_{name}": found for name, found in by.items()}
        return cls(**(totals | shown), by_queue=queues)
