"""Customers of whom a bank never stops telling: they keep joining, and the newest are heard of most."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from random import Random
from time import time
from typing import ClassVar, Generic, TypeVar

from rapport.events.base import Event
from rapport.ids import new_id
from simulator.wire import Record, Wire

C = TypeVar("C")
BEGINNERS = 400
NEWCOMERS = 0.01
"""New customers an event."""
DAY_MS = 86_400_000
_RECENT = 100
"""So many of the newest have half of all events."""


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
            yield from self.facts(
                self._rng.choice(self._customers[-_RECENT:] if self._rng.random() < 0.5 else self._customers)
            )

    def _record(self, event: Event, at: datetime) -> Record:
        stamp = self._stamps[type(event)]
        return self._wire.told(event, stamp, identifier=str(new_id()), time_ms=round(at.timestamp() * 1000))


def ago(milliseconds: int) -> datetime:
    """A moment so long before now."""
    return datetime.fromtimestamp((int(time() * 1000) - milliseconds) / 1000, UTC)
