"""What delivery must know of the service it works for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from rapport.events.base import Event
from rapport.messaging.decoding import Reader, decode, decode_foreign
from rapport.messaging.door import let_in, withheld
from rapport.messaging.records import Arrival, RawRecord


class Seal(Protocol):
    """Encrypts the records that are kept: dead letters and parked events."""

    def seal(self, plain: bytes, context: str) -> bytes:
        """`context` says in which place."""
        ...

    def unseal(self, sealed: bytes, context: str) -> bytes:
        """The inverse of `seal`."""
        ...


@dataclass(slots=True)
class Service:
    """What delivery must know of a service: its name, the events it hears, where its facts go.

    `readers`: by topic, of those that do not speak the contract. The events made of them lie among `hears`.
    """

    name: str
    hears: Mapping[str, type[Event]]
    partitions: int
    topic_prefix: str
    is_stream_time: bool
    seal: Seal
    readers: Mapping[str, Reader] = field(default_factory=dict)
    of_customers: frozenset[str] = field(init=False)
    """The bank's topics about customers: those of one partition have one order. What is about no customer lies in other
    partitions than whom it concerns, and is taken as it comes."""

    def __post_init__(self) -> None:
        heard = [event for event in self.hears.values() if event.producer == "bank" and event.is_about_customer()]
        self.of_customers = frozenset(self.topic_prefix + event.name for event in heard)

    @property
    def grave(self) -> str:
        """The topic of its dead letters."""
        return f"{self.topic_prefix}{self.name}.dead-letter"

    def decode(self, raw: RawRecord) -> Arrival:
        """What a record of any topic this service hears is, after the door. Never raises."""
        raw = let_in(raw)
        if found := withheld(raw):
            return Arrival(raw, None, fault=found.reason, withheld=found)
        read = self.readers.get(raw.topic)
        return decode(raw, self.hears, partitions=self.partitions) if read is None else decode_foreign(raw, read)

    def sealed(self, raw: RawRecord) -> bytes:
        """A record packed for a table, and encrypted whatever its topic: a field no contract knows can be identity."""
        return self.seal.seal(raw.pack(), "record")

    def unsealed(self, record: bytes, *, is_encrypted: bool) -> RawRecord:
        """The record that `sealed` packed; before it sealed all, those of most topics were kept in clear."""
        return RawRecord.unpack(self.seal.unseal(record, "record") if is_encrypted else record)
