"""When a customer may be asked for a consent. A no is respected for a while, and who said yes is left alone."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from customer_profile.consent.domain.ledger import Channel, State
from rapport.errors import DomainError


class NotToBeAsked(DomainError):
    """The customer declined or withdrew not long ago, or allows it already."""

    def __init__(self, state: State) -> None:
        rule = "is granted: there is nothing to ask"
        if state.may_ask_from is not None:
            rule = (
                f"was declined or withdrawn: ask from {state.may_ask_from:%Y-%m-%d %H:%M} UTC on; "
                "a grant that the customer begins is entered at any time"
            )
        self.faults = [("purpose", f"{state.purpose.code} {rule}")]
        super().__init__(self.faults[0][1])


@dataclass(frozen=True, slots=True)
class Asking:
    """Somebody is about to ask a customer for a consent. `notice_version`: of the words that are shown."""

    asking_id: UUID
    customer_id: str
    purpose: str
    notice_version: int
    channel: Channel
    asked_by: str
    asked_at: datetime


def demand_may_ask(state: State, at: datetime) -> None:
    """Raises NotToBeAsked."""
    if state.may_ask_from is None or state.may_ask_from > at:
        raise NotToBeAsked(state)


def waits(state: State, at: datetime) -> bool:
    """Whether a no of the customer is still respected then: nobody asks for this consent, by no message either."""
    return state.may_ask_from is not None and state.may_ask_from > at
