"""What may be asked about corrections and what is shown of them: values masked, and only while a request is open."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Self, TypeAlias
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import RowMapping

from customer_profile.consent.domain.ledger import Channel
from customer_profile.correction.domain import FACTS, Correction, Ground, Outcome, State
from customer_profile.correction.handlers import InClear, opened
from customer_profile.customer.api.requests import IdentityCorrection
from customer_profile.customer.domain import Gender
from customer_profile.customer.identity import shown_field
from rapport.clock import utc_now
from rapport.events.bank import BirthYear
from rapport.events.base import Token
from rapport.privacy.keyring import CustomerKey
from rapport.privacy.showing import Shown
from rapport.web import Body

Asked: TypeAlias = dict[str, Shown | int | None]
"""What a request asks for, as much of it as its reader may see: no text as it was given."""

NEW: dict[str, Any] = {
    "identity": {"full_name": "张三丰"},
    "channel": "branch",
    "evidence_digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
}
CORRECTION: dict[str, Any] = {
    "correction_id": "019540b2-7c11-7e53-b1a4-6f3f0f6f2c11",
    "customer_id": "9f1c0a6d2be84c5aa1d3",
    "fields": ["full_name"],
    "channel": "branch",
    "evidence_digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "asked_by": "https://login.bank.example e-4471",
    "asked_at": "2026-03-02T08:15:00Z",
    "due_at": "2026-03-23T16:00:00Z",
    "is_overdue": False,
    "state": "open",
    "decided_by": None,
    "decided_at": None,
    "ground": None,
}
DETAIL = CORRECTION | {"asked": {"full_name": "张*"}}
DECISION: dict[str, Any] = {"outcome": "refused", "ground": "evidence-insufficient"}
OWN: dict[str, Any] = {
    name: CORRECTION[name]
    for name in (
        "correction_id",
        "customer_id",
        "fields",
        "channel",
        "asked_at",
        "due_at",
        "state",
        "decided_at",
        "ground",
    )
}


class NewOwnCorrection(Body):
    """What a customer wants put right of themselves, and what proves it."""

    model_config = ConfigDict(hide_input_in_errors=True, json_schema_extra={"examples": [NEW]})

    identity: IdentityCorrection | None = None
    birth_year: BirthYear | None = Field(default=None, description="null: unknown")
    gender: Gender | None = None
    channel: Channel = Field(description="Where the customer asked")
    evidence_digest: str | None = Field(
        default=None,
        pattern=r"^[0-9a-f]{64}$",
        description="SHA-256 of the paper where it is archived; needed for a name and for a paper's kind and number",
    )

    @model_validator(mode="after")
    def _something_is_named(self) -> Self:
        if not {*FACTS, "identity"} & self.model_fields_set:
            raise ValueError("names nothing to correct")
        if "gender" in self.model_fields_set and self.gender is None:
            raise ValueError("gender cannot be emptied")
        return self

    def values(self) -> dict[str, Any]:
        """The fields that were named, with the values to set."""
        facts = {name: getattr(self, name) for name in FACTS if name in self.model_fields_set}
        return facts | (self.identity.named() if self.identity else {})


class NewMyCorrection(NewOwnCorrection):
    """The same, asked for by a customer who may have several files."""

    customer_id: Token | None = Field(default=None, description="Which; without it the one signed in with")


class CorrectionDecision(Body):
    """Whether a request is followed."""

    model_config = ConfigDict(json_schema_extra={"examples": [DECISION]})

    outcome: Outcome
    ground: Ground | None = Field(default=None, description="Why it is refused, as the customer is told")


class OwnCorrectionView(BaseModel):
    """A request as the customer sees it: what became of it and why, not who decided."""

    model_config = ConfigDict(json_schema_extra={"examples": [OWN]}, from_attributes=True)

    correction_id: UUID
    customer_id: str = Field(description="The file that it is about")
    fields: list[str]
    channel: Channel
    asked_at: datetime
    due_at: datetime = Field(description="By when it is answered: the end of the last working day there is")
    state: State
    decided_at: datetime | None
    ground: Ground | None = Field(description="Why it was refused")

    @classmethod
    def of(cls, correction: Correction) -> Self:
        """The view of a request."""
        return cls.model_validate(correction, from_attributes=True)


class CorrectionView(OwnCorrectionView):
    """A request as staff see it."""

    model_config = ConfigDict(json_schema_extra={"examples": [CORRECTION]}, from_attributes=True)

    evidence_digest: str | None
    asked_by: str = Field(description="Issuer and subject of the caller's token")
    decided_by: str | None
    is_overdue: bool = Field(description="It is open and its time is over")

    @model_validator(mode="before")
    @classmethod
    def _judged_now(cls, correction: Any) -> Any:
        if not isinstance(correction, Correction):
            return correction
        shown = {name: getattr(correction, name) for name in Correction.__slots__}
        return shown | {"is_overdue": correction.state == "open" and correction.due_at <= utc_now()}


class CorrectionDetail(CorrectionView):
    """The same with the values asked for, masked; none once it has ended."""

    model_config = ConfigDict(json_schema_extra={"examples": [DETAIL]})

    asked: Asked | None

    @classmethod
    def shown(cls, row: RowMapping, correction: Correction, key: CustomerKey | None, roles: Collection[str]) -> Self:
        """The view of a row for these roles. Raises CannotDecrypt when its ciphertext was tampered with."""
        values = opened(key, row["correction_id"], row["asked"]) if key and row["asked"] else None
        asked = None if values is None else masked(values, roles)
        return cls(**CorrectionView.of(correction).model_dump(), asked=asked)


def masked(values: InClear, roles: Collection[str]) -> Asked:
    """What is asked for as these roles see it; a number, which is a year, has no mask."""
    kind = values.get("id_type")
    id_type = kind if isinstance(kind, str) else None
    return {
        field: shown_field(field, value, id_type, roles) if isinstance(value, str) else value
        for field, value in values.items()
    }
