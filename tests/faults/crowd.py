"""Customers of whom a bank never stops telling: they keep joining, and the newest are heard of most."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from random import Random
from time import time
from typing import ClassVar, Generic, Protocol, TypeVar

from rapport.events.base import Event
from rapport.events.customer_profile import CustomersMerged, CustomersUnmerged, Person
from rapport.ids import new_id
from simulator.wire import Record, Wire


class Named(Protocol):
    """Whatever else must be remembered of a customer."""

    @property
    def customer_id(self) -> str:
        """The token."""


C = TypeVar("C", bound=Named)
BEGINNERS = 400
NEWCOMERS = 0.01
"""New customers an event."""
DAY_MS = 86_400_000
_RECENT = 100
"""So many of the newest have half of all events."""
GROUPS = dict.fromkeys((CustomersMerged, CustomersUnmerged), "customer-profile")
"""Told by a crowd that has them among its sources: which of its customers are one."""
_ACTS = 0.005
_HOUSEHOLD = 3
"""So many neighbours may be one customer, so that a person has few files however long the campaign is."""


class Crowd(ABC, Generic[C]):
    """Tells facts about its customers for ever; a function of the seed but for the clock and the ids.

    `sources`: what it tells, and who tells that.
    """

    sources: ClassVar[Mapping[type[Event], str]]

    def __init__(self, seed: int, wire: Wire) -> None:
        self._rng = Random(f"population {seed}")
        self._wire = wire
        self._stamps = {told: wire.stamp(told, source) for told, source in self.sources.items()}
        self._customers = [self.newcomer() for _ in range(BEGINNERS)]
        self._acts = 0

    @abstractmethod
    def newcomer(self) -> C:
        """One who joins."""

    @abstractmethod
    def facts(self, customer: C) -> Iterator[Record]:
        """What is told of one next."""

    def records(self) -> Iterator[Record]:
        """One fact after the other."""
        while True:
            if self._rng.random() < NEWCOMERS:
                self._customers.append(self.newcomer())
            if CustomersMerged in self.sources and self._rng.random() < _ACTS:
                yield from self._regrouped()
            yield from self.facts(
                self._rng.choice(self._customers[-_RECENT:] if self._rng.random() < 0.5 else self._customers)
            )

    def _regrouped(self) -> Iterator[Record]:
        """One or two acts on one household, told under each of its files, in any order."""
        first = self._rng.randrange(len(self._customers) // _HOUSEHOLD) * _HOUSEHOLD
        files = [one.customer_id for one in self._customers[first : first + _HOUSEHOLD]]
        records: list[Record] = []
        for _ in range(self._rng.randint(1, 2)):
            self._acts += 1
            records += self._act(self._rng.sample(files, _HOUSEHOLD))
        yield from self._rng.sample(records, len(records))

    def _act(self, files: list[str]) -> Iterator[Record]:
        alone, at = self._rng.randrange(_HOUSEHOLD + 1), ago(self._rng.randrange(600_000))
        groups = [files[alone:], *([file] for file in files[:alone])]
        persons = tuple(Person(survivor=group[0], files=tuple(sorted(group))) for group in groups if group)
        fact = CustomersMerged if len(persons) < _HOUSEHOLD else CustomersUnmerged
        act = {"persons": persons, "act_id": new_id(), "reason": "same-paper", "as_of": at, "revision": self._acts}
        for file in files:
            yield self._record(fact(customer_id=file, **act), at)

    def _record(self, event: Event, at: datetime) -> Record:
        stamp = self._stamps[type(event)]
        return self._wire.told(event, stamp, identifier=str(new_id()), time_ms=round(at.timestamp() * 1000))


def ago(milliseconds: int) -> datetime:
    """A moment so long before now."""
    return datetime.fromtimestamp((int(time() * 1000) - milliseconds) / 1000, UTC)
