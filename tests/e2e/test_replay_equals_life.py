"""A history has one outcome, at whatever speed it comes and whoever works on it: dates, reasons and ids included."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from itertools import pairwise

import pytest

from deploy.local.stack import Stack
from rapport.events import catalogue
from simulator.bank import Bank, Plan
from simulator.publisher import publish
from simulator.wire import Record, Wire
from tests.e2e.system import PARTITIONS, System
from tests.support.corrected import is_dated_back, takes_back
from tests.support.stack import FreshDatabase, Topics

PLAN = Plan(seed=7, customers=30, months=8, decliners=0.3)
BANK_TOPICS = ("transaction-recorded", "account-changed", "holding-changed", "interaction-recorded")
TOPICS = {
    *BANK_TOPICS,
    *(event.name for event in catalogue.topics() if event.producer in {"scoring", "churn-alert"}),
    *(
        "feedback-classified",
        "response-overdue",
        "contact-delivered",
        "contact-refused",
        "customer-profiled",
        "consent-changed",
        "customer-erased",
        "employee-changed",
        "customers-merged",
        "customers-unmerged",
        "exchange-rate-set",
        "scoring.dead-letter",
        "churn-alert.dead-letter",
    ),
}
Build = Callable[[int], Awaitable[tuple[System, list[Record]]]]


@pytest.fixture
async def build(stack: Stack, topics: Topics, fresh_database: Callable[..., FreshDatabase]) -> AsyncIterator[Build]:
    """A system on topics of its own, and the history that is to be told there."""
    systems: list[System] = []

    async def make(max_poll_records: int) -> tuple[System, list[Record]]:
        prefix = await topics.make(TOPICS, partitions=PARTITIONS)
        system = System(stack, prefix)
        for name in ("scoring", "churn_alert"):
            await system.add(name, fresh_database(name), max_poll_records=max_poll_records)
        systems.append(system)
        heard = {prefix + name for name in BANK_TOPICS}
        history = Bank(PLAN, Wire(prefix=prefix, partitions=PARTITIONS)).records()
        return system, [record for record in history if record.topic in heard]

    yield make
    for system in systems:
        await system.close()


async def test_a_history_told_at_once_or_slowly_to_workers_that_change_has_one_outcome(
    build: Build, stack: Stack
) -> None:
    fast, history = await build(5000)
    assert any(map(takes_back, history)) and any(map(is_dated_back, history)), "a history in which nothing is corrected"
    await publish(history, stack.bootstrap_servers)
    async with fast.working(workers=1):
        await fast.settle()
    slow, history = await build(37)
    await _live(slow, history, stack.bootstrap_servers)

    at_once, lived = await fast.decided(), await slow.decided()
    for name, tables in at_once.items():
        for one, other in zip(tables, lived[name], strict=True):
            assert one == other, f"{name} decided otherwise"
            assert one, f"{name} decided nothing"
    for topic in ("tier-changed", "risk-threshold-crossed"):
        facts = await fast.told(topic)
        assert facts and facts == await slow.told(topic)


async def _live(system: System, history: Sequence[Record], bootstrap: str) -> None:
    """Day after day, before workers whose number changes and who break off in the middle of it."""
    cuts = [len(history) * n // 12 for n in range(13)]
    slices = [history[start:end] for start, end in pairwise(cuts)]
    for workers, days in ((2, slices[:4]), (1, slices[4:6]), (2, slices[6:])):
        async with system.working(workers=workers):
            for some in days:
                await publish(some, bootstrap)
                await asyncio.sleep(0.5)
    async with system.working(workers=2):
        await system.settle()
