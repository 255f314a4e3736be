"""What customer-profile tells: facts about a customer without identity."""

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from rapport.events.base import Code, Event, Revision, Time, Token


class CustomerProfiled(Event):
    """The identity-free facts of a customer, as they are now. A higher revision replaces a lower one."""

    name: ClassVar[str] = "customer-profiled"
    producer: ClassVar[str] = "customer-profile"
    is_state: ClassVar[bool] = True

    customer_id: Token
    type: Literal["personal", "corporate", "institution"]
    customer_class: Literal["core", "ordinary", "potential"]
    relationship_manager: Token | None = None
    unit: Code
    region: Code | None = None
    age_band: Literal["under-18", "18-29", "30-44", "45-59", "60-plus", "unknown"] = "unknown"
    gender: Literal["female", "male", "unknown"] = "unknown"
    status: Literal["active", "closed", "deceased"]
    refuses_automated_decisions: bool = False
    as_of: Time
    revision: Revision


class PurposeConsent(BaseModel):
    """Whether data may be processed for one purpose.

    `since`: without a break; none where no act of the customer's led to it. `notice_version`: of the words that a
    consent in force was given to.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    purpose: Code
    allowed: bool
    since: Time | None = None
    legal_basis: Literal["consent", "contract", "legal-obligation"]
    notice_version: int | None = Field(default=None, ge=1)


class ConsentChanged(Event):
    """What a customer allows, all purposes as they are now. A higher revision replaces a lower one.

    A customer of whom none was told has consented to nothing.
    """

    name: ClassVar[str] = "consent-changed"
    producer: ClassVar[str] = "customer-profile"
    is_state: ClassVar[bool] = True

    customer_id: Token
    purposes: tuple[PurposeConsent, ...]
    as_of: Time
    revision: Revision
