"""Facts of the bank as the tests need them, and what the service told of them."""

import json
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from rapport.events.bank import Holding, HoldingChanged, TransactionRecorded
from rapport.events.base import Event
from rapport.messaging.records import RawRecord
from tests.support.delivering import Delivering

MONDAY = datetime(2025, 3, 3, 2, tzinfo=UTC)
DAY = timedelta(days=1)


def transaction(at: datetime = MONDAY, customer_id: str = "c-1", **fields: Any) -> TransactionRecorded:
    """A card purchase of 100.00 CNY, unless `fields` say otherwise."""
    given = {
        "source": "core",
        "transaction_no": f"t-{at.timestamp():.0f}",
        "account_id": f"a-{customer_id}",
        "customer_id": customer_id,
        "amount": "100.00",
        "currency": "CNY",
        "direction": "debit",
        "kind": "card-purchase",
        "initiator": "customer",
        "channel": "card",
        "occurred_at": at,
    }
    return TransactionRecorded.model_validate(given | fields)


def salary(
    at: datetime = MONDAY, customer_id: str = "c-1", amount: str = "9000.00", **fields: Any
) -> TransactionRecorded:
    """Income, booked by the bank."""
    income = {"direction": "credit", "kind": "salary", "initiator": "automatic", "channel": "batch", "amount": amount}
    return transaction(at, customer_id, **income | fields)


def holdings(
    revision: int, *amounts: str, customer_id: str = "c-1", at: datetime = MONDAY, **fields: Any
) -> HoldingChanged:
    """Wealth products of these amounts."""
    base = {"kind": "wealth", "currency": "CNY"} | fields
    held = tuple(
        Holding.model_validate({"product": f"W{n}", "amount": amount} | base) for n, amount in enumerate(amounts)
    )
    return HoldingChanged(customer_id=customer_id, holdings=held, as_of=at, revision=revision)


def moment_of(fact: Event) -> datetime:
    """When the bank says it happened."""
    return getattr(fact, "occurred_at", None) or getattr(fact, "as_of")  # noqa: B009 - one of the two


def record(service: Delivering, fact: Event, **options: Any) -> RawRecord:
    """The fact as a record whose business time is the fact's own."""
    return service.feed.record(fact, **{"time": moment_of(fact)} | options)


async def deliver(service: Delivering, *facts: Event) -> None:
    """One poll with these facts."""
    await service.deliver(*[record(service, fact) for fact in facts])


async def told(service: Delivering) -> list[dict[str, Any]]:
    """The tier changes that wait in the outbox, in the order they were told."""
    rows = await service.rows("SELECT event_id, value FROM outbox WHERE topic = 'tier-changed' ORDER BY outbox_id")
    return [{"event_id": str(row.event_id)} | json.loads(row.value) for row in rows]


STANDINGS = (
    "SELECT (jsonb_populate_record(s, jsonb_strip_nulls(to_jsonb(d)))).*, d.due_at "
    "FROM standings s LEFT JOIN due_times d USING (customer_id) "
)
"""Every standing whole: what silence decided since an event wrote the row lies beside it."""


async def standing(service: Delivering, customer_id: str = "c-1") -> Any:
    """The customer's standing."""
    (row,) = await service.rows(STANDINGS + "WHERE s.customer_id = :id", id=customer_id)
    return row


def life(seed: int, customers: int, days: int, *, start: datetime = MONDAY) -> list[Event]:
    """A small bank in order of time: salaries, purchases, holdings, long silences, reversals, overdrafts, dollars."""
    draw = Random(seed)
    facts: list[Event] = []
    for number in range(customers):
        facts += _life_of(draw, f"c-{number}", days, start)
    return sorted(facts, key=moment_of)


def _life_of(draw: Random, customer_id: str, days: int, start: datetime) -> list[Event]:
    facts: list[Event] = []
    balance, income, silent_from = (
        draw.randrange(500, 90_000),
        draw.randrange(2_000, 60_000),
        draw.randrange(days // 3, days),
    )
    for day in range(days):
        at = start + day * DAY + timedelta(seconds=draw.randrange(80_000), milliseconds=draw.randrange(1000))
        if day % 30 == 5 and draw.random() < 0.9:
            balance += income
            facts.append(salary(at, customer_id, f"{income}.00", balance_after=f"{balance}.00"))
        if day % 50 == 7:
            amounts = [f"{draw.randrange(200_000)}.00" for _ in range(draw.randrange(4))]
            facts.append(holdings(day // 50 + 1, *amounts, customer_id=customer_id, at=at))
        if day < silent_from and draw.random() < 0.3:
            spent = draw.randrange(1, 4_000)
            balance -= spent
            fields: dict[str, Any] = {"amount": f"{spent}.00", "balance_after": f"{balance}.00"}
            if draw.random() < 0.1:
                fields = {"amount": f"{spent}.00", "currency": "USD"}
            facts.append(transaction(at + timedelta(minutes=1), customer_id, **fields))
            if draw.random() < 0.1:
                facts.append(reversal(facts[-1], at + timedelta(hours=draw.randrange(1, 200))))
    return facts


def reversal(of: Event, at: datetime) -> TransactionRecorded:
    """Takes a transaction back, booked at `at`."""
    assert isinstance(of, TransactionRecorded)
    undone = {"transaction_no": of.transaction_no, "amount": of.amount, "occurred_at": of.occurred_at}
    undone |= {"balance_after": of.balance_after}
    other = "debit" if of.direction == "credit" else "credit"
    return of.model_copy(
        update={
            "transaction_no": f"r-{of.transaction_no}",
            "direction": other,
            "occurred_at": at,
            "balance_after": None,
        }
        | {"reverses": TransactionRecorded.model_validate(of.model_dump() | {"reverses": undone}).reverses}
    )
