"""What compliance is answered about leads, and what it asks."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import RowMapping

from churn_alert.abnormal.domain.leads import Lead, Reason, State, Step
from churn_alert.abnormal.domain.words import Direction, Kind
from rapport.events.money import decimal_string
from rapport.web import Body

LEAD: dict[str, Any] = {
    "lead_id": "0199c7f1-90b8-8d5a-9f02-6b6a3c1d20ab",
    "customer_id": "c-4f1d8a",
    "rule": "large-cash",
    "kind": "large",
    "day": "2025-10-09",
    "direction": "credit",
    "transactions": 3,
    "amount": "61000.00",
    "currency": "CNY",
    "threshold": "50000.00",
    "value": None,
    "usual": None,
    "normal_high": None,
    "deviations": None,
    "rules_version": 1,
    "detected_at": "2025-10-09T06:40:11Z",
    "due_on": "2025-10-15",
    "state": "open",
    "is_true": True,
    "reason": None,
    "proposed_by": None,
    "decided_by": None,
    "decided_at": None,
    "overdue_at": None,
    "account_id": None,
    "counterparty_class": None,
}
REFERRED = LEAD | {"state": "referred", "decided_by": "e-7710", "decided_at": "2025-10-10T01:12:30Z"}
PROPOSED = LEAD | {"state": "dismissal-proposed", "reason": "explained", "proposed_by": "e-7710"}
DISMISSED = PROPOSED | {"state": "dismissed", "decided_by": "e-7711", "decided_at": "2025-10-10T02:12:30Z"}
_STEP: dict[str, Any] = {
    "step": "found",
    "happened_at": "2025-10-09T06:40:11Z",
    "known_at": "2025-10-09T06:40:12Z",
    "transactions": 2,
    "amount": "52000.00",
    "done_by": None,
    "reason": None,
}
READ: dict[str, Any] = {
    "read_id": "0199c7f1-90b8-7d5a-9f02-6b6a3c1d20ac",
    "lead_id": LEAD["lead_id"],
    "leads": 1,
    "read_by": "e-7710",
    "read_at": "2025-10-10T01:10:00Z",
}


class LeadView(BaseModel):
    """One day of one customer that met a rule, and what was done about it."""

    model_config = ConfigDict(json_schema_extra={"example": LEAD})

    lead_id: UUID
    customer_id: str
    rule: str
    kind: Kind = Field(
        description="`large`: a threshold of the supervisor's; `pattern`: a suspicious form; `unusual`: out of the "
        "customer's own range"
    )
    day: date = Field(description="Of the bank's calendar")
    direction: Direction | None
    transactions: int
    amount: str
    currency: str
    threshold: str | None
    value: float | None = Field(description="What was measured against the own range")
    usual: float | None
    normal_high: float | None
    deviations: float | None = Field(description="How far above the usual, in units of its spread")
    rules_version: int
    detected_at: datetime
    due_on: date = Field(description="So many working days, by the rules: of a large sum after its day, else found")
    state: State
    is_true: bool = Field(description="false: by what came later the rule was not met")
    reason: Reason | None
    proposed_by: str | None
    decided_by: str | None
    decided_at: datetime | None
    overdue_at: datetime | None = Field(description="When its due date had passed with nobody having dealt with it")
    account_id: str | None = Field(description="Of an account that wakes: which")
    counterparty_class: str | None = Field(description="Of a new class of counterparty: which")

    @classmethod
    def of(cls, lead: Lead) -> Self:
        """The view of a lead."""
        return cls(**_fields_of(lead))


class StepView(BaseModel):
    """One line of a lead's history, with the figures of then."""

    step: Step
    happened_at: datetime
    known_at: datetime
    transactions: int
    amount: str
    done_by: str | None
    reason: Reason | None


class LeadDetail(LeadView):
    """A lead with its history."""

    model_config = ConfigDict(json_schema_extra={"example": LEAD | {"steps": [_STEP]}})

    steps: list[StepView]

    @classmethod
    def with_history(cls, lead: Lead, steps: Sequence[RowMapping]) -> Self:
        """The view of a lead and of its steps, the first first."""
        return cls(
            **_fields_of(lead),
            steps=[
                StepView.model_validate(
                    {
                        **{name: row[name] for name in ("step", "happened_at", "known_at", "done_by", "reason")},
                        "transactions": row["count"],
                        "amount": decimal_string(row["minor"], lead.currency),
                    }
                )
                for row in steps
            ],
        )


class ReadView(BaseModel):
    """Who read a lead, or so many of them in a list."""

    model_config = ConfigDict(json_schema_extra={"example": READ})

    read_id: UUID
    lead_id: UUID | None = Field(description="null: a list")
    leads: int
    read_by: str
    read_at: datetime


class DismissalProposed(Body):
    """Why nothing is to be referred."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "explained"}]})

    reason: Reason


class DismissalDecided(Body):
    """What another person says of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"decision": "approve"}]})

    decision: Literal["approve", "refuse"]


def _fields_of(lead: Lead) -> dict[str, Any]:
    threshold = None if lead.threshold is None else decimal_string(lead.threshold, lead.currency)
    told = {"transactions": lead.count, "amount": decimal_string(lead.minor, lead.currency), "threshold": threshold}
    same = {name: getattr(lead, name) for name in LeadView.model_fields if name not in told}
    return same | told
