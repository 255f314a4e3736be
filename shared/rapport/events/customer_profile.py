"""What customer-profile tells: facts about a customer without identity."""

from typing import ClassVar, Literal

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
