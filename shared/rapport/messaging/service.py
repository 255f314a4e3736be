"""What delivery must know of the service it works for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from rapport.events.base import Event


class Seal(Protocol):
    """Encrypts what a confidential topic leaves behind: dead letters and parked events."""

    def seal(self, plain: bytes, context: str) -> bytes:
        """`context` says in which place."""
        ...

    def unseal(self, sealed: bytes, context: str) -> bytes:
        """The inverse of `seal`."""
        ...


@dataclass(slots=True)
class Service:
    """What delivery must know of a service: its name, the events it hears, where its facts go."""

    name: str
    hears: Mapping[str, type[Event]]
    partitions: int
    topic_prefix: str
    is_stream_time: bool
    seal: Seal
    confidential: frozenset[str] = field(init=False)
    of_customers: frozenset[str] = field(init=False)
    """The bank's topics about customers: those of one partition have one order. What is about no customer lies in other
    partitions than whom it concerns, and is taken as it comes."""

    def __post_init__(self) -> None:
        names = {self.topic_prefix + event.name for event in self.hears.values() if event.is_confidential}
        self.confidential = frozenset(names)
        heard = [event for event in self.hears.values() if event.producer == "bank" and event.is_about_customer()]
        self.of_customers = frozenset(self.topic_prefix + event.name for event in heard)
