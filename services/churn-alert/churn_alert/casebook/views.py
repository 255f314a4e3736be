"""What is answered about cases: what an alert was opened on, what was done, what people said and what was observed."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import RowMapping

from churn_alert.alert.domain.lifecycle import Outcome, Severity
from churn_alert.casebook.domain.cases import DONE, Line, Observed, Step, first_act, hours_between
from churn_alert.casebook.domain.likeness import Alike, Part
from churn_alert.risk.domain.indicators import Indicator
from churn_alert.risk.views import INDICATORS, IndicatorView

_STEP: dict[str, Any] = {
    "number": 1,
    "kind": "task",
    "action": "care-call",
    "role": "rm",
    "by_role": "rm",
    "status": "done",
    "begun_at": "2025-10-09T02:40:11Z",
    "due_by": "2025-10-12T02:40:11Z",
    "overdue_at": None,
    "ended_at": "2025-10-10T08:12:30Z",
    "outcome": "content",
}
_STORY: dict[str, Any] = {
    "severity": "medium",
    "tier": "middle",
    "stage": "mature",
    "segment": "savers",
    "out_of_range": ["transactions", "product-use"],
    "playbook": "care-of-high",
    "playbook_version": 1,
    "held_out": False,
    "outcome": "retained",
    "observed": "stayed",
    "reached": True,
    "tasks_done": 1,
    "contacts_delivered": 0,
    "contacts_refused": 0,
    "hours_to_acknowledge": 5.54,
    "hours_to_act": 29.54,
}
CASE: dict[str, Any] = _STORY | {
    "alert_id": "0199c7f1-90b8-8d5a-9f02-6b6a3c1d20aa",
    "customer_id": "c-4f1d8a",
    "cause": "silence",
    "probability": 0.6,
    "opened_at": "2025-10-09T02:40:11Z",
    "closed_at": "2025-10-14T15:03:51Z",
    "outcome_at": "2025-10-14T14:30:00Z",
    "gone_on": None,
}
DETAIL: dict[str, Any] = CASE | {
    "threshold": 0.6,
    "horizon_days": 30,
    "escalation": 0,
    "ended_because": None,
    "indicators": INDICATORS,
    "steps": [_STEP],
    "history": [
        {"step": "opened", "happened_at": "2025-10-09T02:40:11Z", "known_at": "2025-10-09T02:40:12Z"},
    ],
}
SIMILAR: dict[str, Any] = {
    "alert_id": "0199c7f1-90b8-8d5a-9f02-6b6a3c1d20ff",
    "rules_version": 1,
    "looked_through": 8123,
    "items": [
        {
            "likeness": 0.97,
            "parts": [{"part": "transactions", "asked": -3.1, "found": -2.8, "likeness": 0.97, "weight": 2.0}],
            "case": _STORY | {"alert_id": None, "closed_in": "2025-10", "steps": [_STEP]},
        }
    ],
}


class StepView(BaseModel):
    """What was done, or was meant to be; persons by their role alone."""

    number: int
    kind: Literal["task", "contact"]
    action: str = Field(description="As the playbook calls it")
    role: str | None = Field(description="Whose task it was")
    by_role: str | None = Field(description="The role, now, of who did it")
    status: str
    begun_at: datetime | None
    due_by: datetime | None
    overdue_at: datetime | None
    ended_at: datetime | None
    outcome: str | None = Field(description="Of a task its outcome, of a message its channel, or why it did not go")


class LineView(BaseModel):
    """One step of the alert: `happened_at` is the moment it is about, `known_at` when it was decided."""

    step: str
    happened_at: datetime
    known_at: datetime
    by_role: str | None = None
    outcome: str | None = None


class StoryView(BaseModel):
    """What can be told of any case, whoever the customer is."""

    severity: Severity
    tier: str | None = Field(description="Tier, stage and segment when the alert was opened; null where none was known")
    stage: str | None
    segment: str | None
    out_of_range: list[str] = Field(description="What had left the customer's own range, whole before part")
    playbook: str | None
    playbook_version: int | None
    held_out: bool = Field(description="By lot nothing was done")
    outcome: Outcome = Field(description="What people said came of it, or why it ended")
    observed: Observed = Field(description="What the customer's own days showed 90 days after the alert")
    reached: bool = Field(description="The customer was spoken with, or a message arrived")
    tasks_done: int
    contacts_delivered: int
    contacts_refused: int
    hours_to_acknowledge: float | None = Field(description="From the opening until somebody took the alert up")
    hours_to_act: float | None = Field(description="From the opening until the first task done or message delivered")


class CaseView(StoryView):
    """A closed alert, with what was done and what came of it."""

    model_config = ConfigDict(json_schema_extra={"example": CASE})

    alert_id: UUID
    customer_id: str
    cause: Literal["event", "silence"]
    probability: float
    opened_at: datetime
    closed_at: datetime
    outcome_at: datetime | None
    gone_on: date | None = Field(description="The day from which the customer counted as gone")

    @classmethod
    def of(cls, row: RowMapping, steps: Sequence[Step]) -> Self:
        """A row of the store with the steps of its intervention."""
        own = {name: row[name] for name in CaseView.model_fields if name in row}
        return cls(**own | _told(row, steps))


class CaseDetail(CaseView):
    """The whole story."""

    model_config = ConfigDict(json_schema_extra={"example": DETAIL})

    threshold: float
    horizon_days: int
    escalation: int
    ended_because: str | None = Field(description="Why what was being done was broken off, where it was")
    indicators: list[IndicatorView] = Field(description="As they were when the alert was opened")
    steps: list[StepView]
    history: list[LineView]

    @classmethod
    def whole(cls, row: RowMapping, steps: Sequence[Step], history: Sequence[Line]) -> Self:
        """All that is kept of it."""
        own = {name: row[name] for name in cls.model_fields if name in row and name != "indicators"}
        return cls(
            **own | _told(row, steps),
            indicators=[IndicatorView.of(Indicator.kept(one)) for one in row["indicators"]],
            steps=[StepView(**one._asdict()) for one in steps],
            history=[LineView(**one._asdict()) for one in history],
        )


class AlikeCaseView(StoryView):
    """A case of anybody: without the customer, and without a moment that could tell who it is."""

    alert_id: UUID | None = Field(description="Null where the case is of a customer whom the caller does not see")
    closed_in: str = Field(description="Month")
    steps: list[StepView]


class PartView(BaseModel):
    """One part of the comparison. Indicators are in spreads from what is usual for that very customer."""

    part: str
    asked: float | str = Field(description="Of the alert that is asked about")
    found: float | str = Field(description="Of the case")
    likeness: float = Field(description="1: the same; 0: as far apart as can be")
    weight: float

    @classmethod
    def of(cls, one: Part) -> Self:
        """As it was compared."""
        return cls(part=one.name, asked=one.asked, found=one.found, likeness=1.0 - one.distance, weight=one.weight)


class AlikeView(BaseModel):
    """A case that is like the alert; `parts` says by what, what is most alike for its weight first."""

    likeness: float = Field(description="The weighted mean over the parts")
    parts: list[PartView]
    case: AlikeCaseView

    @classmethod
    def of(cls, one: Alike, row: RowMapping, steps: Sequence[Step], *, is_seen: bool) -> Self:
        """`is_seen`: whether the caller may open the case."""
        # Moments would single a customer out for whoever has seen the branch that day.
        kept = {"begun_at": None, "due_by": None, "overdue_at": None, "ended_at": None}
        shown = [StepView(**step._asdict() | ({} if is_seen else kept)) for step in steps]
        parts = sorted(one.parts, key=lambda part: (part.distance * part.weight, -part.weight, part.name))
        return cls(
            likeness=1.0 - one.distance,
            parts=[PartView.of(part) for part in parts],
            case=AlikeCaseView(
                **_told(row, steps),
                alert_id=row["alert_id"] if is_seen else None,
                closed_in=f"{row['closed_at']:%Y-%m}",
                steps=shown,
            ),
        )


class SimilarView(BaseModel):
    """The closed cases most like an alert, the most alike first."""

    model_config = ConfigDict(json_schema_extra={"example": SIMILAR})

    alert_id: UUID
    rules_version: int = Field(description="Of the document that says how alike is reckoned")
    looked_through: int = Field(description="How many closed alerts, the latest")
    items: list[AlikeView]


def _told(row: RowMapping, steps: Sequence[Step]) -> dict[str, Any]:
    indicators = [Indicator.kept(one) for one in row["indicators"]]
    same: Mapping[str, Any] = {name: row[name] for name in StoryView.model_fields if name in row}
    done = [one.kind for one in steps if one.status in DONE]
    return dict(same) | {
        "out_of_range": [one.name for one in indicators if one.is_low or one.is_high],
        "held_out": row["arm"] == "held-out",
        "observed": "not-yet" if row["warned_on"] is None else "stayed" if row["gone_on"] is None else "gone",
        "reached": bool(row["reached"]),
        "tasks_done": done.count("task"),
        "contacts_delivered": done.count("contact"),
        "contacts_refused": sum(one.kind == "contact" and one.status == "refused" for one in steps),
        "hours_to_acknowledge": hours_between(row["opened_at"], row["acknowledged_at"]),
        "hours_to_act": hours_between(row["opened_at"], first_act(steps)),
    }
