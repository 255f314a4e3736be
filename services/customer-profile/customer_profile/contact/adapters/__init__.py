"""The ways out of the bank: what an adapter to a channel is, and what it is given."""

from dataclasses import dataclass, field
from typing import Protocol

from customer_profile.contact.domain.policy import Channel


@dataclass(frozen=True, slots=True)
class Message:
    """What reaches a customer, complete. Identity: it is given to an adapter and to nobody else, and shown nowhere."""

    channel: Channel
    address: str = field(repr=False)
    title: str | None = field(repr=False)
    text: str = field(repr=False)


class NotTaken(Exception):
    """The adapter did not take a message now; it is offered again. Says nothing of the message."""


class NeverTaken(NotTaken):
    """The adapter will not take this message, however often it is offered."""


class Adapter(Protocol):
    """Hands messages to a channel. `name`: a code by which it is known, as told in `contact-delivered`."""

    name: str

    async def hand_over(self, key: str, message: Message) -> None:
        """Take the message; returns once it is safe with the channel. One whose key was taken before is the same
        message: it is not sent again, and that is no fault. Raises NeverTaken; whatever else it raises is as NotTaken.
        """
        ...

    async def close(self) -> None:
        """Close what is held open."""
        ...
