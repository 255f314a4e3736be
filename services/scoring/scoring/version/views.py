"""What is asked of any version of a document, what is answered, and how it is refused."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Depends, Path
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import RowMapping

from rapport.events.base import Time
from rapport.web import Body, Paging, Problems
from scoring.version.domain.life import (
    ApprovalRefused,
    ApproverIsAuthor,
    NeverInForce,
    NotADraft,
    VersionInForce,
    VersionNotFound,
    WithdrawalNeedsApprover,
)

PROBLEMS: Problems = {
    VersionNotFound: (404, "No such version"),
    NotADraft: (409, "The version is not a draft"),
    ApproverIsAuthor: (403, "A second person approves"),
    ApprovalRefused: (409, "The approval is refused"),
    VersionInForce: (409, "The version is in force"),
    WithdrawalNeedsApprover: (403, "Who may approve withdraws what was approved"),
    NeverInForce: (422, "The version never decided"),
}

ByVersion = Annotated[Paging, Depends(Paging.by(int))]
ByAct = Annotated[Paging, Depends(Paging.by(int, bits=64))]
Version = Annotated[int, Path(ge=1, le=2_147_483_647, description="Counts from 1", examples=[1])]
Status = Literal["draft", "approved", "superseded", "withdrawn"]
_Reason = Field(min_length=1, max_length=1000, examples=["Refitted on the outcomes of 2025"])


def refusing(conflict: str) -> dict[int | str, dict[str, Any]]:
    """The 409 of an operation that changes something."""
    return {409: {"description": f"{conflict}; or a twin of this request is still running"}}


class Approve(Body):
    """From when on a version is in force, and why."""

    effective_from: Time = Field(
        description="At least a minute ahead, after that of every approved version",
        examples=["2026-07-01T00:00:00+08:00"],
    )
    reason: str = _Reason


class Withdraw(Body):
    """Why a version shall never be in force."""

    reason: str = _Reason


class RollBack(Body):
    """Which version shall be in force once more, and why."""

    version: int = Field(ge=1, le=2_147_483_647, examples=[1])
    reason: str = _Reason


class VersionSummary(BaseModel):
    """One version without its content."""

    name: str = Field(examples=["retail-cny"])
    version: int = Field(examples=[1])
    status: Status = Field(description="Superseded: approved, and a later one is in force", examples=["approved"])
    currency: str = Field(examples=["CNY"])
    effective_from: datetime | None = Field(
        description="Null until it is approved, and for one withdrawn as a draft", examples=["1990-01-01T00:00:00Z"]
    )
    author: str = Field(examples=["Retail analytics"])
    reason: str = Field(examples=["First version of the retail bank"])
    drafted_by: str | None = Field(description="Who asked for it; null for one that came as a file", examples=["e-17"])
    kept_at: datetime = Field(description="Since when this system knows it", examples=["2026-01-05T08:00:00Z"])

    @classmethod
    def of(cls, row: RowMapping) -> "VersionSummary":
        """The head of a stored version."""
        return cls.model_validate(dict(row))


class ActView(BaseModel):
    """What somebody did to a version."""

    model_config = ConfigDict(from_attributes=True)

    act: Literal["drafted", "dry-run", "challenger-entered", "challenger-stopped", "approved", "withdrawn"] = Field(
        examples=["approved"]
    )
    done_by: str = Field(examples=["e-17"])
    done_at: datetime = Field(examples=["2026-06-21T09:30:00Z"])
    reason: str | None = Field(examples=["Refitted on the outcomes of 2025"])
    details: dict[str, Any] = Field(
        description="Of an approval its date, and of a scorecard's the force and the share moved; of a rollback whose "
        "content it has",
        examples=[{"effective_from": "2026-07-01T00:00:00+08:00", "forced": False, "share_moved": 0.0425}],
    )

    @classmethod
    def of(cls, row: RowMapping) -> "ActView":
        """A stored act."""
        return cls.model_validate(dict(row))
