"""A withdrawal of consent reaches every other service over a real Kafka."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime

import pytest

from customer_profile.consent.domain.acts import Said
from customer_profile.consent.domain.ledger import Act
from customer_profile.consent.handlers import record_act
from customer_profile.customer.domain import Facts
from customer_profile.customer.handlers import create_customer
from deploy.local.stack import Stack
from rapport.consent.store import refusing, versions_of
from rapport.events.catalogue import topics as all_topics
from tests.e2e.system import PARTITIONS, SERVICES, Served, System
from tests.support.stack import FreshDatabase, Topics

CUSTOMERS = [f"c-{number}" for number in range(8)]
FACTS = Facts("personal", "B0017", None, None, None, "unknown", "active", date(2021, 4, 12))
NOTICED = datetime(2026, 2, 1, tzinfo=UTC)


@pytest.fixture
async def system(stack: Stack, topics: Topics, fresh_database: Callable[..., FreshDatabase]) -> AsyncIterator[System]:
    letters = [f"{name.replace('_', '-')}.dead-letter" for name in SERVICES]
    prefix = await topics.make([*(event.name for event in all_topics()), *letters], partitions=PARTITIONS)
    made = System(stack, prefix)
    for name in SERVICES:
        await made.add(name, fresh_database(name), max_poll_records=100)
    yield made
    await made.close()


async def record(profile: Served, customer_id: str, act: Act) -> None:
    """As a request would, in a transaction of the service."""
    state = profile.runtime.composition.state
    granted = act == "granted"
    async with profile.runtime.transactions.begin(customers=[customer_id]) as tx:
        if granted:
            await create_customer(tx, customer_id, FACTS, None, locks=state["locks"], by="e-1")
        said = Said(
            purpose="marketing-sms",
            act=act,
            channel="mobile",
            occurred_at=NOTICED if granted else tx.now,
            notice_version=1 if granted else None,
            is_separate=False,
            evidence_digest="ab" * 32 if granted else None,
        )
        await record_act(tx, customer_id, said, purposes=state["purposes"], by="e-1")


async def test_what_is_withdrawn_is_no_longer_allowed_in_any_service(system: System) -> None:
    # The teller is first: when it has nothing left to send, the others' logs have all their ends.
    profile, *others = system.services
    assert [served.name for served in others] == ["scoring", "churn_alert", "feedback"]
    withdrawn = CUSTOMERS[::2]
    async with system.working(workers=1):
        for customer_id in CUSTOMERS:
            await record(profile, customer_id, "granted")
        await system.settle()
        assert await refused(others) == [set()] * 3
        for customer_id in withdrawn:
            await record(profile, customer_id, "withdrawn")
        await system.settle()
    assert await refused(others) == [set(withdrawn)] * 3
    for served in others:
        async with served.runtime.engine.connect() as connection:
            versions = await versions_of(connection, CUSTOMERS)
        assert versions == {customer_id: 2 if customer_id in withdrawn else 1 for customer_id in CUSTOMERS}


async def refused(services: list[Served]) -> list[set[str]]:
    found = []
    for served in services:
        async with served.runtime.engine.connect() as connection:
            found.append(await refusing(connection, CUSTOMERS, "marketing-sms"))
    return found
