"""Two cores that do not speak the contract end as the same transactions do when they are told by it: in scoring too."""

import asyncio
import base64
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord

from customer_profile.adapter.mappings import EXAMPLES
from deploy.local.stack import Stack, every_topic
from rapport.events.bank import DayClosed, TransactionRecorded
from rapport.messaging.beginnings import write_beginnings
from rapport.messaging.records import RawRecord
from rapport.messaging.worker import cancel
from tests.customer_profile.adapter.cores import (
    FINERACT,
    FINERACT_ACCOUNTS,
    KEY,
    LEGACY,
    MORNING,
    Booking,
    RawFeed,
    account_told,
    history,
    tokens,
    told_of,
)
from tests.support.delivering import Delivering, Feed
from tests.support.serving import SUBJECTS
from tests.support.stack import FreshDatabase, Topics

RAW = (FINERACT, FINERACT_ACCOUNTS, LEGACY)
OF_LEGACY = [f"6222020000{n:06}" for n in range(6)]
OF_FINERACT = [f"0000{n:05}" for n in range(6)]
REPEATS = 40
WHOLE = (
    "customer_id, transactions, credits_minor, debits_minor, opening_minor, own_minor, penalty_interests, overdrafts, "
    "active_days_from, active_days, month, month_moved, month_moment, month_moved_before, month_moment_before, "
    "first_days"
)
Message = tuple[str, str, bytes]


@pytest.fixture
async def start(
    stack: Stack, topics: Topics, fresh_database: Callable[..., FreshDatabase], key_folder: Path
) -> AsyncIterator[Callable[..., Awaitable[Delivering]]]:
    """`await start("scoring")`: a service over a database of its own; customer-profile with topics and adapters too."""
    started: list[Delivering] = []
    (key_folder / "token-key").write_text("1:" + base64.b64encode(KEY).decode())

    async def make(package: str) -> Delivering:
        subject, groups = SUBJECTS[package], dict[str, Any]()
        if package == "customer_profile":
            kafka = {"bootstrap_servers": stack.bootstrap_servers, "session_timeout_ms": 6000}
            groups["kafka"] = kafka | {"topic_prefix": await topics.make([*every_topic(), *RAW])}
            groups["adapter"] = {"folder": str(EXAMPLES), "token_key_file": str(key_folder / "token-key")}
        settings = subject.settings(fresh_database(package), key_folder, mode="wall", **groups)
        delivering = Delivering(subject.runtime(settings))
        started.append(delivering)
        if package == "customer_profile":
            await write_beginnings(delivering.runtime.url, settings.kafka, delivering.runtime.composition.subscriptions)
        else:
            await delivering.begin()
        return delivering

    yield make
    for delivering in started:
        await delivering.runtime.close()


def fineract_account(number: str, client: int) -> bytes:
    data = {
        "accountNo": number,
        "clientId": client,
        "status": {"code": "savingsAccountStatusType.active"},
        "timeline": {"activatedOnDate": "2020-01-01"},
        "currency": {"code": "CNY"},
        "summary": {"accountBalance": 0.0},
    }
    return json.dumps({"type": "Activated", "createdAt": MORNING.isoformat(), "data": data}).encode()


def holder_of(core: str, account: str) -> str:
    """Two accounts a customer."""
    return f"c-{int(account[-2:]) // 2}" if core == "legacy" else tokens(core).customer(str(int(account[-2:]) // 2))


def stream(bookings: dict[str, list[Booking]], chance: Random) -> list[Message]:
    """All bookings in any order, some twice, the accounts anywhere among them."""
    feed, messages = RawFeed(), list[Message]()
    for core, made in bookings.items():
        for booking in made + chance.sample(made, REPEATS // 2):
            raw = feed.booking(core, booking)
            messages.append((raw.topic, booking.account, raw.value or b""))
    messages += [(FINERACT_ACCOUNTS, one, fineract_account(one, int(one[-2:]) // 2)) for one in OF_FINERACT]
    chance.shuffle(messages)
    return messages


async def send(service: Delivering, messages: Sequence[Message]) -> None:
    kafka, accounts = service.runtime.settings.kafka, Feed()
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap_servers, acks="all") as producer:
        for topic, key, value in messages[: len(messages) // 2]:
            await producer.send_and_wait(kafka.topic_prefix + topic, value, key=key.encode())
        for number in OF_LEGACY:
            account = account_told("legacy", number, holder_of("legacy", number))
            raw = accounts.record(account, time=MORNING)
            topic = kafka.topic_prefix + raw.topic
            await producer.send_and_wait(topic, raw.value, key=raw.key, headers=list(raw.headers))
        for topic, key, value in messages[len(messages) // 2 :]:
            await producer.send_and_wait(kafka.topic_prefix + topic, value, key=key.encode())
        feed = RawFeed()
        for core, partition in ((core, number) for core in ("legacy", "fineract") for number in range(24)):
            mark = feed.day_end(core, date(2026, 3, 31), partition)
            await producer.send_and_wait(kafka.topic_prefix + mark.topic, mark.value, partition=partition)


async def until_told(service: Delivering, stack: Stack, count: int) -> list[ConsumerRecord]:
    """What lies on transaction-recorded once so many records do and no more come."""
    topic = f"{service.runtime.settings.kafka.topic_prefix}transaction-recorded"
    reader = AIOKafkaConsumer(topic, bootstrap_servers=stack.bootstrap_servers, auto_offset_reset="earliest")
    await reader.start()
    read: list[ConsumerRecord] = []
    try:
        async with asyncio.timeout(90):
            while len(read) < count:
                read += [r for records in (await reader.getmany(timeout_ms=500)).values() for r in records]
        read += [r for records in (await reader.getmany(timeout_ms=1500)).values() for r in records]
    finally:
        await reader.stop()
    return read


async def standings(scoring: Delivering) -> tuple[list[Any], dict[str, list[float]]]:
    whole = [tuple(row) for row in await scoring.rows(f"SELECT {WHOLE} FROM standings ORDER BY customer_id")]
    sums = await scoring.rows("SELECT * FROM standings ORDER BY customer_id")
    return whole, {row.customer_id: [cell for cell in row if isinstance(cell, float)] for row in sums}


async def test_shuffled_repeated_orphaned_and_reversed_they_end_as_the_contracts_own(
    start: Callable[..., Awaitable[Delivering]], stack: Stack
) -> None:
    bookings = {"legacy": history("legacy", OF_LEGACY, days=8), "fineract": history("fineract", OF_FINERACT, days=8)}
    expected = [told_of(core, b, holder_of(core, b.account)) for core, made in bookings.items() for b in made]
    service = await start("customer_profile")
    working = asyncio.create_task(service.runtime.worker().run())
    try:
        await send(service, stream(bookings, Random(5)))
        read = await until_told(service, stack, len(expected) + 24)
        counts = await service.counts()
    finally:
        await cancel(working)
    marks = [record for record in read if dict(record.headers)["ce_type"] == DayClosed.wire_type().encode()]
    facts = [record for record in read if record not in marks]
    assert sorted(mark.partition for mark in marks) == list(range(24)) and len(read) == len(expected) + 24
    told = Counter(TransactionRecorded.model_validate_json(record.value).model_dump_json() for record in facts)
    assert told == Counter(fact.model_dump_json() for fact in expected)
    # What is parked still are the accounts: nobody has recorded the customers.
    assert (counts["duplicate"], counts["dead_lettered"], counts["parked"]) == (REPEATS, 0, 12)

    by_adapter, by_contract = await start("scoring"), await start("scoring")
    raws = [
        RawRecord("transaction-recorded", r.partition, r.offset, r.timestamp, r.key, r.value, r.headers) for r in read
    ]
    await by_adapter.deliver(*sorted(raws, key=lambda raw: (raw.partition, raw.offset)))
    assert (await by_adapter.counts())["applied"] == len(expected)
    await by_contract.deliver(*[by_contract.feed.record(fact, time=fact.occurred_at) for fact in expected])
    (whole, sums), (wanted, wanted_sums) = await standings(by_adapter), await standings(by_contract)
    assert whole == wanted and len(whole) == 6
    for customer, values in sums.items():
        assert values == pytest.approx(wanted_sums[customer], rel=1e-9)


def test_the_history_of_the_test_holds_what_it_is_about() -> None:
    made = history("legacy", OF_LEGACY, days=8)
    assert sum(booking.original is not None for booking in made) > 5
    assert max(booking.at for booking in made) < MORNING.astimezone(UTC) + timedelta(days=20)
