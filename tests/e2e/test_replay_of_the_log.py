"""The log read again comes to the very rows that are live, and to those that were; by other rules to others."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime

import pytest
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from sqlalchemy import text

from deploy.local.stack import Stack
from rapport.clock import utc_now
from rapport.composition import Runtime
from rapport.events import catalogue
from rapport.messaging.history import History, lengths
from rapport.messaging.log import HistoryMissing, KafkaLog
from scoring.replay.handlers import deciding, replay
from scoring.scorecard.domain import Scorecards
from scoring.standing.domain.rules import Rules
from scoring.standing.domain.state import Standing
from scoring.standing.store.book import fingerprint
from scoring.standing.store.standings import load
from simulator.bank import Bank, Plan
from simulator.publisher import publish
from simulator.wire import Record, Wire
from tests.e2e.system import PARTITIONS, System
from tests.support.stack import FreshDatabase, Topics

PLAN = Plan(seed=11, customers=40, months=6, decliners=0.3)
HEARD = ("transaction-recorded", "holding-changed")
TOPICS = {
    *HEARD,
    *(event.name for event in catalogue.topics() if event.producer == "scoring"),
    "customer-profiled",
    "exchange-rate-set",
    "lifecycle-changed",
    "consent-changed",
    "customer-erased",
    "employee-changed",
    "customers-merged",
    "customers-unmerged",
    "scoring.dead-letter",
}


@pytest.fixture
async def system(stack: Stack, topics: Topics, fresh_database: Callable[..., FreshDatabase]) -> AsyncIterator[System]:
    made = System(stack, await topics.make(TOPICS, partitions=PARTITIONS))
    await made.add("scoring", fresh_database("scoring"), max_poll_records=500)
    yield made
    await made.close()


def history_of(system: System, plan: Plan = PLAN) -> list[Record]:
    heard = {system.prefix + name for name in HEARD}
    bank = Bank(plan, Wire(prefix=system.prefix, partitions=PARTITIONS))
    return [record for record in bank.records() if record.topic in heard]


def end_of_a_day(history: list[Record]) -> int:
    """Where the marks of some day in the middle end: there nothing that was published waits for anything."""
    place = len(history) // 2
    while not is_mark(history[place]):
        place += 1
    while is_mark(history[place]):
        place += 1
    return place


def is_mark(record: Record) -> bool:
    return b"day-closed" in dict(record.headers)["ce_type"]


async def live(runtime: Runtime) -> dict[str, Standing]:
    """Every row as the rules take it."""
    async with runtime.engine.connect() as connection:
        ids = (await connection.execute(text("SELECT customer_id FROM standings"))).scalars().all()
        return await load(connection, ids)


async def replayed(runtime: Runtime, *rules: Rules, until: datetime | None = None) -> list[dict[str, Standing]]:
    """The books of all partitions, one for each of these rules."""
    books: list[dict[str, Standing]] = [{} for _ in rules]
    for partition in range(PARTITIONS):
        history = History(KafkaLog(runtime.settings.kafka), deciding(runtime.transactions.service), partition)
        part = await replay(history, list(rules), until)
        for place, book in enumerate(part.books):
            books[place] |= book.standings
    return books


def stored(book: dict[str, Standing]) -> dict[str, str]:
    return {key: fingerprint(one) for key, one in book.items()}


def rules_of(runtime: Runtime) -> Rules:
    rules: Rules = runtime.composition.state["rules"]
    return rules


async def test_a_replay_comes_to_the_rows_that_are_live_and_to_those_that_were(system: System) -> None:
    (scoring,) = system.services
    history = history_of(system)
    half = end_of_a_day(history)
    await publish(history[:half], system.bootstrap_servers)
    async with system.working(workers=2):
        await system.settle()
    then, at = await live(scoring.runtime), utc_now()
    await asyncio.sleep(0.01)
    await publish(history[half:], system.bootstrap_servers)
    async with system.working(workers=1):
        await system.settle()
    now = await live(scoring.runtime)
    rules = rules_of(scoring.runtime)

    (at_the_end,), (at_that_time,) = (
        await replayed(scoring.runtime, rules),
        await replayed(scoring.runtime, rules, until=at),
    )
    assert stored(at_the_end) == stored(now)
    assert stored(at_that_time) == stored(then) != stored(now)
    spans = await lengths(KafkaLog(scoring.runtime.settings.kafka), deciding(scoring.runtime.transactions.service))
    assert sum(spans) == len(history)


async def test_other_rules_come_to_another_book_and_leave_the_live_one_alone(system: System) -> None:
    (scoring,) = system.services
    await publish(history_of(system), system.bootstrap_servers)
    async with system.working(workers=1):
        await system.settle()
    before = await scoring.decided()
    rules = rules_of(scoring.runtime)
    (card,) = rules.cards.cards
    lower = replace(card.thresholds, starts=tuple(start - 20 for start in card.thresholds.starts))
    other = Rules(rules.bank, Scorecards([replace(card, thresholds=lower)]))
    ours, theirs = await replayed(scoring.runtime, rules, other)
    assert stored(ours) == stored(await live(scoring.runtime))
    assert {key: one.credits_minor for key, one in ours.items()} == {k: one.credits_minor for k, one in theirs.items()}
    assert sum(one.tier != theirs[key].tier for key, one in ours.items()) > 0
    assert await scoring.decided() == before


async def test_a_log_whose_beginning_is_gone_is_refused_by_name(system: System) -> None:
    (scoring,) = system.services
    await publish(history_of(system)[:4000], system.bootstrap_servers)
    topic = KafkaPartition(system.prefix + "transaction-recorded", 0)
    admin = AIOKafkaAdminClient(bootstrap_servers=system.bootstrap_servers)
    await admin.start()
    try:
        await admin.delete_records({topic: RecordsToDelete(before_offset=5)})
    finally:
        await admin.close()
    with pytest.raises(HistoryMissing, match="transaction-recorded/0 begins at offset 5"):
        await replayed(scoring.runtime, rules_of(scoring.runtime))
