"""What is asked of an override, what is answered, and how it is refused."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from sqlalchemy import RowMapping

from rapport.events.base import Code, Time
from rapport.privacy.keyring import CustomerKey
from rapport.web import Body, Problems
from scoring.override.domain import (
    Act,
    Against,
    ApproverIsProposer,
    OverrideImpossible,
    OverrideNotFound,
    OverrideNotInForce,
    OverrideNotProposed,
    OverrideOutdated,
    Reason,
    State,
    Wanted,
)

PROBLEMS: Problems = {
    OverrideNotFound: (404, "No such override"),
    OverrideImpossible: (422, "No override can be like this"),
    OverrideNotProposed: (409, "The override was decided on"),
    OverrideOutdated: (409, "The override can no longer be"),
    OverrideNotInForce: (409, "The override is not in force"),
    ApproverIsProposer: (403, "A second person decides"),
}

_ID = "019540b2-7c11-7e53-b1a4-6f3f0f6f2c11"


class Propose(Body):
    """The tier a customer shall be in, until when, and why."""

    model_config = ConfigDict(hide_input_in_errors=True)

    tier: Code = Field(description="Of the ladder in force", examples=["high"])
    reason: Reason = Field(examples=["relationship"])
    until: Time = Field(
        description="Ahead, and no further than the bank allows", examples=["2026-12-31T00:00:00+08:00"]
    )
    note: str | None = Field(
        default=None, min_length=1, max_length=2000, description="Encrypted", examples=["Family holds two companies"]
    )

    def wanted(self) -> Wanted:
        """The same as the rules take it."""
        return Wanted(self.tier, self.reason, self.until, self.note)


class Refuse(Body):
    """Why an override shall not, or no longer, count."""

    reason: Against = Field(examples=["not-justified"])


class ActView(BaseModel):
    """What somebody did to an override."""

    act: Act = Field(examples=["approved"])
    done_by: str = Field(examples=["e-17"])
    done_at: datetime = Field(examples=["2026-06-21T09:30:00Z"])
    reason: Against | None = Field(examples=[None])
    revision: int | None = Field(description="Of the decision it led to; null where the tier stayed", examples=[4])


_ACT: dict[str, JsonValue] = {
    "act": "approved",
    "done_by": "e-17",
    "done_at": "2026-06-21T09:30:00Z",
    "reason": None,
    "revision": 4,
}
_OVERRIDE: dict[str, JsonValue] = {
    "override_id": _ID,
    "customer_id": "c-4f1d8a",
    "tier": "high",
    "reason": "relationship",
    "until": "2026-12-31T00:00:00+08:00",
    "state": "in-force",
    "proposed_by": "e-4471",
    "proposed_at": "2026-06-20T08:00:00Z",
    "acts": [_ACT],
}


class OverrideView(BaseModel):
    """An override without its note; what was done to it, the first act first."""

    model_config = ConfigDict(json_schema_extra={"examples": [_OVERRIDE]})

    override_id: UUID
    customer_id: str
    tier: str
    reason: Reason
    until: datetime = Field(description="From this moment on it does not count")
    state: State = Field(description="`ended`: it was in force until its moment; `replaced`: by a later one")
    proposed_by: str
    proposed_at: datetime
    acts: list[ActView]

    @classmethod
    def of(cls, row: RowMapping) -> "OverrideView":
        """A stored override."""
        return cls.model_validate({name: row[name] for name in cls.model_fields})


class OverrideDetail(OverrideView):
    """An override with its note, for who decides on it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_OVERRIDE | {"note": "Family holds two companies"}]})

    note: str | None = Field(description="Null too where the customer was erased")

    @classmethod
    def opened(cls, row: RowMapping, key: CustomerKey | None) -> "OverrideDetail":
        """A stored override with its note decrypted. Raises CannotDecrypt when it was tampered with."""
        note, place = row["note"], str(row["override_id"])
        said = key.decrypt("overrides", "note", note, row=place) if key and note is not None else None
        return cls.model_validate({**OverrideView.of(row).model_dump(), "note": said})
