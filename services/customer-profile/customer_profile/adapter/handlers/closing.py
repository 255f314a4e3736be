"""The days of cores passed on: a day is over for our readers when it is over in every partition of every raw topic."""

from collections.abc import Sequence
from typing import Any, Self

from customer_profile.adapter.domain.days import Closed, Log, closed_everywhere
from customer_profile.adapter.records import TARGETS
from customer_profile.adapter.store.days import closed_days, save_days
from rapport.events.bank import DayClosed
from rapport.events.base import Received
from rapport.messaging.transaction import Transaction

SOURCE = "customer-profile"


class Closing:
    """Up to when the raw topics are closed that tell one kind of fact, and what of it this transaction moves."""

    def __init__(self, tx: Transaction, logs: dict[str, list[Log]], closed: dict[str, dict[Log, Closed]]) -> None:
        self._tx = tx
        self._logs = logs
        self._closed = closed
        self._moved: dict[str, dict[Log, Closed]] = {tells: {} for tells in closed}

    @classmethod
    async def open(cls, tx: Transaction, records: Sequence[Received[Any]], topics: Any) -> Self:
        """What is known, if a record closes a day: then no other transaction may until this one ends."""
        ended = {event.topic for event in records if isinstance(event.data.fact, DayClosed)}
        told = [tells for tells, names in sorted(topics.names.items()) if ended & set(names)]
        closed = {tells: await closed_days(tx.connection, tells) for tells in told}
        return cls(tx, {tells: topics.logs(tells) for tells in told}, closed)

    def close(self, event: Received[Any]) -> None:
        """A day is over in one partition; if it was the last one, tell so on every partition of ours."""
        log = (event.topic, event.partition)
        tells = next(tells for tells, logs in self._logs.items() if log in logs)
        closed = self._closed[tells]
        before = closed_everywhere(closed, self._logs[tells])
        told = (event.time, event.data.fact.business_date)
        closed[log] = self._moved[tells][log] = max(closed.get(log, told), told)
        after = closed_everywhere(closed, self._logs[tells])
        if after is not None and (before is None or after > before):
            mark = DayClosed(source=SOURCE, business_date=after[1])
            self._tx.close_day(mark, TARGETS[tells], time=after[0])

    async def save(self) -> None:
        """Write what has moved."""
        for tells, moved in self._moved.items():
            await save_days(self._tx.connection, tells, moved)
