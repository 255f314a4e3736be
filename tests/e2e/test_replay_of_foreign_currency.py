"""What is held in other currencies is replayed to the live rows, whether its rates came early or late."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from deploy.local.stack import Stack
from scoring.exchange_rate.domain import NO_RATES
from simulator.bank import Bank, Plan
from simulator.publisher import publish
from simulator.wire import Record, Wire
from tests.e2e.foreign import rates_on, with_foreign_accounts
from tests.e2e.system import PARTITIONS, System
from tests.e2e.test_replay_of_the_log import HEARD, TOPICS, end_of_a_day, live, replayed, rules_of, stored
from tests.support.stack import FreshDatabase, Topics

PLAN = Plan(seed=11, customers=25, months=6)


@pytest.fixture
async def system(stack: Stack, topics: Topics, fresh_database: Callable[..., FreshDatabase]) -> AsyncIterator[System]:
    made = System(stack, await topics.make(TOPICS, partitions=PARTITIONS))
    await made.add("scoring", fresh_database("scoring"), max_poll_records=500)
    yield made
    await made.close()


def history_with_foreign_accounts(system: System) -> list[Record]:
    wire = Wire(prefix=system.prefix, partitions=PARTITIONS)
    heard = {system.prefix + name for name in HEARD}
    return list(with_foreign_accounts((one for one in Bank(PLAN, wire).records() if one.topic in heard), wire))


def moment_of(record: Record) -> datetime:
    return datetime.fromtimestamp(record.time_ms / 1000, UTC)


async def test_a_replay_converts_as_life_did_by_the_rates_that_were_known(system: System) -> None:
    (scoring,) = system.services
    wire, history = Wire(prefix=system.prefix, partitions=PARTITIONS), history_with_foreign_accounts(system)
    half, begins = end_of_a_day(history), moment_of(history[0])
    middle = moment_of(history[half])
    early = rates_on(wire, *(begins + timedelta(days=day) for day in range(0, 60, 5)))
    late = rates_on(wire, begins + timedelta(days=65), middle - timedelta(days=3))
    async with system.working(workers=1):
        await publish(early, system.bootstrap_servers)
        await system.settle()
        await publish(history[:half], system.bootstrap_servers)
        await system.settle()
        await publish(late, system.bootstrap_servers)
        await system.settle()
        await publish(history[half:], system.bootstrap_servers)
        await system.settle()
    now = await live(scoring.runtime)
    told = await scoring.rows("SELECT count(*) FROM exchange_rates WHERE known_at > told_at")
    assert told == [len(late)]
    assert sum(bool(one.foreign) for one in now.values()) > 15
    rules = rules_of(scoring.runtime)
    (ours,) = await replayed(scoring.runtime, rules)
    assert stored(ours) == stored(now)

    (without,) = await replayed(scoring.runtime, replace(rules, rates=NO_RATES))
    assert stored(without) != stored(now), "the rates do decide"
