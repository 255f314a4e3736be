"""A service as small as can be, for the tests of delivery: it adds up numbers and tells each sum.

What a number does: 13 is an error of Python, 14 a refusal, 15 is refused without an error, 16 waits for a 17.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel
from sqlalchemy import BigInteger, Column, DateTime, MetaData, SmallInteger, Table, Text, text

from rapport.composition import Composition
from rapport.errors import DomainError
from rapport.events.bank import BankEvent
from rapport.events.base import Event, Received, Token
from rapport.messaging.sweeper import Sweep
from rapport.messaging.transaction import Transaction

metadata = MetaData()
tallies = Table(
    "tallies",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("partition", SmallInteger, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("due_at", DateTime(timezone=True)),
)
MIGRATIONS = Path(__file__).parent / "tally_migrations"


class NumberSaid(BankEvent):
    """A number, said by a customer."""

    name: ClassVar[str] = "number-said"

    customer_id: Token
    number: int


class WordWhispered(BankEvent):
    """A topic that carries free text: what is left of it must be encrypted."""

    name: ClassVar[str] = "word-whispered"
    is_confidential: ClassVar[bool] = True

    customer_id: Token
    number: int
    word: str


class TallyChanged(Event):
    """The sum so far."""

    name: ClassVar[str] = "tally-changed"
    producer: ClassVar[str] = "tally"

    customer_id: Token
    count: int
    total: int


class NumberUnwelcome(DomainError):
    """Fourteen is not welcome."""


class Tally(BaseModel):
    """One row."""

    count: int = 0
    total: int = 0


async def on_numbers_said(tx: Transaction, events: Sequence[Received[NumberSaid | WordWhispered]]) -> None:
    """Adds up, one statement an event: this is a test, not a model of a handler."""
    for event in events:
        match event.data.number:
            case 13:
                raise ZeroDivisionError("secret-value-13")
            case 14:
                raise NumberUnwelcome("number: 14 is not welcome")
            case 15:
                tx.refuse(event, "number: 15 is refused")
                continue
            case 16:
                await tx.park(event, waiting_for=event.data.customer_id)
                continue
            case 17:
                for woken in await tx.wake([event.data.customer_id], at=event.at):
                    await _add(tx, woken)
        await _add(tx, event)


async def _add(tx: Transaction, event: Received[NumberSaid | WordWhispered]) -> None:
    row = (
        await tx.connection.execute(
            text(
                "INSERT INTO tallies VALUES (:id, :partition, 1, :number, :due) ON CONFLICT (customer_id) DO UPDATE "
                "SET count = tallies.count + 1, total = tallies.total + :number RETURNING count, total"
            ),
            {
                "id": event.data.customer_id,
                "partition": tx.partition_of(event.data.customer_id),
                "number": event.data.number,
                "due": event.at if event.data.number == 18 else None,
            },
        )
    ).one()
    fact = TallyChanged(customer_id=event.data.customer_id, count=row.count, total=row.total)
    tx.tell(fact, time=event.at, cause=event)


async def fire_due(tx: Transaction, customer_ids: Sequence[str]) -> None:
    """A tally that falls due is set to zero and told, once, as of the time it fell due."""
    rows = await tx.connection.execute(
        text("SELECT customer_id, due_at FROM tallies WHERE customer_id = ANY(:ids) AND due_at IS NOT NULL"),
        {"ids": list(customer_ids)},
    )
    for row in rows.all():
        if row.due_at <= tx.clock_of(row.customer_id):
            await tx.connection.execute(
                text("UPDATE tallies SET total = 0, due_at = NULL WHERE customer_id = :id"), {"id": row.customer_id}
            )
            fact = TallyChanged(customer_id=row.customer_id, count=0, total=0)
            tx.tell(fact, time=row.due_at, cause=f"tally:{row.customer_id}:{row.due_at.isoformat()}")


def compose() -> Composition:
    """The tally service."""
    return Composition(
        name="tally",
        title="Tally",
        description="Adds up numbers",
        migrations=MIGRATIONS,
        metadata=metadata,
        subscriptions={NumberSaid: on_numbers_said, WordWhispered: on_numbers_said},
        routers=(),
        problems={NumberUnwelcome: (409, "Fourteen")},
        sweeps=(Sweep("tally", tallies, fire_due),),
    )
