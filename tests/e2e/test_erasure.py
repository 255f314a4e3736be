"""Two files of one person are retired and destroyed in customer-profile by two people: afterwards no service names them
but at the lock, and a log that is told again builds nothing anew.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient

from deploy.local.stack import Stack
from rapport.clock import utc_now
from rapport.composition import Runtime
from rapport.events.base import Event
from rapport.events.catalogue import topics as all_topics
from rapport.serving import api_of
from simulator.publisher import publish
from simulator.wire import Wire
from tests.churn_alert.lives import DAY, steady, when
from tests.customer_profile.facts import account, customer
from tests.customer_profile.retention.leaving import LONG_AGO, end
from tests.e2e.merging import people_at
from tests.e2e.system import PARTITIONS, SERVICES, Served, System
from tests.e2e.test_withdrawal import record
from tests.feedback.said import submitted
from tests.scoring.facts import holdings
from tests.support.delivering import Delivering
from tests.support.erasing import MARK, found_in
from tests.support.stack import FreshDatabase, Topics
from tests.support.tokens import ISSUER, TestIssuer

LEFT, STAYS = ("o-1", "o-2"), "k-1"
BEGAN = LONG_AGO - timedelta(days=220)
TABLES = {
    "scoring": {"class_changes", "consents", "customer_classes", "customer_groups", "decisions", "due_times"}
    | {"file_acts", "hands", "merged_files", "overrides", "standings"},
    "churn_alert": {"alerts", "consents", "merged_files", "risk_crossings", "risks"},
    "feedback": {"case_clocks", "cases", "consents", "data_keys", "merged_files", "tiers"},
}
"""Where each service has something of who leaves, before the end."""


@pytest.fixture
async def system(
    stack: Stack, topics: Topics, fresh_database: Callable[..., FreshDatabase], issuer: TestIssuer, tmp_path: Path
) -> AsyncIterator[System]:
    letters = [f"{name.replace('_', '-')}.dead-letter" for name in SERVICES]
    prefix = await topics.make([*(event.name for event in all_topics()), *letters], partitions=PARTITIONS)
    made = System(stack, prefix, auth={"issuer": ISSUER, "jwks": str(issuer.write_jwks(tmp_path))})
    for name in SERVICES:
        await made.add(name, fresh_database(name), max_poll_records=100, mode="wall")
    yield made
    await made.close()


def life_of(customer_id: str, *, has_left: bool) -> list[Event]:
    """Half a year with the bank long ago, a complaint, products; and the core's word that it is over."""
    opened = {"customer_since": date(2005, 1, 1), "recorded_at": BEGAN}
    told: list[Event] = [
        customer(customer_id, identity=None, **opened),
        account(customer_id, f"a-{customer_id}", opened_on=date(2005, 1, 1), as_of=BEGAN),
        *steady(customer_id, 150, start=BEGAN),
        holdings(1, "700.00", customer_id=customer_id, at=BEGAN),
        submitted(customer_id, submitted_at=BEGAN + DAY),
    ]
    if has_left:
        closed = {"status": "closed", "closed_on": LONG_AGO.date(), "opened_on": date(2005, 1, 1), "balance": "0"}
        told.append(account(customer_id, f"a-{customer_id}", **closed, as_of=LONG_AGO))
        told.append(customer(customer_id, identity=None, **opened | {"status": "closed", "recorded_at": LONG_AGO}))
    return told


def moment_of(event: Event) -> datetime:
    for name in ("recorded_at", "as_of", "submitted_at"):
        if hasattr(event, name):
            found: datetime = getattr(event, name)
            return found
    return when(event)


async def tell(system: System, events: list[Event], *, again: bool = False) -> None:
    """As the core does; `again`: under other ids, so that no inbox knows them."""
    wire = Wire(prefix=system.prefix, partitions=PARTITIONS)
    records = [
        wire.told(
            event,
            wire.stamp(type(event), "core"),
            identifier=f"{event.key}-{type(event).__name__}-{number}{'-again' if again else ''}",
            time_ms=int(moment_of(event).timestamp() * 1000),
        )
        for number, event in enumerate(sorted(events, key=moment_of))
    ]
    await publish(records, system.bootstrap_servers)


def client(runtime: Runtime, issuer: TestIssuer, role: str, who: str) -> AsyncClient:
    headers = issuer.bearer(role, subject=who)
    return AsyncClient(transport=ASGITransport(api_of(runtime)), base_url="http://service", headers=headers)


async def made(client: AsyncClient, path: str, **body: Any) -> dict[str, Any]:
    async with client:
        answer = await client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def answer_everybody(feedback: Served, issuer: TestIssuer) -> None:
    """An open case would postpone the end."""
    for case_id in await feedback.rows("SELECT case_id FROM cases"):
        officer = ("complaint_officer", "dora")
        await made(client(feedback.runtime, issuer, *officer), f"/cases/{case_id}/response", text="we are sorry")
        await made(client(feedback.runtime, issuer, *officer), f"/cases/{case_id}/resolution")


async def put_in_another_tier(scoring: Served, issuer: TestIssuer, customer_id: str) -> None:
    until = (utc_now() + timedelta(days=60)).isoformat()
    wanted = {"tier": "high", "reason": "relationship", "until": until, "note": "a good house"}
    asked = await made(
        client(scoring.runtime, issuer, "complaint_officer", "ana"), f"/standings/{customer_id}/overrides", **wanted
    )
    await made(client(scoring.runtime, issuer, "risk_manager", "ben"), f"/overrides/{asked['override_id']}/approve")


async def places(served: Served, customer_id: str) -> dict[str, int]:
    return await found_in(served.runtime.engine, customer_id, beside=frozenset({MARK, "idempotency_keys"}))


async def places_of_all(services: Sequence[Served], customers: Sequence[str]) -> dict[str, set[str]]:
    """By service: in which tables any of these customers is named."""
    return {served.name: {name for one in customers for name in await places(served, one)} for served in services}


async def live_and_leave(system: System, issuer: TestIssuer) -> None:
    """Everybody lives, and all that people do is done; then two files turn out to be one person's, who has left."""
    profile, scoring, _, feedback = system.services
    for one in (*LEFT, STAYS):
        await tell(system, life_of(one, has_left=False))
    await system.settle()
    await answer_everybody(feedback, issuer)
    for one in LEFT:
        await put_in_another_tier(scoring, issuer, one)
        for purpose in ("tiering", "churn-care"):
            await record(profile, one, "granted", purpose)
    await system.settle()
    for one in LEFT:
        await tell(system, life_of(one, has_left=True)[-2:])
    async with people_at(profile.runtime, issuer) as people:
        await people.merge(*LEFT)
    await system.settle()


async def test_who_is_destroyed_is_in_no_service_and_an_old_log_builds_nothing_anew(
    system: System, issuer: TestIssuer
) -> None:
    profile, *others = system.services
    async with system.working(workers=1):
        await live_and_leave(system, issuer)
        before = await places_of_all(others, LEFT)
        assert all(before[name] >= tables for name, tables in TABLES.items()), before
        stays = [await places(served, STAYS) for served in others]
        async with client(profile.runtime, issuer, "compliance", "e-8") as api:
            assert await end(Delivering(profile.runtime), api, issuer) == {"destroyed": len(LEFT)}
        await system.settle()
        assert await places_of_all(others, LEFT) == {name: set() for name in TABLES}
        assert [await places(served, STAYS) for served in others] == stays

        for one in LEFT:
            await tell(system, life_of(one, has_left=False), again=True)
        await system.settle()
    assert await places_of_all(others, LEFT) == {name: set() for name in TABLES}
    for served in others:
        assert await served.rows("SELECT count(*) FROM dead_letters") == [0]
        marks = "SELECT customer_id FROM customers WHERE erased_scope = 'destroyed' ORDER BY 1"
        assert await served.rows(marks) == list(LEFT)
    last = {record.key: record.value for record in await system.records("tier-changed")}
    assert {key: value is None for key, value in last.items()} == {b"o-1": True, b"o-2": True, b"k-1": False}


async def test_a_row_that_stayed_would_be_found_wherever_it_is(system: System) -> None:
    """The scan itself: a token in any table that has one, alone or within a document."""
    scoring, churn_alert, feedback = system.services[1:]
    planted = {
        scoring: (
            "class_changes",
            "(customer_id, dimension, value, since, known_at) VALUES ('o-1', 'x', 'y', now(), now())",
        ),
        churn_alert: ("merged_files", "VALUES ('c-1', 'o-1', 1)"),
        feedback: ("consents", "VALUES ('c-1', 1, '{\"of\": \"o-1\"}', now())"),
    }
    for served, (table, values) in planted.items():
        assert await places(served, "o-1") == {}
        await Delivering(served.runtime).rows_written(f"INSERT INTO {table} {values}")
        assert await places(served, "o-1") == {table: 1}
