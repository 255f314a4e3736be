"""What ends is gone: shredded, emptied, proven, told; who is archived is seen by compliance; others are untouched."""

from datetime import date, timedelta
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import select

from customer_profile.consent.handlers import present_consents
from customer_profile.customer.domain import IDENTITY
from customer_profile.customer.store import profiles
from customer_profile.retention.store.ending import AT_DESTROYING, STAYS
from customer_profile.tables import metadata
from rapport.clock import utc_now
from rapport.events.catalogue import topics
from rapport.privacy.catalogue.document import published
from rapport.privacy.encryption import CannotDecrypt
from rapport.privacy.keyring import CustomerKey, Keyring
from tests.customer_profile.contact.asking import CARE
from tests.customer_profile.facts import MONDAY, account, customer, record
from tests.customer_profile.marks import MARKED
from tests.customer_profile.portrait.others import interaction, tier, transaction
from tests.customer_profile.retention.leaving import LONG_AGO, RECENT, end, erased, left, propose, steps
from tests.customer_profile.test_privacy import everything_stored, marks_in
from tests.support.delivering import Delivering
from tests.support.tokens import TestIssuer

GONE = [f"g-{number:03}" for number in range(100)]
STAYING = ["s-1", "s-2", "s-3"]


def keyring_of(service: Delivering) -> Keyring:
    found: Keyring = service.runtime.composition.state["locks"].keyring
    return found


def opens(key: CustomerKey, row: Any) -> dict[str, str]:
    """Of a row of profiles what this key opens."""
    found = {}
    for field in IDENTITY:
        try:
            found[field] = key.decrypt("profiles", field, row[field])
        except CannotDecrypt:
            continue
    return found


async def readable(service: Delivering, rows: list[Any]) -> set[str]:
    """Whose identity in these rows opens with the key file and any key that the database still holds."""
    async with service.runtime.engine.connect() as connection:
        owners = (await connection.exec_driver_sql("SELECT customer_id FROM data_keys")).scalars().all()
        keys = await keyring_of(service).find(connection, owners)
    return {row["customer_id"] for row in rows for key in keys.values() if opens(key, row)}


async def identities(service: Delivering) -> list[Any]:
    async with service.runtime.engine.connect() as connection:
        return list((await connection.execute(select(profiles))).mappings().all())


async def rows_naming(service: Delivering, customer_ids: list[str]) -> dict[str, list[str]]:
    """Every row that names one of these customers, whole, by table."""
    found = {}
    for name, table in metadata.tables.items():
        if "customer_id" in table.columns:
            rows = await service.rows(
                f"SELECT t::text AS whole FROM {name} t WHERE customer_id = ANY(:ids) ORDER BY 1", ids=customer_ids
            )
            found[name] = [row.whole for row in rows]
    return found


async def test_of_a_hundred_destroyed_nothing_is_readable_and_others_are_as_they_were(
    service: Delivering, api: AsyncClient, issuer: TestIssuer
) -> None:
    await left(service, *GONE)
    await left(service, *STAYING, at=utc_now() - timedelta(days=30))
    copy, others = await identities(service), await rows_naming(service, STAYING)
    assert await readable(service, copy) == {*GONE, *STAYING}, "else nothing would be shown by what follows"
    before = await rows_naming(service, GONE)
    for table in ("profiles", "accounts", "portrait_months", "portrait_facts", "contacts"):
        assert len(before[table]) >= len(GONE), table
    assert await end(service, api, issuer) == {"destroyed": 100}
    assert await readable(service, copy) == {*STAYING}, "an old copy of the rows does not open"
    after = await rows_naming(service, GONE)
    assert {table for table, rows in after.items() if rows} <= STAYS.keys()
    keys = await service.rows("SELECT customer_id FROM data_keys")
    assert {row.customer_id for row in keys} == {*STAYING}
    assert await rows_naming(service, STAYING) == others
    assert {name: marks_in(rows) for name, rows in (await everything_stored(service)).items() if marks_in(rows)} == {}
    assert await erased(service) == [(customer_id, "destroyed") for customer_id in GONE]
    (proof,) = await service.rows("SELECT counts FROM file_steps WHERE customer_id = 'g-007' AND step = 'destroyed'")
    assert proof.counts == {
        "accounts": 1, "contacts": 1, "data_keys": 1, "portrait_facts": 2, "portrait_months": 1, "profiles": 1,
        "quality_issues": 1,
    }  # fmt: skip


def test_every_table_that_names_a_customer_is_emptied_or_said_to_stay() -> None:
    naming = {name for name, table in metadata.tables.items() if "customer_id" in table.columns}
    assert naming <= AT_DESTROYING.keys() | STAYS.keys(), "say in ending.py what becomes of it"
    assert not AT_DESTROYING.keys() & STAYS.keys()
    assert AT_DESTROYING.keys() | STAYS.keys() <= metadata.tables.keys() | {"data_keys"}


async def test_what_is_told_late_neither_brings_a_destroyed_customer_back_nor_stays(
    service: Delivering, api: AsyncClient, issuer: TestIssuer
) -> None:
    await left(service, "c-1")
    await end(service, api, issuer)
    dump, counts = await rows_naming(service, ["c-1"]), await service.counts()
    parked = "SELECT 1 FROM parked"
    late = [
        record(service, customer(identity=MARKED, recorded_at=utc_now())),
        record(service, account(as_of=utc_now())),
        service.feed.record(transaction(), time=MONDAY),
        service.feed.record(tier(), time=MONDAY),
        service.feed.record(interaction(0), time=MONDAY),
    ]
    await service.deliver(*late)
    assert await rows_naming(service, ["c-1"]) == dump
    assert await service.rows(parked) == await service.rows("SELECT 1 FROM dead_letters") == []
    now = await service.counts()
    assert {name: now[name] - counts[name] for name in now if now[name] != counts[name]} == {
        "received": 5,
        "skipped": 5,
    }


async def test_no_state_that_was_told_of_who_is_destroyed_is_kept_on_kafka(
    service: Delivering, api: AsyncClient, issuer: TestIssuer
) -> None:
    await left(service, "c-1")
    await end(service, api, issuer)
    rows = await service.rows("SELECT topic, value FROM outbox WHERE key = 'c-1' ORDER BY outbox_id")
    last = {row.topic: row.value for row in rows}
    states = {event.name for event in topics() if event.is_state and event.producer == "customer-profile"}
    assert {topic for topic, value in last.items() if value is None} == states


async def test_what_a_destroyed_customer_allowed_is_not_told_again(
    service: Delivering, api: AsyncClient, issuer: TestIssuer
) -> None:
    await left(service, "c-1", "c-2")
    await left(service, "c-3", at=utc_now() - timedelta(days=30))
    for customer_id in ("c-1", "c-2", "c-3"):
        assert (await api.post(f"/customers/{customer_id}/consents", json=CARE)).status_code == 201
    await service.rows_written(
        "INSERT INTO legal_holds (hold_id, customer_id, reason, until, set_by, set_at) "
        "VALUES (gen_random_uuid(), 'c-2', 'tax', '2999-01-01', 'e-8', now())"
    )
    assert await end(service, api, issuer) == {"destroyed": 1}
    purposes = service.runtime.composition.state["purposes"]
    async with service.runtime.engine.connect() as connection:
        told = await present_consents(connection, "", 10, purposes=purposes)
    assert [fact.key for fact, _ in told] == ["c-2", "c-3"]


async def test_a_destroyed_file_is_gone_with_its_rule_and_the_person_may_come_back_under_a_new_token(
    service: Delivering, api: AsyncClient, system: AsyncClient, issuer: TestIssuer
) -> None:
    await left(service, "c-1")
    await end(service, api, issuer)
    dpo = issuer.bearer("dpo", subject="e-9")
    for path in ("", "/accounts", "/portrait", "/consents"):
        answer = await api.get(f"/customers/c-1{path}", headers=dpo)
        assert (answer.status_code, answer.json()["title"]) == (410, "The file is destroyed"), path
        rule = f"by the rule identification of the data catalogue, version {published().version}"
        assert rule in answer.json()["detail"]
    assert (await api.get("/customers/c-1", headers=issuer.bearer("rm", subject="e-4471"))).status_code == 404
    new = {"identity": MARKED.model_dump(), "unit": "B0017", "customer_since": "2026-04-12"}
    again = await system.post("/customers", json=new | {"customer_id": "c-1"})
    assert (again.status_code, "has ended" in again.json()["detail"]) == (409, True)
    assert (await system.post("/customers", json=new)).status_code == 201
    life = (await api.get("/customers/c-1/life", headers=dpo)).json()["items"]
    assert [step["step"] for step in life] == ["collected", "exited", "destroyed"] == await steps(service, "c-1")
    stored = await service.rows("SELECT digest FROM file_steps WHERE step = 'destroyed'")
    assert [row.digest for row in stored] == [life[-1]["digest"]]


async def test_an_archived_file_is_seen_by_compliance_alone_until_the_relationship_begins_again(
    service: Delivering, api: AsyncClient, system: AsyncClient, issuer: TestIssuer
) -> None:
    await left(service, "c-1", at=RECENT)
    assert await end(service, api, issuer) == {"archived": 1}
    assert await erased(service) == [("c-1", "archived")]
    again = await system.post("/customers", json={"customer_id": "c-1", "unit": "B1", "customer_since": "2026-04-12"})
    assert (again.status_code, "has ended" in again.json()["detail"]) == (409, True), (
        "who does not see it cannot write it"
    )
    compliance = issuer.bearer("compliance", subject="e-8")
    for role in ("support", "dpo", "data_admin", "service"):
        headers = issuer.bearer(role, subject="e-8")
        assert (await api.get("/customers/c-1", headers=headers)).status_code == 404, role
        assert (await api.get("/customers", headers=headers)).json()["items"] == [], role
    seen = await api.get("/customers/c-1", headers=compliance)
    assert (seen.status_code, seen.json()["identity"]["full_name"]) == (200, "欧*")
    assert len((await api.get("/customers", headers=compliance)).json()["items"]) == 1
    for late in (tier(revision=9), interaction(0)):
        await service.deliver(service.feed.record(late, time=MONDAY))
    assert await service.rows("SELECT 1 FROM portrait_facts UNION ALL SELECT 1 FROM contacts") == []
    assert len(await service.rows("SELECT 1 FROM portrait_months UNION ALL SELECT 1 FROM accounts")) == 2
    wrong = MARKED.model_copy(update={"id_type": "resident-id", "id_number": "110109199003071235"})
    gone = customer(identity=wrong, status="closed", recorded_at=RECENT + timedelta(days=1))
    await service.deliver(record(service, gone))
    assert await service.rows("SELECT 1 FROM quality_issues") == []
    await service.deliver(record(service, customer(identity=MARKED, recorded_at=utc_now())))
    assert (await api.get("/customers/c-1", headers=issuer.bearer("support", subject="e-8"))).status_code == 200
    assert await steps(service, "c-1") == ["collected", "exited", "archived", "resumed"]


async def test_an_end_that_one_person_dates_back_brings_nothing_forward(
    service: Delivering, api: AsyncClient, issuer: TestIssuer
) -> None:
    await service.deliver(record(service, customer(identity=MARKED, recorded_at=LONG_AGO)))
    closed = {"status": "closed", "closed_on": LONG_AGO.date(), "opened_on": date(2005, 1, 1), "as_of": LONG_AGO}
    await service.deliver(record(service, account(**closed)))
    dated_back = {"to": "exited", "reason": "closed-by-customer", "occurred_at": LONG_AGO.isoformat()}
    assert (await api.post("/customers/c-1/status", json=dated_back)).status_code == 201
    assert await propose(service) is None


@pytest.mark.parametrize("change", ["DELETE FROM file_steps", "UPDATE file_steps SET digest = NULL"])
async def test_the_database_refuses_to_alter_the_life_of_a_file(service: Delivering, change: str) -> None:
    await left(service, "c-1")
    with pytest.raises(Exception, match="file_steps only grows"):
        await service.rows_written(change)
