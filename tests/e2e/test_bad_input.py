"""Every kind of bad input on a live topic: told apart with its reason and place, and nothing else changes."""

from collections import Counter
from collections.abc import Callable, Iterable

from deploy.local.stack import Stack
from simulator.bank import Bank, Plan
from simulator.malformed import FATES
from simulator.publisher import publish
from simulator.trouble import Trouble
from simulator.wire import Record, Wire
from tests.e2e.system import DECIDED, PARTITIONS, System
from tests.support.stack import FreshDatabase, Topics

HEARD = [
    "transaction-recorded",
    "holding-changed",
    "customer-profiled",
    "lifecycle-changed",
    "consent-changed",
    "customer-erased",
    "employee-changed",
    "customers-merged",
    "customers-unmerged",
    "tier-changed",
    "scoring.dead-letter",
]
PLAN = Plan(seed=11, customers=20, months=2)
_FOREIGN = "unknown-field"
"""The contract lets it pass: its twin is one more good transaction, so it is left out of this comparison."""
Fresh = Callable[..., FreshDatabase]


def _heard(records: Iterable[Record], prefix: str) -> list[Record]:
    return [record for record in records if record.topic.removeprefix(prefix) in HEARD]


async def _scored(
    stack: Stack, topics: Topics, database: FreshDatabase, trouble: Trouble
) -> tuple[System, Counter[str], str]:
    prefix = await topics.make([*HEARD, "exchange-rate-set"], partitions=PARTITIONS)
    system = System(stack, prefix)
    await system.add("scoring", database, max_poll_records=400)
    bank = Bank(PLAN, Wire(prefix=prefix, partitions=PARTITIONS))
    records = [r for r in trouble.added_to(_heard(bank.records(), prefix)) if r.trouble != _FOREIGN]
    await publish(records, stack.bootstrap_servers)
    async with system.working(workers=1):
        await system.settle()
    return system, Counter(record.trouble for record in records if record.trouble), prefix


async def test_bad_input_is_told_apart_and_changes_nothing_else(
    stack: Stack, topics: Topics, fresh_database: Fresh
) -> None:
    clean, _, _ = await _scored(stack, topics, fresh_database("scoring"), Trouble())
    spoiled, sent, prefix = await _scored(stack, topics, fresh_database("scoring"), Trouble(malformed=0.05))
    assert set(sent) == set(FATES) - {_FOREIGN}, "every kind was sent"
    for sql in DECIDED["scoring"]:
        assert await clean.services[0].rows(sql) == await spoiled.services[0].rows(sql)
    dead = sum(count for kind, count in sent.items() if FATES[kind] == "dead-letter")
    letters = await spoiled.services[0].rows("SELECT to_jsonb(d) - 'record' FROM dead_letters d")
    assert len(letters) == dead
    assert all(letter["topic"] == f"{prefix}transaction-recorded" and letter["reason"] for letter in letters)
    assert len({(letter["partition"], letter["offset"]) for letter in letters}) == dead
    balanced = "SELECT bool_and(received = applied + duplicate + skipped + dead_lettered) FROM consumer_offsets"
    assert await spoiled.services[0].rows(balanced) == [True]
    for system in (clean, spoiled):
        await system.close()
