"""A file as its customer sees it: what is known of them, without what is of the bank's work alone."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from customer_profile.customer import identity
from customer_profile.customer.api.views import CUSTOMER
from customer_profile.customer.domain import AgeBand, File, Gender, Rule, Status, Type
from customer_profile.customer.identity import MaskedIdentity
from rapport.privacy.keyring import CustomerKey

_SHOWN = (
    "customer_id", "type", "status", "identity", "identity_faults", "age_band", "gender", "unit", "customer_since",
    "refuses_automated_decisions",
)  # fmt: skip
AS_CUSTOMER = ("channel",)
"""As whom the catalogue knows the customer: what other roles a token has is of no account here."""
_LINKS = {
    "accounts": "/me/accounts",
    "consents": "/me/consents",
    "corrections": "/me/corrections",
    "whole_copy": "/me/copy",
    "tier_explanation": "/standings/9f1c0a6d2be84c5aa1d3/explanation",
}
ME: dict[str, Any] = {name: CUSTOMER[name] for name in _SHOWN} | {"files": [], "links": _LINKS}


Files = Sequence[tuple[File, CustomerKey | None]]
"""Of one person, each with the key of its identity, where it is not destroyed."""


class LinkSettings(BaseModel):
    """`tier_explanation`: scoring's operation, at the address by which channels reach it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tier_explanation: str = Field(
        default="/standings/{customer_id}/explanation", pattern=r"^[^{}]*\{customer_id\}[^{}]*$"
    )


class Links(BaseModel):
    """Where the rest is; the explanation is scoring's, asked for with the same token."""

    accounts: str
    consents: str
    corrections: str
    whole_copy: str = Field(description="Everything, in clear, after a stronger authentication")
    tier_explanation: str


class OwnFileView(BaseModel):
    """One file of the customer."""

    customer_id: str
    type: Type
    status: Status
    identity: MaskedIdentity | None = Field(description="Masked here too: a screen is seen by others")
    identity_faults: dict[str, Rule] = Field(description="What the bank has wrong and should be put right")
    age_band: AgeBand
    gender: Gender
    unit: str = Field(description="The unit that keeps the customer")
    customer_since: date
    refuses_automated_decisions: bool

    @classmethod
    def of(cls, file: File, key: CustomerKey | None) -> Self:
        """The view of a file.

        Whether the relationship is restricted is not in it: that could tell of an inquiry.
        """
        facts, customer_id = file.facts, file.customer_id
        return cls(
            customer_id=customer_id,
            type=facts.type,
            status=facts.status,
            identity=identity.masked(file.identity, key, AS_CUSTOMER),
            identity_faults=dict(file.faults),
            age_band=file.age_band,
            gender=facts.gender,
            unit=facts.unit,
            customer_since=facts.customer_since,
            refuses_automated_decisions=facts.refuses_automated_decisions,
        )


class OwnView(OwnFileView):
    """What the customer of a token is shown of themselves: the file signed in with, and the others of the person."""

    model_config = ConfigDict(json_schema_extra={"examples": [ME]})

    files: list[OwnFileView] = Field(description="The person's other files, where the bank keeps several")
    links: Links

    @classmethod
    def of_person(cls, files: Files, tier_explanation: str) -> Self:
        """The view of a person's files, the one signed in with first; `tier_explanation` has `{customer_id}` in it."""
        own, *others = [OwnFileView.of(file, key) for file, key in files]
        links = _LINKS | {"tier_explanation": tier_explanation.format(customer_id=own.customer_id)}
        return cls(**dict(own), files=others, links=Links(**links))
