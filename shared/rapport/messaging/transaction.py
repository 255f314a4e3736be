"""One transaction of one service: its customers locked, its facts told, all or nothing.

The edge that begins it owns it: a poll, a request, a sweep. Nobody inside commits.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from rapport.clock import utc_now
from rapport.events.base import Event, Received
from rapport.ids import derived_id, new_id
from rapport.messaging import dead_letters, outbox, telling
from rapport.messaging.accounts import Accounts
from rapport.messaging.dead_letters import DeadLetter
from rapport.messaging.locks import lock_customers, lock_free_customers
from rapport.messaging.marks import marks_of
from rapport.messaging.offsets import advance, stream_positions
from rapport.messaging.partitions import partition_of
from rapport.messaging.service import Service
from rapport.privacy.catalogue.ending import End
from rapport.row_security import Sight

_NOBODYS = datetime.fromtimestamp(0, UTC)
ComesFirst = Callable[["Transaction", Sequence[str]], Awaitable[None]]
"""What is to be done of customers who are held, before anything is decided of them by the clock."""


class Transaction(Accounts):
    """What a handler works with. `connection` is in the transaction; `now` is the system clock at its beginning."""

    def __init__(
        self, service: Service, connection: AsyncConnection, now: datetime, *, comes_first: ComesFirst | None = None
    ) -> None:
        super().__init__(service, connection)
        self.now = now
        # Of the request that began this; a fact told because of an event has the event's.
        self.traceparent: str | None = None
        self.positions: dict[int, datetime] = {}
        self.limits: Mapping[int, datetime] = {}  # of a sweep in wall time: by partition, where silence is known until
        self.ended: dict[str, End] = {}  # of the customers who are locked: whose file had been archived or destroyed
        self.ends: dict[tuple[str, int], int] = {}  # of the poll that this is, where its records end
        self._comes_first = comes_first
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
        """Lock these customers, then read the clocks: who waited for another must not decide at an earlier moment.

        Then what comes first of them is done, unless this is a poll, which does it by the times of its events.
        """
        held = sorted(set(customer_ids))
        self.ended |= await lock_customers(self.connection, held, partitions=self.service.partitions)
        self.now = utc_now()
        if self.service.is_stream_time:
            self.positions = await stream_positions(self.connection)
        await self._do_first(held)

    async def lock_free(self, customer_ids: Iterable[str]) -> list[str]:
        """Lock those of the customers whom nobody holds now, and do what comes first of them; the others can wait."""
        free = await lock_free_customers(self.connection, customer_ids)
        await self._do_first(free)
        return free

    async def _do_first(self, held: Sequence[str]) -> None:
        if held and self._comes_first:
            await self._comes_first(self, held)

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
    """Begins transactions of one service. `comes_first`: with whatever customers one of them locks."""

    def __init__(
        self,
        engine: AsyncEngine,
        service: Service,
        *,
        on_commit: Callable[[], None] = lambda: None,
        comes_first: ComesFirst | None = None,
    ) -> None:
        self.engine = engine
        self.service = service
        self._comes_first = comes_first
        self._on_commit = on_commit

    @asynccontextmanager
    async def begin(self, *, customers: Iterable[str] = (), sight: Sight | None = None) -> AsyncIterator[Transaction]:
        """A transaction with these customers locked; on leaving it tells its facts and commits, on an error neither.

        `sight`: of who asks, where tables are secured by row; without it, that of the process itself.
        """
        engine = self.engine if sight is None else self.engine.execution_options(sight=sight)
        async with engine.begin() as connection:
            tx = Transaction(self.service, connection, utc_now(), comes_first=self._comes_first)
            await tx.lock(customers)
            yield tx
            told = await tx.flush()
            if tx.counts:  # a request woke parked events
                await advance(connection, {}, tx.counts)
        if told:
            self.committed()

    def on(self, engine: AsyncEngine) -> "Transactions":
        """The same by other connections."""
        return Transactions(engine, self.service, on_commit=self._on_commit, comes_first=self._comes_first)

    def committed(self) -> None:
        """Facts wait in the outbox: wake the relay, if it lives in this process."""
        self._on_commit()
