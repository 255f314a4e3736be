"""A request to reach a customer and how far it is: waiting, decided, handed over, and answered once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from customer_profile.contact.domain.policy import Channel, Held, Kind
from customer_profile.contact.domain.templates import Language, Value

State = Literal["waiting", "decided", "handed", "delivered", "refused"]
Objection = Literal["no-consent", "refused", "asked-too-soon"]
"""Of the customer: consent was never given, was declined or withdrawn; or a message asks for it too soon after a no."""
Reason = Objection | Literal["status", "no-address", "template-unknown", "adapter-failed", "expired"] | Held

LEASE = timedelta(seconds=60)
"""What is not confirmed within it is decided again and handed over once more: longer than any adapter may take."""
_FIRST_RETRY, _LONGEST_RETRY = timedelta(seconds=5), timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Contact:
    """One message to one customer. `due_at`: when it is decided again; none once it is answered.

    `sent_at`: when it was last let through, from which on it counts into the cap. `attempts`: how often it was handed
    over, or was about to be. `policy_version`, `consent_version`: by which rules and which acts of consent on this file
    it was last decided; none before it was, or before the first act.
    """

    customer_id: str
    request_id: str
    purpose: str
    kind: Kind
    template: str
    template_version: int
    language: Language
    parameters: Mapping[str, Value]
    channels: tuple[Channel, ...]
    not_before: datetime | None
    expires_at: datetime
    requested_at: datetime
    due_at: datetime | None
    state: State = "waiting"
    channel: Channel | None = None
    adapter: str | None = None
    sent_at: datetime | None = None
    attempts: int = 0
    answered_at: datetime | None = None
    reason: Reason | None = None
    policy_version: int | None = None
    consent_version: int | None = None

    @property
    def is_answered(self) -> bool:
        """Nothing changes it any more."""
        return self.state in {"delivered", "refused"}

    def end(self, reason: Reason) -> Reason:
        """Why its time ran out: that the adapter failed says more than what came after."""
        return "adapter-failed" if self.attempts else reason

    def decided(self, channel: Channel, now: datetime) -> "Contact":
        """It may be handed over; if nobody does within the lease, it is decided again."""
        return replace(self, state="decided", channel=channel, sent_at=now, due_at=now + LEASE)

    def waiting(self, until: datetime) -> "Contact":
        """It is decided again then. What was never tried has not been sent; of what was, nobody knows."""
        return replace(self, state="waiting", due_at=until, sent_at=self.sent_at if self.attempts else None)

    def refused(self, reason: Reason, now: datetime) -> "Contact":
        """It is over."""
        sent_at = self.sent_at if self.attempts else None
        return replace(self, state="refused", reason=reason, answered_at=now, due_at=None, sent_at=sent_at)

    def handed(self, now: datetime) -> "Contact":
        """It is about to be given to the adapter."""
        return replace(self, state="handed", attempts=self.attempts + 1, due_at=now + LEASE)

    def failed(self, now: datetime) -> "Contact":
        """The adapter did not take it: again after 5, 10, 20 … seconds, at most a quarter of an hour."""
        pause = min(_FIRST_RETRY * 2 ** min(self.attempts - 1, 10), _LONGEST_RETRY)
        return self.waiting(min(now + pause, self.expires_at))

    def delivered(self, adapter: str, now: datetime) -> "Contact":
        """The adapter took it."""
        return replace(self, state="delivered", adapter=adapter, answered_at=now, due_at=None)
