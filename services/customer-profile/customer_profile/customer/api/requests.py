"""What may be asked: unknown fields are refused, and no message ever repeats what was sent."""

import re
from datetime import date
from typing import Annotated, Any, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from customer_profile.customer.domain import IDENTITY, Facts, Gender, Status, Type
from customer_profile.customer.identity import Plain
from rapport.events.bank import Address, BirthYear, Email, FullName, Identity, IdNumber, IdType, Phone
from rapport.events.base import Code, Token
from rapport.web import Body

# A mobile number, a resident id, a card's number: what a person is known by must not become a key in every system.
_KNOWN_BY = re.compile(r"1[3-9][0-9]{9}|[0-9]{12,19}|[0-9]{17}[Xx]")


_SEPARATORS = str.maketrans("", "", "_.:-")


def _is_no_personal_number(customer_id: str) -> str:
    if _KNOWN_BY.fullmatch(customer_id.translate(_SEPARATORS)):
        raise ValueError("must be a random token, not a number a person is known by")
    return customer_id


NewToken = Annotated[Token, AfterValidator(_is_no_personal_number)]

NEW_CUSTOMER: dict[str, Any] = {
    "type": "personal",
    "identity": {
        "full_name": "张三",
        "id_type": "resident-id",
        "id_number": "110109199003071234",
        "phone": "13812341234",
        "email": "zhang.san@example.com",
        "address": "广东省深圳市南山区科技路1号",
    },
    "birth_year": 1990,
    "gender": "male",
    "unit": "B0017",
    "region": "R02",
    "relationship_manager": "e-4471",
    "customer_since": "2021-04-12",
}
CORRECTION: dict[str, Any] = {"identity": {"phone": "13900139000", "email": None}, "relationship_manager": "e-5120"}


class NewIdentity(Identity):
    """Who the customer is. Stored encrypted field by field, shown masked only.

    Separators, full-width characters and lower case in numbers are understood; a phone without a country's code is of
    China. A resident id is a number after GB 11643, also that of a residence permit for residents of Hong Kong (81),
    Macau (82) and Taiwan (83).
    """

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class NewCustomer(Body):
    """A customer to record. Without identity it is one that is known by token alone."""

    model_config = ConfigDict(hide_input_in_errors=True, json_schema_extra={"examples": [NEW_CUSTOMER]})

    customer_id: NewToken | None = Field(default=None, description="A random token; made here when not given")
    type: Type = "personal"
    identity: NewIdentity | None = None
    birth_year: BirthYear | None = None
    gender: Gender = "unknown"
    unit: Code = Field(description="The unit that keeps the customer")
    region: Code | None = None
    relationship_manager: Token | None = Field(default=None, description="The token of the employee in charge")
    customer_since: date
    status: Status = "active"
    refuses_automated_decisions: bool = Field(default=False, description="People alone may decide on the customer")

    def facts(self) -> Facts:
        """What is asked, without identity."""
        return Facts(**{name: getattr(self, name) for name in Facts.__slots__})

    def plain_identity(self) -> Plain | None:
        """The identity asked for, if any."""
        return None if self.identity is None else {field: getattr(self.identity, field) for field in IDENTITY}


class _Partial(Body):
    """A part of a file to be set: what is not named stays, null clears what may be empty."""

    model_config = ConfigDict(hide_input_in_errors=True)

    @model_validator(mode="after")
    def _something_is_named_and_nothing_emptied_that_may_not_be(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("names nothing to correct")
        for name in sorted(self.model_fields_set - self._may_be_empty()):
            if getattr(self, name) is None:
                raise ValueError(f"{name} cannot be emptied")
        return self

    @classmethod
    def _may_be_empty(cls) -> frozenset[str]:
        return frozenset()

    def named(self, *, but: frozenset[str] = frozenset()) -> dict[str, Any]:
        """The fields that were named, with the values to set."""
        return {name: getattr(self, name) for name in self.model_fields_set - but}


class IdentityCorrection(_Partial):
    """Fields of the identity to set."""

    full_name: FullName | None = None
    id_type: IdType | None = None
    id_number: IdNumber | None = None
    phone: Phone | None = Field(default=None, description="null removes it")
    email: Email | None = Field(default=None, description="null removes it")
    address: Address | None = Field(default=None, description="null removes it")

    @classmethod
    def _may_be_empty(cls) -> frozenset[str]:
        return frozenset({"phone", "email", "address"})


class Correction(_Partial):
    """Fields of the file to set; a later record of the core replaces them."""

    model_config = ConfigDict(json_schema_extra={"examples": [CORRECTION]})

    type: Type | None = None
    identity: IdentityCorrection | None = None
    birth_year: BirthYear | None = Field(default=None, description="null: unknown")
    gender: Gender | None = None
    unit: Code | None = None
    region: Code | None = Field(default=None, description="null: none")
    relationship_manager: Token | None = Field(default=None, description="null: nobody in particular")
    customer_since: date | None = None
    status: Status | None = None
    refuses_automated_decisions: bool | None = Field(
        default=None, description="The customer's own word; no record of the core replaces it"
    )

    @classmethod
    def _may_be_empty(cls) -> frozenset[str]:
        return frozenset({"birth_year", "region", "relationship_manager"})

    def facts(self) -> dict[str, Any]:
        """What is to be set, without identity."""
        return self.named(but=frozenset({"identity"}))

    def plain_identity(self) -> Plain:
        """The identity's fields to be set."""
        return {} if self.identity is None else self.identity.named()
