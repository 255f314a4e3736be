"""Plays a history against a real database, in batches and with sweeps as a test likes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.alert.handlers import follow_crossings
from churn_alert.risk.handlers import fire_due_risks, on_behaviour
from rapport.clock import utc_now
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
_STEPS = "SELECT alert_id, number, step, happened_at, done_by, outcome FROM alert_events ORDER BY 1, 2"


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


class Player:
    """One play is one transaction of the database, undone at its end, whatever transactions the service would use."""

    def __init__(self, service: Delivering) -> None:
        self._service = service
        self._rules = service.runtime.composition.state["rules"]
        self._alerting = service.runtime.composition.state["alerting"]
        self._follow = partial(follow_crossings, alerting=self._alerting)

    async def play(self, heard: Sequence[Heard], *, batch: int, sweeps: int) -> History:
        """In batches of that size; between two batches somebody looks that many times, and once long after."""
        customers = sorted({one.event.key for one in heard})
        async with self._service.runtime.engine.connect() as connection:
            now = heard[0].at
            for first in range(0, len(heard), batch):
                part = heard[first : first + batch]
                await self._look(connection, customers, now, part[0].at, sweeps)
                tx = self._begin(connection, customers, datetime.min.replace(tzinfo=UTC))
                events = [received(first + place, one) for place, one in enumerate(part)]
                await on_behaviour(tx, events, rules=self._rules, follow=self._follow)
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
            await fire_due_risks(tx, customers, rules=self._rules, follow=self._follow)
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
