"""What is asked and shown of data quality; never a value."""

from datetime import date, datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from customer_profile.quality.domain import NOTES, Dimension, Note, Outcome, State
from rapport.web import Body

SERIES: dict[str, Any] = {
    "source": "core",
    "attribute": "id_number",
    "dimension": "accuracy",
    "days": [{"day": "2026-03-02", "seen": 1200, "faults": 18}],
}
ISSUE: dict[str, Any] = {
    "issue_id": "0d9f2f5e-2f3e-4f1e-8d0a-1e4cf5a1b2c3",
    "customer_id": "c-7Qm2xK9v",
    "attribute": "id_number",
    "fault": "check-digit",
    "source": "core",
    "state": "open",
    "by": None,
    "outcome": None,
    "note": None,
    "first_seen_at": "2026-03-02T16:00:00Z",
    "last_seen_at": "2026-03-04T16:00:00Z",
    "changed_at": "2026-03-02T16:00:00Z",
}
RESOLUTION: dict[str, Any] = {"outcome": "corrected-here", "note": "paper-seen"}


class DayView(BaseModel):
    """One day of a series."""

    day: date
    seen: int = Field(description="Values or records looked at")
    faults: int = Field(description="Of them, those with the fault")


class SeriesView(BaseModel):
    """One attribute of one source under one dimension, day by day; a day without records is not there."""

    model_config = ConfigDict(json_schema_extra={"examples": [SERIES]})

    source: str = Field(description="Who told it; `book`: the files as they stand, once a day")
    attribute: str
    dimension: Dimension
    days: list[DayView]


class QualityView(BaseModel):
    """All series that were asked for."""

    series: list[SeriesView]


class IssueView(BaseModel):
    """One fault of one file; never the value."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [ISSUE]})

    issue_id: UUID
    customer_id: str
    attribute: str
    fault: str = Field(description="The rule that is broken, `has-open-accounts` or `on-another-file`")
    source: str
    state: State
    by: str | None = Field(description="Who has it, or who ended it; null where a record did")
    outcome: Outcome | Literal["later-record"] | None
    note: Note | None
    first_seen_at: datetime
    last_seen_at: datetime
    changed_at: datetime


class Resolution(Body):
    """How an issue ends: mended at its source, corrected in the file here, or waived; and why."""

    model_config = ConfigDict(json_schema_extra={"examples": [RESOLUTION]})

    outcome: Outcome
    note: Note = Field(
        description="Why: of a waiver `not-a-fault`, `cannot-be-known` or `accepted-risk`, else the rest"
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.note not in NOTES[self.outcome]:
            raise ValueError(f"note: must be one of {', '.join(sorted(NOTES[self.outcome]))}")
        return self
