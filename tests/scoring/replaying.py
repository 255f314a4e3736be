"""A whole history through the service's own intake and poll, in stream time, in batches of any size."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from rapport.events.base import Event
from rapport.messaging.decoding import decode
from rapport.messaging.intake import Intake
from rapport.messaging.records import END_OF_DAY, RawRecord, TopicPartition
from rapport.messaging.sweeper import Sweeper
from tests.scoring.facts import moment_of
from tests.support.delivering import Delivering


async def reach(service: Delivering, until: datetime) -> None:
    """Silence up to `until`, and what fell due in it."""
    await replay(service, [], until=until, size=1000, sweeps=False)


async def replay(
    service: Delivering,
    facts: Sequence[Event],
    *,
    until: datetime,
    size: int,
    sweeps: bool,
    first: int = 0,
    told_at: Callable[[Event], datetime] = moment_of,
) -> None:
    """Every fact once, in order of time, polled by `size`; then silence up to `until`, and what fell due in it.

    `first`: the number of the first fact, where others came before. `told_at`: when the bank tells a fact, if not when
    it is dated.
    """
    names = sorted(service.service.of_customers)
    partitions = range(service.service.partitions)
    intake = Intake(
        partial(decode, classes=service.service.hears, partitions=len(partitions)), merged=service.service.of_customers
    )
    begins = {TopicPartition(name, number): service.feed._next[name, number] for name in names for number in partitions}
    intake.assign(begins, {})
    numbered = enumerate(facts, start=first)
    intake.add(service.feed.record(fact, time=told_at(fact), identifier=f"e-{n}") for n, fact in numbered)
    intake.add(_mark(service, name, number, until) for name in names for number in partitions)
    while arrivals := intake.take(size):
        await service.poll.apply(arrivals, {})
        if sweeps:
            await sweep(service)
    while await sweep(service):
        pass


def _mark(service: Delivering, topic: str, partition: int, at: datetime) -> RawRecord:
    attributes = {
        "ce_id": f"mark-{topic}-{partition}-{at.timestamp():.0f}",
        "ce_type": END_OF_DAY,
        "ce_time": at.isoformat(),
        "ce_source": "core",
    }
    offset = service.feed._next[topic, partition]
    service.feed._next[topic, partition] += 1
    pairs = [(name, value.encode()) for name, value in attributes.items()]
    return RawRecord(topic, partition, offset, int(at.timestamp() * 1000), b"core", b"{}", pairs)


async def sweep(service: Delivering) -> int:
    """One round of the sweeper over all partitions."""
    sweeper = Sweeper(service.runtime.transactions, service.runtime.composition.sweeps, service.runtime.observer)
    return await sweeper.sweep(range(service.service.partitions))


async def outcome(service: Delivering) -> dict[str, Any]:
    """All that a history led to: every standing, every decision, everything told, without what was known meanwhile."""
    standings = await service.rows(
        "SELECT to_jsonb(s) || jsonb_strip_nulls(to_jsonb(d)) AS row "
        "FROM standings s FULL JOIN due_times d USING (customer_id) ORDER BY customer_id"
    )
    decisions = await service.rows(
        "SELECT to_jsonb(d) - 'known_at' - 'consent_version' AS row FROM decisions d ORDER BY customer_id, revision"
    )
    facts = await service.rows(
        "SELECT event_id, value, headers FROM outbox WHERE topic = 'tier-changed' ORDER BY key, outbox_id"
    )
    return {
        "standings": [row.row for row in standings],
        "decisions": [row.row for row in decisions],
        "told": [(str(fact.event_id), json.loads(fact.value)) for fact in facts],
    }
