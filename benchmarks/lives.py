"""What the rules of churn-alert are asked in memory: some thousand lives as events, half a year of them, out of polls.

Card payments and salaries as every measurement has them, and beside them what makes rules work: several accounts with
balances, logins, complaints, postings that come late or are booked back.
"""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from benchmarks.load import START, history
from rapport.events.bank import AccountChanged, InteractionRecorded, TransactionRecorded
from rapport.events.base import AnyReceived, Event, Received
from rapport.events.feedback import FeedbackClassified

_COUNTERPARTIES = (None, None, "merchant", "person", "own-account", "bank", "cash")
_LATE = (timedelta(hours=3), timedelta(days=1), timedelta(days=9), timedelta(days=50))
Booked = list[TransactionRecorded]


def polls_of(count: int, customers: int, size: int, *, is_plain: bool) -> list[list[AnyReceived]]:
    """`count` events in polls of `size`; `is_plain`: card payments and salaries alone."""
    told = _plain(count, customers) if is_plain else _mixed(count, customers)
    events = (_received(number, at, fact) for number, (at, fact) in enumerate(told))
    return [list(chunk) for chunk in iter(lambda: list(islice(events, size)), [])]


def _plain(count: int, customers: int) -> Iterator[tuple[datetime, Event]]:
    for record in history(count, customers, start=START):
        yield record.at, TransactionRecorded.model_validate_json(record.value)


def _mixed(count: int, customers: int) -> Iterator[tuple[datetime, Event]]:
    rng = random.Random(2)
    booked: Booked = []
    leaves = {f"c-{number:06}": START + timedelta(days=rng.randrange(60, 400)) for number in range(customers)}
    for at, fact in _plain(count, customers):
        assert isinstance(fact, TransactionRecorded)
        customer_id, share = fact.customer_id, rng.random()
        if at > leaves[customer_id] and share < 0.9:
            share = 0.99 if share < 0.02 else 0.0
            customer_id = f"c-{rng.randrange(customers // 10):06}"
        yield at, _made(rng, share, at, fact.model_copy(update={"customer_id": customer_id}), booked)


def _made(rng: random.Random, share: float, at: datetime, fact: TransactionRecorded, booked: Booked) -> Event:
    customer_id = fact.customer_id
    if share >= 0.97:
        cells = {"case_id": fact.transaction_no, "kind": "complaint", "severity": "low", "channel": "mobile"}
        cells |= {"sentiment": rng.choice(["negative", "negative", "neutral"])}
        return FeedbackClassified.model_validate({"customer_id": customer_id, "submitted_at": at, **cells})
    if share >= 0.80:
        cells = {"kind": rng.choice(["login", "login", "visit", "call"]), "channel": "mobile"}
        return InteractionRecorded.model_validate({"customer_id": customer_id, "occurred_at": at, **cells})
    if share >= 0.78:
        cells = {"type": "current", "status": rng.choice(["open", "open", "dormant", "closed"]), "balance": "100.00"}
        cells |= {"account_id": f"a-{customer_id}-{rng.randrange(2)}", "currency": "CNY"}
        when = {"opened_on": START.date(), "as_of": at}
        return AccountChanged.model_validate({"customer_id": customer_id, **when, **cells})
    if share >= 0.75 and booked:
        return _booked_back(rng.choice(booked[-5000:]), fact.transaction_no, at)
    changes = {
        "account_id": f"a-{customer_id}-{rng.randrange(3)}",
        "occurred_at": at - (rng.choice(_LATE) if share < 0.05 else timedelta()),
        "balance_after": f"{rng.randrange(10**8) / 100:.2f}" if rng.random() < 0.5 else None,
        "counterparty_class": rng.choice(_COUNTERPARTIES),
        "product": rng.choice([None, None, "fund-1"]),
        "currency": "USD" if rng.random() < 0.03 else "CNY",
        "amount": f"{rng.randrange(10**8) / 100:.2f}" if rng.random() < 0.02 else fact.amount,
    }
    booked.append(made := TransactionRecorded.model_validate(fact.model_dump() | changes))
    return made


def _booked_back(one: TransactionRecorded, number: str, at: datetime) -> Event:
    taken = {"transaction_no": one.transaction_no, "amount": one.amount, "occurred_at": one.occurred_at}
    turned = "debit" if one.direction == "credit" else "credit"
    changes = {"transaction_no": number, "direction": turned, "occurred_at": at, "reverses": taken}
    return TransactionRecorded.model_validate(one.model_dump() | changes)


def _received(number: int, at: datetime, fact: Event) -> AnyReceived:
    published = int(at.timestamp() * 1000)
    return Received(UUID(int=number), fact, at, at, fact.name, 0, number, published, b"")
