"""What became of the events of one transaction: the counts move with it, so that received is always the sum of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.events.base import Received
from rapport.messaging import parking
from rapport.messaging.dead_letters import DeadLetter
from rapport.messaging.offsets import Counts
from rapport.messaging.records import TopicPartition
from rapport.messaging.service import Service

NoEffect = Literal["duplicate", "skipped"]
"""Had it before, or is nothing to this service: not its customer, not its request, too late for anything."""


class Accounts:
    """The part of a transaction that says of an event what became of it, if it was not applied."""

    now: datetime

    def __init__(self, service: Service, connection: AsyncConnection) -> None:
        self.service = service
        self.connection = connection
        self.counts: dict[TopicPartition, Counts] = {}
        self.refused: dict[UUID, DeadLetter] = {}
        self.parked: set[UUID] = set()
        self.without_effect: dict[UUID, NoEffect] = {}
        self._woken: set[UUID] = set()

    def refuse(self, event: Received[Any], reason: str) -> None:
        """This event can never have its effect: it becomes a dead letter, the rest of the poll goes on."""
        self.refused[event.id] = DeadLetter(event.raw, reason, f"{self.service.name}:{event.data.name}")
        if counts := self._of_woken(event):
            counts.dead_lettered += 1

    def leave(self, event: Received[Any], became: NoEffect) -> None:
        """This event has no effect: the handler's own book, which remembers longer than the inbox, says so."""
        if counts := self._of_woken(event):
            setattr(counts, became, getattr(counts, became) + 1)
        else:
            self.without_effect[event.id] = became

    def _of_woken(self, event: Received[Any]) -> Counts | None:
        """Where an event is counted as applied since it was woken: not any more."""
        if event.id not in self._woken:
            return None
        self._woken.remove(event.id)
        (counts := self.count(TopicPartition(event.topic, event.partition))).applied -= 1
        return counts

    async def park(self, event: Received[Any], *, waiting_for: str) -> None:
        """Keep an event until what it waits for arrives."""
        sealed = self.service.sealed(event.raw)
        await parking.park(self.connection, event, sealed, waiting_for=waiting_for, now=self.now)
        if not self._of_woken(event):
            self.parked.add(event.id)

    async def wake(self, waiting_for: Sequence[str], *, at: datetime) -> list[Received[Any]]:
        """The events that waited for any of these, now counted as applied: the caller handles them, at `at`."""
        woken = []
        for row in await parking.wake(self.connection, waiting_for):
            raw = self.service.unsealed(row["record"], is_encrypted=row["is_encrypted"])
            arrival = self.service.decode(raw)
            if arrival.event is None:
                raise RuntimeError("a parked event no longer decodes")
            arrival.event.at = at
            self.count(TopicPartition(raw.topic, raw.partition)).applied += 1
            self._woken.add(arrival.event.id)
            woken.append(arrival.event)
        return woken

    def count(self, tp: TopicPartition) -> Counts:
        """The counts of one partition in this transaction."""
        return self.counts.setdefault(tp, Counts())
