"""What is shown of a customer: identity as the caller's roles see it."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import RowMapping

from customer_profile.customer import identity
from customer_profile.customer.domain import AgeBand, CustomerClass, File, Gender, Relationship, Rule, Status, Type
from customer_profile.customer.identity import MaskedIdentity
from rapport.events.customer_profile import Person
from rapport.privacy.keyring import CustomerKey

Action = Literal["recorded", "corrected"]

CUSTOMER: dict[str, Any] = {
    "customer_id": "9f1c0a6d2be84c5aa1d3",
    "type": "personal",
    "customer_class": "core",
    "status": "active",
    "relationship": "active",
    "identity": {
        "full_name": "张*",
        "id_type": "resident-id",
        "id_number": "110***********1234",
        "phone": "138****1234",
        "email": "z****@example.com",
        "address": "广东省****",
    },
    "identity_faults": {},
    "age_band": "30-44",
    "gender": "male",
    "unit": "B0017",
    "region": "R02",
    "relationship_manager": "e-4471",
    "customer_since": "2021-04-12",
    "refuses_automated_decisions": False,
    "open_accounts": 2,
    "recorded_at": "2026-03-02T08:15:00Z",
    "as_of": "2026-03-02T08:15:02Z",
    "revision": 3,
    "merged_into": None,
    "files": ["9f1c0a6d2be84c5aa1d3"],
}
CHANGE: dict[str, Any] = {
    "change_id": "019540b2-7c11-7e53-b1a4-6f3f0f6f2c11",
    "action": "corrected",
    "fields": ["email", "phone", "relationship_manager"],
    "changed_by": "https://login.bank.example e-4471",
    "changed_at": "2026-03-02T08:15:00Z",
}


class CustomerView(BaseModel):
    """A customer's file as it is now."""

    model_config = ConfigDict(json_schema_extra={"examples": [CUSTOMER]})

    customer_id: str
    type: Type
    customer_class: CustomerClass = Field(
        description="potential: no open account; core: with a relationship manager of its own; else ordinary"
    )
    status: Status = Field(description="The core's word")
    relationship: Relationship = Field(description="Where the relationship stands: by the core's word and people's")
    identity: MaskedIdentity | None = Field(description="Masked; null for a customer known by token alone")
    identity_faults: dict[str, Rule] = Field(
        description="Fields of the identity that the core told wrongly, and the rule each breaks"
    )
    age_band: AgeBand = Field(description="Of the age reached this year")
    gender: Gender
    unit: str
    region: str | None
    relationship_manager: str | None
    customer_since: date
    refuses_automated_decisions: bool = Field(description="People alone may decide on the customer")
    open_accounts: int = Field(description="Accounts that are not closed")
    recorded_at: datetime = Field(description="When the core, or staff, recorded the file")
    as_of: datetime = Field(description="Since when what other services are told is as it is")
    revision: int = Field(description="Grows with every change of the file; the ETag")
    merged_into: str | None = Field(description="The file by which the person is known, where it is another one")
    files: list[str] = Field(description="All files of the person, this one among them")

    @classmethod
    def of(cls, file: File, key: CustomerKey | None, person: Person, roles: Collection[str]) -> Self:
        """The view of a file for these roles. Raises CannotDecrypt when its ciphertext was tampered with."""
        facts = file.facts
        return cls(
            customer_id=file.customer_id,
            type=facts.type,
            customer_class=file.customer_class,
            status=facts.status,
            relationship=file.relationship,
            identity=identity.masked(file.identity, key, roles),
            identity_faults=dict(file.faults),
            age_band=file.age_band,
            gender=facts.gender,
            unit=facts.unit,
            region=facts.region,
            relationship_manager=facts.relationship_manager,
            customer_since=facts.customer_since,
            refuses_automated_decisions=facts.refuses_automated_decisions,
            open_accounts=file.open_accounts,
            recorded_at=file.recorded.at,
            as_of=file.as_of,
            revision=file.revision,
            merged_into=None if person.survivor == file.customer_id else person.survivor,
            files=list(person.files),
        )


class ChangeView(BaseModel):
    """Who set which fields of a file, and when; values are not kept."""

    model_config = ConfigDict(json_schema_extra={"examples": [CHANGE]})

    change_id: UUID
    action: Action
    fields: list[str]
    changed_by: str = Field(description="Issuer and subject of the caller's token")
    changed_at: datetime

    @classmethod
    def of(cls, row: RowMapping) -> Self:
        """The view of one row."""
        return cls.model_validate({name: row[name] for name in cls.model_fields})
