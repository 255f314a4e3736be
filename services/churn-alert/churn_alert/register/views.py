"""What is answered about the register, and what is asked."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import RowMapping

from churn_alert.register.documents import Cause
from churn_alert.register.domain.entries import Entry, Outcome, Status, Step
from churn_alert.register.domain.words import Kind, Severity
from rapport.events.base import Day, Token
from rapport.web import Body

ENTRY: dict[str, Any] = {
    "entry_id": "0199c7f1-90b8-8d5a-9f02-6b6a3c1d20ad",
    "kind": "credit",
    "cause": "loan-impaired",
    "customer_id": "c-4f1d8a",
    "severity": "medium",
    "rule_version": 1,
    "opened_by": None,
    "opened_at": "2025-10-09T02:40:11Z",
    "due_on": "2025-11-08",
    "status": "open",
    "owner": None,
    "closed_at": None,
    "closed_by": None,
    "outcome": None,
}
_BY_PEOPLE: dict[str, Any] = {"cause": "rate-move", "severity": "high", "due_on": "2030-06-30"}
OPENED = ENTRY | _BY_PEOPLE | {"kind": "market", "customer_id": None, "rule_version": None, "opened_by": "e-3302"}
_ASSIGNED: dict[str, Any] = {"owner": "e-3307", "due_on": "2030-06-30", "severity": "medium"}
ASSIGNED = ENTRY | _ASSIGNED | {"status": "in-treatment"}
CLOSED = ASSIGNED | {
    "status": "closed",
    "closed_at": "2025-10-30T09:11:02Z",
    "closed_by": "e-3307",
    "outcome": "mitigated",
}
_STEP: dict[str, Any] = {
    "step": "opened",
    "happened_at": "2025-10-09T02:40:11Z",
    "known_at": "2025-10-09T02:40:12Z",
    "severity": "medium",
    "due_on": "2025-11-08",
    "owner": None,
    "done_by": None,
    "outcome": None,
}


class EntryView(BaseModel):
    """One risk: what it is of, how severe, who deals with it until when, and what came of it."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"example": ENTRY})

    entry_id: UUID
    kind: Kind
    cause: str
    customer_id: str | None = Field(description="null: it is no one customer's")
    severity: Severity
    rule_version: int | None = Field(description="Of the rules that opened it; null where people did")
    opened_by: str | None
    opened_at: datetime
    due_on: date
    status: Status
    owner: str | None = Field(description="Token of the employee")
    closed_at: datetime | None
    closed_by: str | None
    outcome: Outcome | None = Field(description="`over`: what the rule watches for ended before anybody took it up")


class StepView(BaseModel):
    """One line of an entry's history, as the entry stood after it."""

    model_config = ConfigDict(from_attributes=True)

    step: Step
    happened_at: datetime
    known_at: datetime
    severity: Severity
    due_on: date
    owner: str | None
    done_by: str | None
    outcome: Outcome | None


class EntryDetail(EntryView):
    """An entry with its history."""

    model_config = ConfigDict(json_schema_extra={"example": ENTRY | {"steps": [_STEP]}})

    steps: list[StepView]

    @classmethod
    def with_history(cls, entry: Entry, steps: Sequence[RowMapping]) -> Self:
        """The view of an entry and of its steps, the first first."""
        lines = [StepView.model_validate(dict(row)) for row in steps]
        return cls(**EntryView.model_validate(entry).model_dump(), steps=lines)


class NewEntry(Body):
    """A risk that somebody found. `cause`: one of the register's document, which says what risk it is of."""

    model_config = ConfigDict(json_schema_extra={"examples": [_BY_PEOPLE]})

    cause: Cause
    customer_id: Token | None = None
    severity: Severity
    due_on: Day


class Assignment(Body):
    """Who deals with it until when, and how severe it is by now."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ASSIGNED]})

    owner: Token
    due_on: Day
    severity: Severity


class EntryClosure(Body):
    """What came of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"outcome": "mitigated"}]})

    outcome: Literal["mitigated", "accepted", "transferred", "materialised", "unfounded"]
