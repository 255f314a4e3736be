"""What is asked and shown of holds, batches and the life of a file."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import RowMapping

from customer_profile.customer.domain import FileStep, Step
from customer_profile.retention.domain.agreeing import Batch, Decision, Hold, HoldReason, Outcome, State
from customer_profile.retention.domain.due import Action, Group
from rapport.web import Body

_ID = "019540b2-7c11-7e53-b1a4-6f3f0f6f2c11"
_CUSTOMER = "9f1c0a6d2be84c5aa1d3"
_ASKED: dict[str, Any] = {"reason": "court-order", "until": "2027-03-31"}
HOLD: dict[str, Any] = {
    "hold_id": _ID,
    "customer_id": _CUSTOMER,
    **_ASKED,
    "set_by": "https://login.bank.example e-4471",
    "set_at": "2026-03-02T08:15:00Z",
    "release_asked_by": None,
    "released_by": None,
    "released_at": None,
}
BATCH: dict[str, Any] = {
    "batch_id": _ID,
    "due_on": "2026-03-02",
    "policy_version": 1,
    "state": "approved",
    "files": [{"action": "destroy", "rule": "identification", "outcome": "destroyed", "files": 100}],
    "proposed_at": "2026-03-02T08:15:00Z",
    "confirmed_by": "https://login.bank.example e-4471",
    "decided_by": "https://login.bank.example e-5120",
    "decided_at": "2026-03-02T09:40:00Z",
}
STEP: dict[str, Any] = {
    "step_id": _ID,
    "step": "destroyed",
    "by": "https://login.bank.example e-4471, https://login.bank.example e-5120",
    "rule": "identification",
    "policy_version": 1,
    "batch_id": _ID,
    "counts": {"accounts": 2, "data_keys": 1, "profiles": 1},
    "digest": "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8",
    "occurred_at": "2026-03-02T10:00:00Z",
    "recorded_at": "2026-03-02T10:00:00Z",
}


class HoldAsked(Body):
    """Why a file is to be kept whatever is due, and up to which day."""

    # The example must not be over when it is tried.
    model_config = ConfigDict(json_schema_extra={"examples": [_ASKED | {"until": "2099-12-31"}]})

    reason: HoldReason
    until: date = Field(description="The last day on which it holds, of the bank's calendar")


class BatchDecision(Body):
    """What one person says to a batch."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"decision": "approve"}]})

    decision: Decision


class HoldView(BaseModel):
    """What keeps a file whatever is due."""

    model_config = ConfigDict(json_schema_extra={"examples": [HOLD]})

    hold_id: UUID
    customer_id: str
    reason: HoldReason
    until: date
    set_by: str = Field(description="Issuer and subject")
    set_at: datetime
    release_asked_by: str | None
    released_by: str | None
    released_at: datetime | None

    @classmethod
    def of(cls, hold: Hold) -> Self:
        """The view of a hold."""
        return cls(**{name: getattr(hold, name) for name in cls.model_fields})


class FilesOfBatch(BaseModel):
    """How many files are to end so, and of how many it has happened."""

    action: Action
    rule: Group
    outcome: Outcome | None = Field(description="`not-due`: who came back or was held meanwhile; null: still to do")
    files: int


class BatchView(BaseModel):
    """What was found due, who agreed, and what became of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [BATCH]})

    batch_id: UUID
    due_on: date
    policy_version: int
    state: State
    files: list[FilesOfBatch]
    proposed_at: datetime
    confirmed_by: str | None = Field(description="The first of two who agree")
    decided_by: str | None
    decided_at: datetime | None

    @classmethod
    def of(cls, batch: Batch, files: Iterable[RowMapping]) -> Self:
        """The view of a batch; `files`: the rows of its summary."""
        own = {name: getattr(batch, name) for name in cls.model_fields if name != "files"}
        return cls(**own, files=[FilesOfBatch(**_cells(row)) for row in files if row["batch_id"] == batch.batch_id])


def _cells(row: Mapping[str, Any] | RowMapping) -> dict[str, Any]:
    return {name: row[name] for name in FilesOfBatch.model_fields}


class FileStepView(BaseModel):
    """One step in the life of a file. Of its end: by which rule, how many rows went, and a digest of all this."""

    model_config = ConfigDict(json_schema_extra={"examples": [STEP]})

    step_id: UUID
    step: Step
    by: str | None = Field(description="Issuer and subject; null: the core's own word")
    rule: str | None
    policy_version: int = Field(description="Of the data catalogue in force then")
    batch_id: UUID | None
    counts: dict[str, int] | None
    digest: str | None = Field(description="SHA-256 of the step: shows that it is as it was written")
    occurred_at: datetime
    recorded_at: datetime

    @classmethod
    def of(cls, step: FileStep) -> Self:
        """The view of a step, its digest reckoned anew."""
        own = {name: getattr(step, name) for name in cls.model_fields if name != "digest"}
        return cls(**own, digest=None if step.counts is None else step.digest)
