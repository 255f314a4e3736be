"""Plays a history of feedback and answers against a real database, in batches and with sweeps as a test likes."""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from feedback.case.handlers import answers
from feedback.case.handlers.deadlines import fire_due_clocks
from feedback.case.handlers.submissions import on_feedback_submitted
from rapport.clock import utc_now
from rapport.errors import DomainError
from rapport.events.base import Received
from rapport.ids import derived_id
from rapport.messaging.partitions import partition_of
from rapport.messaging.transaction import Transaction
from rapport.privacy.keyring import Keyring
from tests.feedback.said import DAY, submitted
from tests.support.delivering import Delivering

CUSTOMERS = ["c-1", "c-2", "c-3"]
Deed = Literal["submit", "respond", "resolve", "reopen"]


@dataclass(frozen=True)
class Step:
    """At this moment a customer submits something, `late` after it was said, or staff do something to a case."""

    at: datetime
    customer_id: str
    deed: Deed
    number: int
    kind: str = "complaint"
    late: timedelta = timedelta(0)


@dataclass
class History:
    """Everything that can be seen afterwards; `told` with the ids of what silence told, since those are derived."""

    cases: list[Any] = field(default_factory=list)
    clocks: list[Any] = field(default_factory=list)
    events: list[Any] = field(default_factory=list)
    told: list[Any] = field(default_factory=list)


def received(step: Step) -> Received[Any]:
    """The event of a submission."""
    said_at = step.at - step.late
    data = submitted(step.customer_id, kind=step.kind, submitted_at=said_at, text=f"words {step.number}")
    identifier = derived_id(said_at, "test", step.number)
    where = ("feedback-submitted", partition_of(step.customer_id), step.number)
    return Received(identifier, data, said_at, step.at, *where, published_ms=0, fingerprint=b"")


class Player:
    """One play is one transaction of the database, undone at its end, whatever transactions the service would use."""

    def __init__(self, service: Delivering) -> None:
        self._service = service
        self._keyring: Keyring = service.runtime.composition.state["keyring"]

    async def play(self, steps: Sequence[Step], *, batch: int, sweeps: int) -> History:
        """Submissions in a row come in batches of that size; between two deeds somebody looks that many times."""
        async with self._service.runtime.engine.connect() as connection:
            self._connection: AsyncConnection = connection
            opened: dict[str, list[UUID]] = {customer: [] for customer in CUSTOMERS}
            now = steps[0].at if steps else utc_now()
            for is_submission, run in groupby(steps, key=lambda step: step.deed == "submit"):
                group = list(run)
                size = batch if is_submission else 1
                for first in range(0, len(group), size):
                    part = group[first : first + size]
                    await self._look(now, part[0].at, sweeps)
                    now = part[-1].at
                    await (self._submit(part, opened) if is_submission else self._act(part[0], opened))
            await self._look(now, now + 9 * DAY, sweeps + 1)
            history = await self._seen()
            await connection.rollback()
        return history

    def _begin(self, at: datetime) -> Transaction:
        tx = Transaction(self._service.service, self._connection, utc_now())
        tx.positions = {partition_of(customer): at for customer in CUSTOMERS}
        return tx

    async def _look(self, since: datetime, until: datetime, times: int) -> None:
        for look in range(1, times + 1):
            tx = self._begin(since + (until - since) * look / times)
            await fire_due_clocks(tx, CUSTOMERS)
            await tx.flush()

    async def _submit(self, steps: Sequence[Step], opened: dict[str, list[UUID]]) -> None:
        events = [received(step) for step in steps]
        tx = self._begin(datetime.min.replace(tzinfo=steps[0].at.tzinfo))
        await on_feedback_submitted(tx, events, keyring=self._keyring)
        await tx.flush()
        for event in events:
            opened[event.data.customer_id].append(derived_id(event.time, "case", event.id))

    async def _act(self, step: Step, opened: dict[str, list[UUID]]) -> None:
        cases = opened[step.customer_id]
        if not cases:
            return
        case_id = cases[step.number % len(cases)]
        tx = self._begin(step.at)
        with suppress(DomainError):  # refused: the request is rolled back, and what fell due stays due
            async with self._connection.begin_nested():
                match step.deed:
                    case "respond":
                        await answers.respond(tx, case_id, "answer", keyring=self._keyring, by="e-1")
                    case "resolve":
                        await answers.resolve(tx, case_id, "fee", by="e-1")
                    case _:
                        await answers.reopen(tx, case_id, "reason", keyring=self._keyring, by="e-1")
                await tx.flush()

    async def _seen(self) -> History:
        cases = (
            "SELECT case_id, customer_id, kind, priority, status, run, submitted_at, root_cause FROM cases ORDER BY 1"
        )
        clocks = "SELECT * FROM case_clocks ORDER BY case_id, run, clock"
        events = "SELECT case_id, run, happening, happened_at, actor, root_cause FROM case_events ORDER BY 1, 2, 3"
        told = await self._rows("SELECT event_id, topic, value FROM outbox")
        facts = [(topic, json.loads(value), topic == "response-overdue" and str(event)) for event, topic, value in told]
        return History(
            await self._rows(cases), await self._rows(clocks), await self._rows(events), sorted(facts, key=repr)
        )

    async def _rows(self, sql: str) -> list[Any]:
        return [tuple(row) for row in await self._connection.execute(text(sql))]
