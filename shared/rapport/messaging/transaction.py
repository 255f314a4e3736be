"""One transaction of one service: its customers locked, its facts told, all or nothing.

The edge that begins it owns it: a poll, a request, a sweep. Nobody inside commits.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from rapport.clock import utc_now
from rapport.events.base import Event, Received
from rapport.ids import derived_id, new_id
from rapport.messaging import dead_letters, outbox, parking, telling
from rapport.messaging.dead_letters import DeadLetter
from rapport.messaging.locks import lock_customers
from rapport.messaging.marks import marks_of
from rapport.messaging.offsets import Counts, advance, stream_positions
from rapport.messaging.partitions import partition_of
from rapport.messaging.records import TopicPartition
from rapport.messaging.service import Service
from rapport.privacy.catalogue.ending import End
from rapport.row_security import Sight

_NOBODYS = datetime.fromtimestamp(0, UTC)
NoEffect = Literal["duplicate", "skipped"]


class Transaction:
    """What a handler works with. `connection` is in the transaction; `now` is the system clock at its beginning."""

    def __init__(self, service: Service, connection: AsyncConnection, now: datetime) -> None:
        self.connection = connection
        self.now = now
        # Of the request that began this; a fact told because of an event has the event's.
        self.traceparent: str | None = None
        self.counts: dict[TopicPartition, Counts] = {}
        self.refused: dict[UUID, DeadLetter] = {}
        self.parked: set[UUID] = set()
        self.without_effect: dict[UUID, NoEffect] = {}
        self.positions: dict[int, datetime] = {}
        self.limits: Mapping[int, datetime] = {}  # of a sweep in wall time: by partition, where silence is known until
        self.ended: dict[str, End] = {}  # of the customers who are locked: whose file had been archived or destroyed
        self.ends: dict[tuple[str, int], int] = {}  # of the poll that this is, where its records end
        self.service = service
        self._woken: set[UUID] = set()
        self.told: list[outbox.Told] = []
        self.ordinals: dict[tuple[str, str, str], int] = {}

    def partition_of(self, customer_id: str) -> int:
        """The Kafka partition of a customer: a column of every table whose rows fall due."""
        return partition_of(customer_id, self.service.partitions)

    def clock_of(self, customer_id: str) -> datetime:
        """The time it is for this customer: by the system clock or `limits`, in stream time by its partition's."""
        clocks, otherwise = (self.positions, _NOBODYS) if self.service.is_stream_time else (self.limits, self.now)
        return clocks.get(self.partition_of(customer_id), otherwise)

    @property
    def destroyed(self) -> set[str]:
        """Of the customers who are locked, those of whom nothing may be kept any more."""
        return {customer_id for customer_id, end in self.ended.items() if end == "destroyed"}

    @property
    def furthest_clock(self) -> datetime:
        """The latest that it is for any customer."""
        return max(self.positions.values(), default=_NOBODYS) if self.service.is_stream_time else self.now

    async def lock(self, customer_ids: Iterable[str]) -> None:
        """Lock these customers, then read the clocks: who waited for another must not decide at an earlier moment."""
        self.ended |= await lock_customers(self.connection, customer_ids, partitions=self.service.partitions)
        self.now = utc_now()
        if self.service.is_stream_time:
            self.positions = await stream_positions(self.connection)

    def tell(self, fact: Event, *, time: datetime, cause: Received[Any] | str | None = None) -> UUID:
        """Tell a fact of business time `time` when this transaction commits; returns its id.

        A fact with a cause (an event, or a timer's key) has an id that is a function of both: deriving it again is the
        same event. Without a cause, as from a request, the id is new.
        """
        received = cause if isinstance(cause, Received) else None
        value = fact.model_dump_json().encode()
        if cause is None:
            identifier = new_id()
        else:
            # The time bits are the cause's, not the clock's: what is derived again must be the same.
            moment, of = (received.time, received.id) if received else (time, cause)
            identifier = self._derived(fact, value, moment, str(of))
        self.told.append(
            telling.told(
                fact, value, self.service, identifier=identifier, time=time, received=received, trace=self.traceparent
            )
        )
        return identifier

    def tell_end(self, states: Iterable[type[Event]], customer_id: str) -> None:
        """No state of this customer is to be found any more on these topics of ours: a tombstone on each."""
        self.told += [telling.tombstone(state, customer_id, self.service) for state in states]

    def close_day(self, mark: Event, topic: type[Event], *, time: datetime) -> None:
        """Tell an end-of-day mark in band, on every partition of this topic, once for each `time` whoever tells it."""
        self.told += marks_of(mark, topic, self.service, time)

    def _derived(self, fact: Event, value: bytes, moment: datetime, cause: str) -> UUID:
        place = (cause, fact.name, fact.key)
        ordinal = self.ordinals.get(place, 0)
        self.ordinals[place] = ordinal + 1
        return derived_id(moment, cause, fact.wire_type(), fact.key, ordinal, value)

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

    async def bury(self, letters: Sequence[DeadLetter]) -> None:
        """Keep dead letters and publish them to the service's own dead-letter topic, sealed."""
        sealed = [(letter, self.service.sealed(letter.raw)) for letter in letters]
        await dead_letters.keep(self.connection, sealed, self.now)
        self.told += [dead_letters.told_of(letter, record, self.service.grave) for letter, record in sealed]

    async def flush(self) -> int:
        """Write what was told to the outbox; returns how many facts."""
        told, self.told = self.told, []
        await outbox.put(self.connection, told)
        return len(told)


class Transactions:
    """Begins transactions of one service."""

    def __init__(self, engine: AsyncEngine, service: Service, *, on_commit: Callable[[], None] = lambda: None) -> None:
        self.engine = engine
        self.service = service
        self._on_commit = on_commit

    @asynccontextmanager
    async def begin(self, *, customers: Iterable[str] = (), sight: Sight | None = None) -> AsyncIterator[Transaction]:
        """A transaction with these customers locked; on leaving it tells its facts and commits, on an error neither.

        `sight`: of who asks, where tables are secured by row; without it, that of the process itself.
        """
        engine = self.engine if sight is None else self.engine.execution_options(sight=sight)
        async with engine.begin() as connection:
            tx = Transaction(self.service, connection, utc_now())
            await tx.lock(customers)
            yield tx
            told = await tx.flush()
            if tx.counts:  # a request woke parked events
                await advance(connection, {}, tx.counts)
        if told:
            self.committed()

    def committed(self) -> None:
        """Facts wait in the outbox: wake the relay, if it lives in this process."""
        self._on_commit()
