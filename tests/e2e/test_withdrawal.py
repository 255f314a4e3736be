"""A withdrawal of consent reaches every other service over a real Kafka, and stops there what rests on it."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime

import pytest

from customer_profile.consent.domain.acts import Said
from customer_profile.consent.domain.ledger import Act
from customer_profile.consent.handlers import record_act
from customer_profile.customer.domain import Facts
from customer_profile.customer.handlers import create_customer
from deploy.local.stack import Stack
from rapport.clock import utc_now
from rapport.consent.store import refusing, versions_of
from rapport.events.catalogue import topics as all_topics
from simulator.publisher import publish
from simulator.wire import Wire
from tests.churn_alert.lives import DAY, heard, steady
from tests.e2e.system import PARTITIONS, SERVICES, Served, System
from tests.support.stack import FreshDatabase, Topics

CUSTOMERS = [f"c-{number}" for number in range(8)]
FACTS = Facts("personal", "B0017", None, None, None, "unknown", "active", date(2021, 4, 12))
NOTICED = datetime(2026, 2, 1, tzinfo=UTC)
PURPOSES = ("marketing-sms", "tiering", "churn-care")
NOTHING_OPEN = "SELECT customer_id FROM alerts WHERE outcome = 'consent-refused' AND status = 'closed'"


@pytest.fixture
async def system(stack: Stack, topics: Topics, fresh_database: Callable[..., FreshDatabase]) -> AsyncIterator[System]:
    letters = [f"{name.replace('_', '-')}.dead-letter" for name in SERVICES]
    prefix = await topics.make([*(event.name for event in all_topics()), *letters], partitions=PARTITIONS)
    made = System(stack, prefix)
    for name in SERVICES:
        await made.add(name, fresh_database(name), max_poll_records=100, mode="wall")
    yield made
    await made.close()


async def register(profile: Served, customer_id: str) -> None:
    locks = profile.runtime.composition.state["locks"]
    async with profile.runtime.transactions.begin(customers=[customer_id]) as tx:
        await create_customer(tx, customer_id, FACTS, None, locks=locks, by="e-1")


async def record(profile: Served, customer_id: str, act: Act, purpose: str) -> None:
    """As a request would, in a transaction of the service."""
    granted = act == "granted"
    async with profile.runtime.transactions.begin(customers=[customer_id]) as tx:
        said = Said(
            purpose=purpose,
            act=act,
            channel="mobile",
            occurred_at=NOTICED if granted else tx.now,
            notice_version=1 if granted else None,
            is_separate=granted,
            evidence_digest="ab" * 32 if granted else None,
        )
        await record_act(tx, customer_id, said, purposes=profile.runtime.composition.state["purposes"], by="e-1")


async def live(system: System) -> None:
    """Every customer pays for half a year and then no more."""
    wire = Wire(prefix=system.prefix, partitions=PARTITIONS)
    events = heard(event for one in CUSTOMERS for event in steady(one, 150, start=utc_now() - 250 * DAY))
    records = [
        wire.told(
            one.event,
            wire.stamp(type(one.event), "core"),
            identifier=f"{one.event.key}-{number}",
            time_ms=int(one.at.timestamp() * 1000),
        )
        for number, one in enumerate(events)
    ]
    await publish(records, system.bootstrap_servers)


async def test_what_is_withdrawn_stops_what_rests_on_it_in_every_service(system: System) -> None:
    # The teller is first: when it has nothing left to send, the others' logs have all their ends.
    profile, scoring, churn_alert, feedback = system.services
    untiered, unwarned = CUSTOMERS[::2], CUSTOMERS[2:5]
    async with system.working(workers=1):
        for customer_id in CUSTOMERS:
            await register(profile, customer_id)
            for purpose in PURPOSES:
                await record(profile, customer_id, "granted", purpose)
        await live(system)
        await system.settle()
        assert await scoring.rows("SELECT count(*) FROM standings WHERE NOT consent_refused") == [len(CUSTOMERS)]
        assert await churn_alert.rows("SELECT count(*) FROM alerts WHERE status = 'opened'") == [len(CUSTOMERS)]
        for customer_id in untiered:
            await record(profile, customer_id, "withdrawn", "tiering")
        for customer_id in unwarned:
            await record(profile, customer_id, "withdrawn", "churn-care")
        await system.settle()
        assert set(await scoring.rows("SELECT customer_id FROM standings WHERE consent_refused")) == set(untiered)
        assert set(await churn_alert.rows(NOTHING_OPEN)) == set(unwarned)
        assert await churn_alert.rows("SELECT count(*) FROM alerts WHERE status = 'opened'") == [5]
        async with profile.runtime.transactions.begin(customers=["c-2"]) as tx:
            said = Said("churn-care", "granted", "mobile", tx.now, 2, is_separate=True, evidence_digest="cd" * 32)
            await record_act(tx, "c-2", said, purposes=profile.runtime.composition.state["purposes"], by="e-1")
        await system.settle()
    opened = await churn_alert.rows("SELECT status FROM alerts WHERE customer_id = 'c-2' ORDER BY opened_at, status")
    assert opened == ["closed", "opened"]
    for served in (scoring, churn_alert, feedback):
        assert await refused(served, "tiering") == set(untiered)
        assert await refused(served, "churn-care") == {"c-3", "c-4"}
        assert await refused(served, "marketing-sms") == set()


async def refused(served: Served, purpose: str) -> set[str]:
    async with served.runtime.engine.connect() as connection:
        assert set(await versions_of(connection, CUSTOMERS)) == set(CUSTOMERS)
        return await refusing(connection, CUSTOMERS, purpose)
