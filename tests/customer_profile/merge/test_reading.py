"""What is read of a person is that of all files, the same by whichever file it is asked for, and two again after."""

import re
from collections import Counter
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy.dialects.postgresql import asyncpg

from customer_profile.portrait.store.reading import statement
from rapport.database import borrow
from rapport.events.base import Event
from rapport.person import store as persons
from rapport.row_security import Sight
from tests.customer_profile.consent.ledgers import DIGEST
from tests.customer_profile.facts import HOUR, MONDAY, account, customer
from tests.customer_profile.merge.merging import merge, unmerge
from tests.customer_profile.portrait.others import DAY, assessed, case, holdings, interaction, tier, transaction
from tests.support.delivering import Delivering
from tests.support.tokens import TestIssuer

FILES = ("c-1", "c-2")


def of_file(number: int) -> list[Event]:
    """What is told of one file; the two differ in everything, and share a month and a joint account."""
    file, rng = f"c-{number}", Random(number)
    told: list[Event] = [
        customer(file, identity=None),
        account(file, f"a-{number}"),
        account(file, "a-joint", balance=f"{number}.00", as_of=MONDAY + number * HOUR),
        assessed(customer_id=file, risk_tolerance=f"C{number}", assessed_at=MONDAY + number * HOUR),
        tier(customer_id=file, tier="high" if number == 1 else "low", decided_at=MONDAY + number * HOUR),
        holdings(f"{number}000.00").model_copy(update={"customer_id": file}),
        case("opened", number, f"k-{number}").model_copy(update={"customer_id": file}),
        *[interaction(2 * hour + number, file) for hour in range(15)],
    ]
    for posting in range(30):
        fields = {"transaction_no": f"T-{number}-{posting}", "amount": f"{rng.randint(1, 900)}.00", "customer_id": file}
        happened = MONDAY - rng.randint(0, 14 * 30) * timedelta(days=1)
        told.append(transaction(**fields, kind=rng.choice(["card-purchase", "rent"]), occurred_at=happened))
    return told


@pytest.fixture
def api(api: AsyncClient, issuer: TestIssuer) -> AsyncClient:
    """A client of somebody who sees every part of a portrait, and records consent."""
    api.headers.update(issuer.bearer("data_admin", "compliance"))
    return api


@pytest.fixture(autouse=True)
async def told(service: Delivering) -> list[Event]:
    facts = of_file(1) + of_file(2)
    await service.deliver(*[service.feed.record(fact, time=MONDAY + 40 * DAY) for fact in facts])
    return facts


async def shown(api: AsyncClient, customer_id: str, part: str = "", **params: Any) -> dict[str, Any]:
    answer = await api.get(f"/customers/{customer_id}{part}", params=params)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def everything(api: AsyncClient) -> list[Any]:
    parts = ("", "/accounts", "/portrait", "/consents")
    found = [await shown(api, file, part) for file in FILES for part in parts]
    for one in found:  # the moments at which it was asked
        for moment in ("at", "known_at", "lag_known_at"):
            one.pop(moment, None)
    for purpose in [purpose for one in found for purpose in one.get("purposes", [])]:
        purpose.pop("may_ask_from")
    return found


async def test_the_months_of_a_person_are_those_of_all_files_added_up(
    api: AsyncClient, service: Delivering, told: list[Event]
) -> None:
    await merge(service, *FILES)
    expected: Counter[tuple[str, str]] = Counter()
    for fact in told:
        if fact.name == "transaction-recorded":
            month = (fact.occurred_at + 8 * HOUR).strftime("%Y-%m")  # type: ignore[attr-defined]
            expected[month, fact.kind] += round(float(fact.amount))  # type: ignore[attr-defined]
    latest = sorted({month for month, _ in expected})[-12:]
    views = (await shown(api, "c-1", "/portrait"))["transactions"]["value"]
    found = {(one["month"], entry["kind"]): float(entry["amount"]) for one in views for entry in one["debits"]}
    assert found == {place: amount for place, amount in expected.items() if place[0] in latest}
    assert len({fact.occurred_at.month for fact in told if fact.name == "transaction-recorded"}) > 5  # type: ignore[attr-defined]


async def test_a_person_is_the_same_by_whichever_file_it_is_asked_for(api: AsyncClient, service: Delivering) -> None:
    await merge(service, *FILES)
    one, other = [await shown(api, file, "/portrait") for file in FILES]
    assert {part for part in one if one[part] != other[part]} == {"basic"}
    assert (one["basic"]["merged_into"], other["basic"]["merged_into"]) == (None, "c-1")
    assert one["basic"]["files"] == other["basic"]["files"] == [*FILES]
    assert [(a["account_id"], a["customer_id"]) for a in one["accounts"]["value"]] == [
        ("a-1", "c-1"),
        ("a-2", "c-2"),
        ("a-joint", "c-2"),
    ], "a joint account is one, by its latest word"
    assert [held["amount"] for held in one["holdings"]["value"]["holdings"]] == ["1000.00", "2000.00"]
    assert one["risk_preference"]["value"]["risk_tolerance"] == "C2", "as assessed last"
    assert one["tier"]["value"]["tier"] == "high", "as of the survivor"
    assert [found["case_id"] for found in one["open_cases"]["value"]] == ["k-2", "k-1"]
    used = sorted([2 * hour + number for number in (1, 2) for hour in range(15)], reverse=True)[:20]
    hours = [datetime.fromisoformat(use["occurred_at"]) - MONDAY for use in one["interactions"]["value"]]
    assert hours == [hour * HOUR for hour in used], "the last twenty of both files"
    listed = (await api.get("/customers")).json()["items"]
    assert [(file["customer_id"], file["merged_into"]) for file in listed] == [("c-1", None), ("c-2", "c-1")]


async def test_accounts_of_a_person_are_paged_and_filtered_over_all_files(
    api: AsyncClient, service: Delivering
) -> None:
    await merge(service, *FILES)
    first = await shown(api, "c-2", "/accounts", limit=2)
    rest = await shown(api, "c-2", "/accounts", limit=2, cursor=first["next"])
    assert [one["account_id"] for one in first["items"] + rest["items"]] == ["a-1", "a-2", "a-joint"]
    closed = account("c-1", "a-joint", status="closed", closed_on="2026-03-03", as_of=MONDAY + 9 * HOUR)
    await service.deliver(service.feed.record(closed, time=MONDAY + 40 * DAY))
    assert [one["account_id"] for one in (await shown(api, "c-2", "/accounts", status="open"))["items"]] == [
        "a-1",
        "a-2",
    ], "the latest word says that it is closed, whichever file it was told of"


async def act(api: AsyncClient, file: str, did: str, **fields: Any) -> None:
    said = {"purpose": "marketing-sms", "act": did, "channel": "branch"} | fields
    granted = {"notice_version": 1, "evidence_digest": DIGEST, "occurred_at": "2026-02-01T08:00:00Z"}
    answer = await api.post(f"/customers/{file}/consents", json=said | (granted if did == "granted" else {}))
    assert answer.status_code == 201, answer.text


async def allowed(api: AsyncClient, file: str) -> bool:
    purposes = (await shown(api, file, "/consents"))["purposes"]
    in_portrait = (await shown(api, file, "/portrait"))["consents"]["value"]
    assert in_portrait == [{name: one[name] for name in in_portrait[0]} for one in purposes]
    found: bool = next(one["allowed"] for one in purposes if one["purpose"] == "marketing-sms")
    return found


async def test_a_no_on_any_file_is_a_no_and_a_yes_on_one_is_enough_where_there_is_none(
    api: AsyncClient, service: Delivering
) -> None:
    await act(api, "c-1", "granted")
    merge_id = await merge(service, *FILES)
    assert [await allowed(api, file) for file in FILES] == [True, True]
    await act(api, "c-2", "granted")
    await act(api, "c-2", "withdrawn")
    assert [await allowed(api, file) for file in FILES] == [False, False]
    await unmerge(service, merge_id)
    assert [await allowed(api, file) for file in FILES] == [True, False]


async def test_after_an_unmerge_every_read_is_what_it_was(api: AsyncClient, service: Delivering) -> None:
    await act(api, "c-1", "granted")
    before = await everything(api)
    merge_id = await merge(service, *FILES)
    assert await everything(api) != before
    await unmerge(service, merge_id)
    assert await everything(api) == before


async def test_one_person_is_found_by_indexes_however_many_there_are(service: Delivering) -> None:
    portrait = statement("c-1", sight=Sight("own", "e-1"), months=12, until=date(2026, 11, 28)).compile(
        dialect=asyncpg.dialect()
    )
    assert portrait.positiontup is not None
    (told,) = await service.rows("SELECT prosrc FROM pg_proc WHERE proname = 'acts_of_person'")
    (acts,) = re.findall(r"RETURN QUERY (.*?);", told.prosrc)
    async with borrow(service.runtime.engine) as driver:
        await driver.execute("SET enable_seqscan = off")  # then a table is read whole only where no index serves
        explained = (
            await driver.fetch(f"EXPLAIN {portrait}", *[portrait.params[name] for name in portrait.positiontup]),
            await driver.fetch(f"EXPLAIN {acts.replace('(file)', '($1)')}", "c-1"),
            await driver.fetch(f"EXPLAIN {persons._FILES}", ["c-1"]),
        )
    plan = "\n".join(row[0] for rows in explained for row in rows)
    tables = ("accounts", "portrait_facts", "portrait_months", "merged_files", "profiles", "consent_acts", "data_keys")
    assert [table for table in tables if f"Seq Scan on {table} " in plan or f" on {table} " not in plan] == [], plan
