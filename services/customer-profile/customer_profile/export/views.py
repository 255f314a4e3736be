"""What may be asked about exports and what is shown of them: who, what for, how much; never what was in one."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from customer_profile.customer.domain import CustomerClass, Relationship, Status, Type
from customer_profile.customer.store import Filters
from customer_profile.export.domain import Decision, Export, Format, HandOut, Purpose, Reason, State
from rapport.clock import utc_now
from rapport.events.base import Code, Token
from rapport.web import Body

NEW: dict[str, Any] = {
    "purpose": "product-promotion",
    "reason": "campaign-check",
    "filters": {"unit": "B0017", "customer_class": "core", "since_from": "2020-01-01"},
}
HAND_OUT: dict[str, Any] = {
    "hand_out_id": "019540b2-7c11-7e53-b1a4-6f3f0f6f2c12",
    "format": "csv",
    "began_at": "2026-03-02T10:15:00Z",
    "ended_at": "2026-03-02T10:15:04Z",
    "row_count": 1204,
    "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "is_whole": True,
}
EXPORT: dict[str, Any] = {
    "export_id": "019540b2-7c11-7e53-b1a4-6f3f0f6f2c11",
    **NEW,
    "extent": "all",
    "asked_by": "https://login.bank.example e-4471",
    "asked_at": "2026-03-02T08:15:00Z",
    "expires_at": "2026-03-05T09:40:00Z",
    "state": "handed-out",
    "is_expired": False,
    "decided_by": "https://login.bank.example e-5120",
    "decided_at": "2026-03-02T09:40:00Z",
    "policy_version": 1,
    "hand_outs": [HAND_OUT],
}


class ExportFilters(Body):
    """What a customer must be to be in the export, as of `GET /customers`; all together."""

    unit: Code | None = None
    region: Code | None = None
    relationship_manager: Token | None = None
    customer_class: CustomerClass | None = None
    type: Type | None = None
    status: Status | None = None
    relationship: Relationship | None = None
    since_from: date | None = None
    since_until: date | None = None

    @model_validator(mode="after")
    def _is_a_time(self) -> Self:
        if self.since_from is not None and self.since_until is not None and self.since_from > self.since_until:
            raise ValueError("since_until is before since_from")
        return self

    def said(self) -> dict[str, str]:
        """Those that were named, as they are kept."""
        named: dict[str, str] = self.model_dump(mode="json", exclude_none=True)
        return named

    def wanted(self) -> Filters:
        """As lists take them."""
        return Filters(**self.model_dump())


class NewExport(Body):
    """Which customers are wanted outside, to what end and why."""

    model_config = ConfigDict(json_schema_extra={"examples": [NEW]})

    purpose: Purpose
    reason: Reason
    filters: ExportFilters = Field(description="Without any, all customers whom the caller sees")


class ExportDecision(Body):
    """Whether an export is made."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"decision": "approve"}]})

    decision: Decision


class HandOutView(BaseModel):
    """One time that an export was taken. While it runs, and where the service died meanwhile, nobody knows how much."""

    model_config = ConfigDict(from_attributes=True)

    hand_out_id: UUID
    format: Format
    began_at: datetime
    ended_at: datetime | None
    row_count: int | None = Field(description="Customers that left, whole or not")
    digest: str | None = Field(description="SHA-256 of the bytes that left: a copy found anywhere can be told by it")
    is_whole: bool | None = Field(description="All of it left; false: it broke off, and may be taken again")


class ExportView(BaseModel):
    """An export and what became of it; the rows themselves are kept nowhere."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXPORT]})

    export_id: UUID
    purpose: Purpose
    reason: Reason
    filters: dict[str, str]
    extent: str = Field(description="Whose customers who asked saw then: `own`, the `team`'s, `all`")
    asked_by: str = Field(description="Issuer and subject of the caller's token")
    asked_at: datetime
    expires_at: datetime = Field(description="Until when it is decided on; once approved, until when it is taken")
    state: State
    is_expired: bool = Field(description="Nothing came of it in time")
    decided_by: str | None
    decided_at: datetime | None
    policy_version: int | None = Field(description="Of the data catalogue that it was decided by; null before it was")
    hand_outs: list[HandOutView]

    @classmethod
    def of(cls, export: Export, hand_outs: Sequence[HandOut] = ()) -> Self:
        """The view of an export with those of these that are its own."""
        mine = [HandOutView.model_validate(one) for one in hand_outs if one.export_id == export.export_id]
        is_expired = export.state in {"asked", "approved"} and not export.is_open_at(utc_now())
        return cls(**asdict(export), is_expired=is_expired, hand_outs=mine)
