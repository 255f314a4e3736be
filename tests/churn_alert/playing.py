"""Plays a history against a real database, in batches and with sweeps as a test likes."""

import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.alert.acts import Act
from churn_alert.alert.store.alerts import open_alerts
from rapport.clock import utc_now
from rapport.events.bank import TransactionRecorded
from rapport.messaging.partitions import partition_of
from rapport.messaging.transaction import Transaction
from tests.churn_alert.lives import DAY, Heard, received
from tests.support.delivering import Delivering

_RISKS = "SELECT * FROM risks ORDER BY customer_id"
_CROSSINGS = (
    "SELECT crossing_id, customer_id, direction, cause, probability, crossed_at FROM risk_crossings ORDER BY 6, 1"
)
_TALLIES = (
    "SELECT customer_id, stream, channel, product, account_id, times, minor, first_at, last_at FROM behaviour_tallies "
    "ORDER BY 1, 2, 3, 4, 5"
)
_PACES = (
    "SELECT month, quarter, month_minor, quarter_minor FROM behaviour_tallies "
    "ORDER BY customer_id, stream, channel, product, account_id"
)
_ALERTS = "SELECT * FROM alerts ORDER BY opened_at, alert_id"
_STEPS = (
    "SELECT alert_id, number, step, happened_at, done_by, outcome, owner, escalation, snoozed_until"
    " FROM alert_events ORDER BY 1, 2"
)


@dataclass
class History:
    """Everything that can be seen afterwards; `told` with its ids, since all of it is derived. `paces` are equal to a
    rounding: a batch adds up what it counted before it adds that to what is there."""

    risks: list[Any] = field(default_factory=list)
    crossings: list[Any] = field(default_factory=list)
    alerts: list[Any] = field(default_factory=list)
    steps: list[Any] = field(default_factory=list)
    told: list[Any] = field(default_factory=list)
    tallies: list[Any] = field(default_factory=list)
    paces: list[float] = field(default_factory=list, compare=False)


class Deed(NamedTuple):
    """What somebody does at a moment about the open alert of a customer who has one."""

    at: datetime
    customer_id: str
    act: Callable[[Transaction, Act], Awaitable[Any]]


def _parts(
    heard: Sequence[Heard], batch: int, moments: Sequence[datetime]
) -> Iterator[tuple[int, Sequence[Heard] | datetime]]:
    """What is handled at once, and the moments between: a batch ends where somebody does something."""
    begin = 0
    for moment in [*sorted(set(moments)), None]:
        end = len(heard) if moment is None else sum(one.at <= moment for one in heard)
        for first in range(begin, end, batch):
            yield first, heard[first : min(first + batch, end)]
        if moment is not None:
            yield end, moment
        begin = end


class Player:
    """One play is one transaction of the database, undone at its end, whatever transactions the service would use."""

    def __init__(self, service: Delivering) -> None:
        self._service = service
        self._composition = service.runtime.composition

    async def play(self, heard: Sequence[Heard], *, batch: int, sweeps: int, deeds: Sequence[Deed] = ()) -> History:
        """In batches of that size; between two batches somebody looks that many times, and once long after. What people
        do they do at their moment, whatever is handled by then."""
        customers = sorted({one.event.key for one in heard})
        handler = self._composition.subscriptions[TransactionRecorded]
        async with self._service.runtime.engine.connect() as connection:
            now = heard[0].at
            for first, part in _parts(heard, batch, [deed.at for deed in deeds]):
                if isinstance(part, datetime):
                    # They act on what they see: somebody has looked by then.
                    await self._look(connection, customers, now, part, max(sweeps, 1))
                    await self._do(connection, customers, [deed for deed in deeds if deed.at == part])
                    now = part
                    continue
                await self._look(connection, customers, now, part[0].at, sweeps)
                tx = self._begin(connection, customers, datetime.min.replace(tzinfo=UTC))
                await handler(tx, [received(first + place, one) for place, one in enumerate(part)])
                await tx.flush()
                now = part[-1].at
            await self._look(connection, customers, now, now + 200 * DAY, sweeps + 1)
            history = await self._seen(connection)
            await connection.rollback()
        return history

    def _begin(self, connection: AsyncConnection, customers: Sequence[str], at: datetime) -> Transaction:
        tx = Transaction(self._service.service, connection, utc_now())
        tx.positions = {partition_of(customer): at for customer in customers}
        return tx

    async def _look(
        self, connection: AsyncConnection, customers: Sequence[str], since: datetime, until: datetime, times: int
    ) -> None:
        for look in range(1, times + 1):
            tx = self._begin(connection, customers, since + (until - since) * look / times)
            for sweep in self._composition.sweeps:
                await sweep.fire(tx, customers)
            await tx.flush()

    async def _do(self, connection: AsyncConnection, customers: Sequence[str], deeds: Sequence[Deed]) -> None:
        for deed in deeds:
            tx = self._begin(connection, customers, deed.at)
            for alert in (await open_alerts(connection, [deed.customer_id])).values():
                await deed.act(tx, Act(alert.alert_id, "e-1", self._composition.state["alerting"]))
            await tx.flush()

    async def _seen(self, connection: AsyncConnection) -> History:
        async def rows(sql: str) -> list[Any]:
            return [tuple(row) for row in await connection.execute(text(sql))]

        told = await rows("SELECT event_id, topic, value FROM outbox")
        facts = [(topic, str(event), json.loads(value)) for event, topic, value in told]
        return History(
            [dict(row) for row in (await connection.execute(text(_RISKS))).mappings()],
            await rows(_CROSSINGS),
            await rows(_ALERTS),
            await rows(_STEPS),
            sorted(facts, key=lambda fact: fact[:2]),
            await rows(_TALLIES),
            [pace for row in await rows(_PACES) for pace in row],
        )
