"""What is shown of an audit."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from customer_profile.audit.domain import Report

AUDIT: dict[str, Any] = {
    "first": "2026-01-01",
    "last": "2026-03-31",
    "counted": [
        {"operation": "unmasking", "detail": "phone, complaint-handling", "role": "support", "acts": 41, "callers": 7}
    ],
    "daily": [{"operation": "unmasking", "day": "2026-03-02", "acts": 3}],
    "callers": [{"subject": "https://login.bank.example e-4471", "role": "support", "unmaskings": 31, "score": 6.7}],
    "unseen": [{"subject": "e-5120", "role": "rm", "last_at": "2025-11-03T08:15:00Z"}],
    "refused": [{"topic": "POST /customers", "field": "pin", "kind": "password", "records": 2}],
    "corrections_overdue": 1,
    "corrections_answered_late": 0,
    "retention_waiting": [{"state": "open", "files": 12, "oldest_at": "2026-03-02T08:15:00Z"}],
    "policies": {"data catalogue": "version 1, in force from 2026-12-01"},
}


class CountedView(BaseModel):
    """How often something was done by people of a role, and by how many of them."""

    operation: str
    detail: str
    role: str = Field(description="Of the employee; `channel`, `system`, or `unknown` to the bank's staff system")
    acts: int
    callers: int


class DailyView(BaseModel):
    """How often something was done on a day."""

    operation: str
    day: date
    acts: int


class CallerView(BaseModel):
    """How many fields somebody saw in clear."""

    subject: str = Field(description="Issuer and subject")
    role: str
    unmaskings: int
    score: float | None = Field(
        description="Modified z-score where it is unusual: more than 3.5, and more than ten fields"
    )


class UnseenView(BaseModel):
    """An active employee who did nothing for ninety days that is noted: are the rights still needed?"""

    subject: str
    role: str
    last_at: datetime | None


class RefusedView(BaseModel):
    """What was refused at the door, last in this period."""

    topic: str
    field: str
    kind: str
    records: int = Field(description="Since it was refused first")


class WaitingView(BaseModel):
    """Files that were found due to end and have not."""

    state: str
    files: int
    oldest_at: datetime


class AuditView(BaseModel):
    """What was done with personal data in a period, what is overdue, and what was in force."""

    model_config = ConfigDict(json_schema_extra={"examples": [AUDIT]})

    first: date
    last: date
    counted: list[CountedView]
    daily: list[DailyView]
    callers: list[CallerView] = Field(description="Who saw identity in clear, the most first")
    unseen: list[UnseenView]
    refused: list[RefusedView]
    corrections_overdue: int
    corrections_answered_late: int
    retention_waiting: list[WaitingView]
    policies: dict[str, str] = Field(description="Documents of rules in force now")

    @classmethod
    def of(cls, report: Report) -> Self:
        """The view of an audit."""
        cells = asdict(report)
        for name, value in cells.items():
            if isinstance(value, list):
                cells[name] = [one._asdict() for one in value]
        return cls.model_validate(cells)
