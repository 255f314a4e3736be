"""An export of customers: asked for by one person, approved by another, handed to who asked, once and for a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from rapport.callers import person_of
from rapport.errors import DomainError

Purpose = Literal["product-promotion", "due-diligence", "operations"]
Reason = Literal["campaign-check", "portfolio-review", "data-cleansing", "reconciliation", "authority-asked"]
State = Literal["asked", "approved", "refused", "handed-out"]
Decision = Literal["approve", "refuse"]
Format = Literal["csv", "ndjson"]


class ExportNotFound(DomainError):
    """Nobody asked for such an export, or somebody else did."""


class ExportStillOpen(DomainError):
    """The caller has as many open exports as one person may have."""


class ExportByOnePerson(DomainError):
    """Who asked for an export does not decide on it."""


class ExportDecided(DomainError):
    """The export was decided on, or nobody did in time."""


class ExportNotApproved(DomainError):
    """There is nothing to hand out: not yet, not any more, or not at all."""


@dataclass(frozen=True, slots=True)
class Export:
    """What was asked for and what became of it. `filters`: what the customers must be, by name; `extent`: whose
    customers who asked saw then. `expires_at`: until when it is decided on, and once approved, handed out.
    `policy_version`: of the data catalogue that it was decided by.
    """

    export_id: UUID
    purpose: Purpose
    reason: Reason
    filters: Mapping[str, str]
    extent: str
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    state: State = "asked"
    decided_by: str | None = None
    decided_at: datetime | None = None
    policy_version: int | None = None

    def is_open_at(self, now: datetime) -> bool:
        """Whether something may still come of it."""
        return self.state in {"asked", "approved"} and now < self.expires_at

    def demand_decidable(self, by: str, now: datetime) -> None:
        """Raises ExportByOnePerson and ExportDecided."""
        if person_of(by) == person_of(self.asked_by):
            raise ExportByOnePerson("another person of compliance or data protection decides on it")
        if self.state != "asked":
            raise ExportDecided(f"it is {self.state}; what is to be decided anew is asked for anew")
        if not self.is_open_at(now):
            raise ExportDecided("its time is over; who still needs it asks anew with POST /exports")

    def demand_approved(self, now: datetime) -> None:
        """Raises ExportNotApproved."""
        if self.state == "asked" and self.is_open_at(now):
            raise ExportNotApproved("another person has to approve it first, with POST /exports/{export_id}/decision")
        if self.state != "approved" or not self.is_open_at(now):
            ended = "its time is over" if self.state in {"asked", "approved"} else f"it is {self.state}"
            raise ExportNotApproved(f"{ended}; ask anew with POST /exports")

    def demand_extent(self, extent: str) -> None:
        """Raises ExportNotApproved: what was approved is of those whom the caller saw in the role it was asked in."""
        if extent != self.extent:
            raise ExportNotApproved(
                f"it was approved for who sees {self.extent}, and this token shows {extent}: take it in the role in "
                "which it was asked for, or ask anew with POST /exports"
            )


@dataclass(frozen=True, slots=True)
class Left:
    """What left: how many customers, the SHA-256 of the bytes, and whether that was all of them."""

    row_count: int
    digest: str
    is_whole: bool


@dataclass(frozen=True, slots=True)
class HandOut:
    """One time that an approved export was taken. Until `ended_at` nobody knows how much of it left; `digest` is the
    SHA-256 of the bytes that did.
    """

    hand_out_id: UUID
    export_id: UUID
    format: Format
    taken_by: str
    began_at: datetime
    ended_at: datetime | None = None
    row_count: int | None = None
    digest: str | None = None
    is_whole: bool | None = None
