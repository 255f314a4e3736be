"""Customers for tests: what they do, told as the bank tells it, and whole lives drawn from a seed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from churn_alert.risk.documents import read_document
from churn_alert.risk.domain.behaviour import Bank, Risk, fold_negative_feedback, fold_posting, fold_use
from churn_alert.risk.domain.crossing import Crossing, Rules, catch_up, decide
from churn_alert.risk.facts import posting_of
from churn_alert.risk.normal_ranges import read_ranges
from rapport.events.bank import InteractionRecorded, ReversedTransaction, TransactionRecorded
from rapport.events.base import Event, Received
from rapport.events.feedback import FeedbackClassified
from rapport.ids import derived_id
from rapport.messaging.partitions import partition_of

START = datetime(2025, 1, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
BANK = Bank("CNY", ZoneInfo("Asia/Shanghai"))
RULES = Rules(BANK, read_document().model(), read_ranges().ranges())


@dataclass(frozen=True)
class Heard:
    """An event as it comes to the service at a moment of its own: on time, or late."""

    at: datetime
    event: Event


def paid(customer_id: str, at: datetime, amount: str = "35.00", **fields: Any) -> TransactionRecorded:
    """The customer pays somebody by card; `fields` replace what is said of it."""
    said: dict[str, Any] = {
        "source": "core",
        "transaction_no": "t-1",
        "account_id": f"a-{customer_id}",
        "customer_id": customer_id,
        "amount": amount,
        "currency": "CNY",
        "direction": "debit",
        "kind": "card-purchase",
        "initiator": "customer",
        "channel": "card",
        "counterparty_class": "merchant",
        "occurred_at": at,
    }
    return TransactionRecorded(**(said | fields))


def salary(customer_id: str, at: datetime, amount: str = "9000.00") -> TransactionRecorded:
    """The employer pays."""
    income = {"direction": "credit", "kind": "salary", "initiator": "automatic", "channel": "batch"}
    return paid(customer_id, at, amount, **income, counterparty_class="employer")


def taken_back(of: TransactionRecorded, at: datetime) -> TransactionRecorded:
    """The bank books a transaction back."""
    return of.model_copy(
        update={
            "transaction_no": f"{of.transaction_no}-r",
            "direction": "credit" if of.direction == "debit" else "debit",
            "occurred_at": at,
            "reverses": ReversedTransaction(
                transaction_no=of.transaction_no, amount=of.amount, occurred_at=of.occurred_at
            ),
        }
    )


def used(customer_id: str, at: datetime) -> InteractionRecorded:
    """The customer logs in."""
    return InteractionRecorded(customer_id=customer_id, kind="login", channel="mobile", occurred_at=at)


def complained(customer_id: str, at: datetime, sentiment: Any = "negative") -> FeedbackClassified:
    """What feedback tells of a complaint."""
    said: dict[str, Any] = {"case_id": "case-1", "kind": "complaint", "severity": "high", "channel": "mobile"}
    return FeedbackClassified(customer_id=customer_id, sentiment=sentiment, submitted_at=at, **said)


def when(event: Any) -> datetime:
    """When it happened."""
    named = ("occurred_at", "submitted_at", "as_of")
    moment: datetime = next(getattr(event, name) for name in named if name in type(event).model_fields)
    return moment


def steady(customer_id: str, days: int, *, every: timedelta = DAY, start: datetime = START) -> list[Event]:
    """A customer who pays at the same pace and is paid once a month."""
    events: list[Event] = []
    for number in range(int(days * DAY / every)):
        events.append(paid(customer_id, start + number * every, transaction_no=f"t-{number}"))
    events += [salary(customer_id, start + month * 30 * DAY + HOUR) for month in range(days // 30 + 1)]
    return sorted(events, key=when)


def drawn(random: Random, customer_id: str, *, days: int = 330) -> list[Event]:
    """A life with a pace of its own, pay days, complaints, outflows, long pauses and perhaps an end of it all."""
    events: list[Event] = []
    pace, ends = random.choice([0.15, 0.4, 1.0]), random.choice([days, days, days * 0.6, days * 0.4])
    pause_from, pause = random.uniform(90, days), random.choice([0, 20, 60, 130])
    now = 0.0
    while (now := now + random.expovariate(pace)) < days:
        at = START + timedelta(days=now)
        if pause_from <= now < pause_from + pause or now > ends:
            continue
        match random.random():
            case draw if draw < 0.6:
                events.append(paid(customer_id, at, f"{random.randint(1, 300)}.00"))
            case draw if draw < 0.9:
                events.append(used(customer_id, at))
            case draw if draw < 0.92:
                events.append(complained(customer_id, at))
            case _:
                big = {"kind": "transfer-out", "counterparty_class": "other-bank"}
                events.append(paid(customer_id, at, f"{random.randint(1000, 9000)}.00", **big))
    events += [salary(customer_id, START + timedelta(days=5.0 + 30 * month)) for month in range(int(ends // 30))]
    back = [event for event in events if isinstance(event, TransactionRecorded) and random.random() < 0.03]
    events += [taken_back(event, event.occurred_at + random.uniform(0.1, 9) * DAY) for event in back]
    return sorted(events, key=when)


def heard(events: Iterable[Event]) -> list[Heard]:
    """Each on time, in their order."""
    return sorted((Heard(when(event), event) for event in events), key=lambda one: (one.at, one.event.key))


def received(number: int, one: Heard) -> Received[Any]:
    """As a handler gets it; saying the same is being the same event, whenever it is heard."""
    identifier = derived_id(when(one.event), "test", one.event.model_dump_json())
    where = (one.event.name, partition_of(one.event.key), number)
    return Received(identifier, one.event, when(one.event), one.at, *where, published_ms=0, fingerprint=b"")


def fold(risk: Risk, event: Event) -> None:
    """As the handler folds."""
    match event:
        case TransactionRecorded():
            fold_posting(risk, posting_of(event, BANK), BANK.zone)
        case InteractionRecorded():
            fold_use(risk, event.occurred_at, BANK.zone)
        case FeedbackClassified(sentiment="negative"):
            fold_negative_feedback(risk, event.submitted_at)


def lived(events: Iterable[Event], *, rules: Rules = RULES) -> tuple[Risk, list[Crossing]]:
    """One customer after these events, decided at each of them, and the crossings on the way."""
    risk, crossings = Risk("c-1"), []
    for event in events:
        crossings.append(catch_up(risk, rules, when(event)))
        fold(risk, event)
        crossings.append(decide(risk, rules, when(event)))
    return risk, [crossing for crossing in crossings if crossing is not None]
