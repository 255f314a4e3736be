"""What is asked of an appeal, what is answered, and how it is refused."""

from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import RowMapping

from rapport.privacy.keyring import CustomerKey
from rapport.web import Body, Problems
from scoring.appeal.domain import (
    Answer,
    AnswerWithoutEffect,
    AppealAlreadyAnswered,
    AppealAlreadyOpen,
    AppealNotFound,
    DecisionNotFound,
    Grounds,
    Outcome,
    ReviewerTookPart,
)
from scoring.appeal.store import appeal_of

PROBLEMS: Problems = {
    DecisionNotFound: (404, "No such decision"),
    AppealNotFound: (404, "No such appeal"),
    AppealAlreadyOpen: (409, "The decision is under review"),
    AppealAlreadyAnswered: (409, "The appeal was answered"),
    AnswerWithoutEffect: (409, "The override does not count"),
    ReviewerTookPart: (403, "Another person answers"),
}

_ID, _OVERRIDE = "019540b2-7c11-7e53-b1a4-6f3f0f6f2c11", "019540b2-7c11-7e53-b1a4-6f3f0f6f2c12"
_NOTE = Field(default=None, min_length=1, max_length=2000, description="Encrypted", examples=["Salary is paid abroad"])


class OpenAppeal(Body):
    """The decision the customer does not accept."""

    model_config = ConfigDict(
        hide_input_in_errors=True, json_schema_extra={"examples": [{"revision": 2, "note": "Salary is paid abroad"}]}
    )

    revision: int | None = Field(
        default=None,
        ge=1,
        le=2_147_483_647,
        description="Of the decision on the customer's tier; without it the latest",
        examples=[2],
    )
    note: str | None = _NOTE


class AnswerAppeal(Body):
    """What a person found."""

    model_config = ConfigDict(hide_input_in_errors=True)

    outcome: Outcome = Field(examples=["changed"])
    reason: Grounds = Field(examples=["missing-information"])
    note: str | None = _NOTE
    override_id: UUID | None = Field(
        default=None, description="What changed the tier: required when it was changed, and only then", examples=[_ID]
    )

    @model_validator(mode="after")
    def _what_is_changed_is_changed_by_something(self) -> Self:
        if (self.outcome == "changed") != (self.override_id is not None):
            raise ValueError("override_id is required when outcome is changed, and only then")
        return self

    def answer(self) -> Answer:
        """The same as the rules take it."""
        return Answer(self.outcome, self.reason, self.override_id, self.note)


_APPEAL: dict[str, Any] = {
    "appeal_id": _ID,
    "customer_id": "c-4f1d8a",
    "revision": 2,
    "state": "answered",
    "opened_by": "e-4471",
    "opened_at": "2026-06-20T08:00:00Z",
    "due_at": "2026-07-05T08:00:00Z",
    "is_overdue": False,
    "outcome": "changed",
    "reason": "missing-information",
    "override_id": _OVERRIDE,
    "answered_by": "e-17",
    "answered_at": "2026-06-24T10:12:00Z",
}


class AppealView(BaseModel):
    """An appeal with its answer, without what was written."""

    model_config = ConfigDict(json_schema_extra={"examples": [_APPEAL]})

    appeal_id: UUID
    customer_id: str
    revision: int = Field(description="Of the decision that is reviewed")
    state: Literal["open", "answered"]
    opened_by: str
    opened_at: datetime
    due_at: datetime
    is_overdue: bool = Field(description="No answer in time: it is still owed, or came late")
    outcome: Outcome | None
    reason: Grounds | None
    override_id: UUID | None
    answered_by: str | None
    answered_at: datetime | None

    @classmethod
    def of(cls, row: RowMapping, now: datetime) -> "AppealView":
        """A stored appeal as of the customer's clock."""
        return cls.model_validate(_told(row, now))


class AppealDetail(AppealView):
    """An appeal with what was written."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [_APPEAL | {"note": "Salary is paid abroad", "answer_note": None}]}
    )

    note: str | None = Field(description="What the customer brings forward; null too where they were erased")
    answer_note: str | None = Field(description="Of staff to staff: null to whoever may not read all appeals")

    @classmethod
    def opened(cls, row: RowMapping, now: datetime, key: CustomerKey | None, *, reads_all: bool) -> "AppealDetail":
        """A stored appeal with its notes decrypted. Raises CannotDecrypt when one was tampered with."""
        place = str(row["appeal_id"])

        def said(table: str, sealed: bytes | None) -> str | None:
            return key.decrypt(table, "note", sealed, row=place) if key and sealed is not None else None

        answer = said("appeal_answers", row["answer_note"]) if reads_all else None
        notes = {"note": said("appeals", row["note"]), "answer_note": answer}
        return cls.model_validate(_told(row, now) | notes)


def _told(row: RowMapping, now: datetime) -> dict[str, Any]:
    appeal = appeal_of(row)
    state = "open" if appeal.answered_at is None else "answered"
    return {**row, "state": state, "is_overdue": appeal.is_overdue(now)}
