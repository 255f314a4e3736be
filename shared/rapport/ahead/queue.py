"""What waits for its time, in order: the same for a worker, which keeps it in a table, and for a replay in memory.

Sums that forget stand as of their latest event, so one that is counted before its time would have everything until then
read as it is to be: whatever is decided of now would see what has not come.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import Any
from uuid import UUID

from rapport.events.base import AnyReceived

NOWHERE = -1
"""The offset of what waited: its place among other events is its time's."""
MILLISECOND = timedelta(milliseconds=1)
"""Kafka dates a record by whole ones, so that what is published at once can look as if it lay so much ahead."""
CountsFrom = Callable[[Any], datetime | None]
"""From when on a fact counts; None for one that does as soon as it is heard."""


class Queue:
    """Of any number of customers, the events whose time has not come."""

    def __init__(self, counts_from: CountsFrom) -> None:
        self._counts_from = counts_from
        self._waiting: dict[str, list[tuple[datetime, UUID, AnyReceived]]] = {}

    def put(self, event: AnyReceived, due_at: datetime) -> None:
        """Have this one wait until `due_at`."""
        heappush(self._waiting.setdefault(event.data.customer_id, []), (due_at, event.id, event))

    def come(self, customer_id: str, until: datetime) -> list[AnyReceived]:
        """Take out what of this customer has come by `until`, the first first, each to be handled at its own time."""
        waiting, found = self._waiting.get(customer_id, []), []
        while waiting and waiting[0][0] <= until:
            due_at, _, event = heappop(waiting)
            found.append(replace(event, at=due_at, offset=NOWHERE))
        return found

    def come_of_all(self, until: datetime) -> list[AnyReceived]:
        """The same of every customer, each customer's in order."""
        return [event for customer_id in self._waiting for event in self.come(customer_id, until)]

    def in_time(self, events: Iterable[AnyReceived]) -> list[AnyReceived]:
        """These events without those that are ahead of the moment they are handled at, which wait from here on; and
        before each what of its customer has come by then. What is dated within the millisecond of its moment is
        handled as of its own time."""
        found: list[AnyReceived] = []
        for event in events:
            due_at = self._counts_from(event.data)
            if due_at is not None and event.at < due_at < event.at + MILLISECOND:
                event.at = due_at
            if self._waiting:
                found += self.come(event.data.customer_id, event.at)
            if due_at is not None and due_at > event.at:
                self.put(event, due_at)
            else:
                found.append(event)
        return found

    def left(self) -> Sequence[tuple[datetime, AnyReceived]]:
        """Everything that still waits, and until when."""
        return [(due_at, event) for waiting in self._waiting.values() for due_at, _, event in waiting]
