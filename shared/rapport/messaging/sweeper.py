"""What falls due by silence alone: rows with a time, fired once it has come, though no event ever does.

A due row is fired as of its own `due_at`, so that when the sweep happens to run changes nothing of what it decides.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Table, TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.clock import utc_now
from rapport.messaging.locks import lock_free_customers
from rapport.messaging.observer import Observer
from rapport.messaging.poll import is_permanent, why
from rapport.messaging.service import Service
from rapport.messaging.transaction import Transaction, Transactions

_BATCH = 500
_LOOK = 20_000
"""Due customers looked for at once. When a whole book falls due, each look passes over all that was fired before: the
index keeps dead entries until it is vacuumed. So there are to be few."""

Limits = Callable[[AsyncConnection, Service, datetime], Awaitable[Mapping[int, datetime]]]
"""By partition, how far silence may be judged in wall time, where that is not as far as the clock."""


@dataclass(frozen=True)
class Sweep:
    """A concept whose rows fall due. `table` has customer_id, partition and due_at, indexed by (partition, due_at).

    `fire(tx, customer_ids)` fires every row of these customers with `due_at <= tx.clock_of(customer_id)`, which stands
    at its `limits` where there are any.
    """

    name: str
    table: Table
    fire: Callable[[Transaction, Sequence[str]], Awaitable[None]]
    limits: Limits | None = None

    async def look(
        self, connection: AsyncConnection, service: Service, partitions: Sequence[int], *, limit: int
    ) -> list[str]:
        """Up to `limit` customers of each of these partitions who are due now, as `fire` will see it."""
        now = utc_now()
        limits = await self.limits(connection, service, now) if self.limits else {}
        values = {"partitions": list(partitions), "limit": limit}
        values["untils"] = [limits.get(partition, now) for partition in partitions]
        statement = self._due(is_stream_time=service.is_stream_time)
        return list((await connection.execute(statement, values)).scalars())

    def _due(self, *, is_stream_time: bool) -> TextClause:
        """Customers with a row that is due, of each partition the longest overdue; the longest overdue of all first."""
        clock = "(SELECT position FROM stream_clocks c WHERE c.partition = mine.partition)"
        return text(
            # Partition by partition, so that each is read in the order of its index and nobody's due time is sorted
            # who is not looked at. Names of our own tables, never a value.
            "SELECT due.customer_id FROM unnest(CAST(:partitions AS smallint[]), "  # noqa: S608
            "CAST(:untils AS timestamptz[])) AS mine(partition, until), "
            f"LATERAL (SELECT customer_id, due_at FROM {self.table.name} t WHERE t.partition = mine.partition "
            f"AND t.due_at <= {clock if is_stream_time else 'mine.until'} "
            "ORDER BY t.due_at LIMIT :limit) AS due ORDER BY due.due_at"
        )


class Sweeper:
    """Looks for due rows of the assigned partitions and has their concepts fire them."""

    def __init__(self, transactions: Transactions, sweeps: Sequence[Sweep], observer: Observer) -> None:
        self._transactions = transactions
        self._sweeps = sweeps
        self._observer = observer
        self._failing: set[tuple[str, str]] = set()

    async def sweep(self, partitions: Iterable[int]) -> int:
        """One round over all concepts; returns how many customers were fired."""
        mine = sorted(partitions)
        if not mine:
            return 0
        return sum([await self._sweep_one(sweep, mine) for sweep in self._sweeps])

    async def _sweep_one(self, sweep: Sweep, partitions: Sequence[int]) -> int:
        limit = _LOOK // len(partitions) + len(self._failing)
        async with self._transactions.engine.connect() as connection:
            due = await sweep.look(connection, self._transactions.service, partitions, limit=limit)
        fired = [customer for customer in dict.fromkeys(due) if (sweep.name, customer) not in self._failing]
        for begin in range(0, len(fired), _BATCH):
            await self._fire(sweep, fired[begin : begin + _BATCH])
        return len(fired)

    async def _fire(self, sweep: Sweep, customer_ids: Sequence[str]) -> None:
        if not customer_ids:
            return
        try:
            async with self._transactions.begin() as tx:
                free = await lock_free_customers(tx.connection, customer_ids)
                if sweep.limits:
                    tx.limits = await sweep.limits(tx.connection, tx.service, tx.now)
                await sweep.fire(tx, free)
        except Exception as error:
            self._observer.rolled_back(error)
            if not is_permanent(error):
                raise
            if len(customer_ids) == 1:
                self._failing.add((sweep.name, customer_ids[0]))
                self._observer.sweep_failed(sweep.name, why(error))
                return
            middle = len(customer_ids) // 2
            await self._fire(sweep, customer_ids[:middle])
            await self._fire(sweep, customer_ids[middle:])
