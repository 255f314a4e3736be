"""Plays a history of facts against a real database, in batches and with sweeps as a test likes."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.lifecycle.handlers import fire_due_lives
from churn_alert.lifecycle.store.lives import load
from rapport.clock import utc_now
from rapport.events.bank import TransactionRecorded
from rapport.messaging.partitions import partition_of
from rapport.messaging.transaction import Transaction
from tests.churn_alert.lives import DAY, START, Heard, received
from tests.support.delivering import Delivering

_TRANSITIONS = """
SELECT customer_id, revision, previous, stage, rule, cause, happened_at, rules_version, consent_version
FROM lifecycle_transitions ORDER BY 1, 2
"""
_LIVES = """
SELECT customer_id, accounts, stage, since, rule, revision, over_since, unit, profile_revision
FROM lifecycles ORDER BY 1
"""
_TOLD = "SELECT event_id, value FROM outbox WHERE topic LIKE '%lifecycle-changed' ORDER BY event_id"


class Stages(NamedTuple):
    """Everything that can be seen afterwards but when to look next, which may be early."""

    lives: list[Mapping[str, Any]]
    transitions: list[Any]
    told: list[Any]


class Player:
    """One play is one transaction of the database, undone at its end."""

    def __init__(self, service: Delivering) -> None:
        composition = service.runtime.composition
        self._service = service
        self._handler = composition.subscriptions[TransactionRecorded]
        self._rules = composition.state["stages"]

    async def play(self, heard: Sequence[Heard], *, batch: int, sweeps: int, days: int = 800) -> Stages:
        """In batches of that size; between two somebody looks that many times, and once long after the end."""
        customers = sorted({one.event.key for one in heard})
        end = max(one.at for one in heard) + days * DAY
        async with self._service.runtime.engine.connect() as connection:
            now = heard[0].at
            for first in range(0, len(heard), batch):
                part = heard[first : first + batch]
                await self._look(connection, customers, now, part[0].at, sweeps)
                tx = self._begin(connection, customers, START)
                await self._handler(tx, [received(first + place, one) for place, one in enumerate(part)])
                await tx.flush()
                now = part[-1].at
            await self._look(connection, customers, now, end, sweeps + 1)
            seen = await self._seen(connection)
            await connection.rollback()
        return seen

    def _begin(self, connection: AsyncConnection, customers: Sequence[str], at: datetime) -> Transaction:
        tx = Transaction(self._service.service, connection, utc_now())
        tx.positions = {partition_of(customer): at for customer in customers}
        return tx

    async def _look(
        self, connection: AsyncConnection, customers: Sequence[str], since: datetime, until: datetime, times: int
    ) -> None:
        for look in range(1, times + 1):
            at = since + (until - since) * look / times
            tx = self._begin(connection, customers, at)
            due = [one.customer_id for one in (await load(connection, customers)).values() if one.due_at]
            await fire_due_lives(tx, due, rules=self._rules)
            await tx.flush()

    async def _seen(self, connection: AsyncConnection) -> Stages:
        rows = [dict(row) for row in (await connection.execute(text(_LIVES))).mappings()]
        moved = [tuple(row) for row in await connection.execute(text(_TRANSITIONS))]
        told = [(str(row[0]), json.loads(row[1])) for row in await connection.execute(text(_TOLD))]
        return Stages(rows, moved, told)
