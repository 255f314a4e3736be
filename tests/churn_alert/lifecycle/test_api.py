"""Stages over REST: one customer's with its history, lists, and the funnel of the book against a recount."""

import re
from collections import Counter
from dataclasses import replace
from datetime import datetime
from random import Random
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from churn_alert.lifecycle.domain.deciding import Transition, live_until
from churn_alert.lifecycle.domain.life import STAGES
from rapport.events.churn_alert import LifecycleChanged
from rapport.messaging.partitions import partition_of
from tests.churn_alert.lifecycle.living import RULES, account, profile, told
from tests.churn_alert.lifecycle.test_handlers import LATER, hear, pass_until, pays
from tests.churn_alert.lives import DAY, START, Heard, heard, paid, used
from tests.support.delivering import Delivering
from tests.support.grouping import merge
from tests.support.serving import SUBJECTS, api_of
from tests.support.stack import FreshDatabase
from tests.support.tokens import TestIssuer


@pytest.fixture
async def book_api(app: FastAPI, issuer: TestIssuer) -> Any:
    """Who watches over the whole book."""
    headers = issuer.bearer("risk_manager", subject="e-9")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://t", headers=headers) as client:
        yield client


async def test_a_customers_stage_is_shown_with_its_rule_its_strategy_its_history_and_what_comes_next(
    service: Delivering, api: httpx.AsyncClient
) -> None:
    await hear(service, account("c-1"), *pays("c-1", range(0, 200, 5)))
    shown = (await api.get("/lifecycle/c-1")).json()
    assert (shown["stage"], shown["rule"], shown["paused"], shown["open_accounts"]) == ("mature", "settled", None, 1)
    assert shown["strategy"]["aim"] == "maintain"
    assert [(one["previous"], one["stage"], one["cause"]) for one in shown["history"]] == [
        ("new", "mature", "time"),
        ("potential", "new", "event"),
        (None, "potential", "event"),
    ]
    due = shown["next"]
    assert (due["stage"], due["rule"]) == ("lost", "fallen-silent")
    await pass_until(service, LATER, "c-1")
    after = (await api.get("/lifecycle/c-1")).json()
    assert (after["stage"], after["since"], after["next"]) == ("lost", due["at"], None)
    assert after["strategy"]["aim"] == "win-back"


async def test_a_merged_file_shows_the_person_and_an_unknown_customer_is_not_found(
    service: Delivering, api: httpx.AsyncClient
) -> None:
    await hear(service, account("c-1"), account("c-2"))
    await service.deliver(*map(service.feed.record, merge(1, "c-1", "c-2")))
    shown = (await api.get("/lifecycle/c-2")).json()
    assert (shown["merged_into"], shown["files"], shown["open_accounts"]) == ("c-1", ["c-1", "c-2"], 2)
    assert [row["customer_id"] for row in (await api.get("/lifecycle")).json()["items"]] == ["c-1"]
    assert (await api.get("/lifecycle/nobody")).status_code == 404


async def test_the_list_is_narrowed_by_stage_and_by_since(service: Delivering, api: httpx.AsyncClient) -> None:
    for number in range(4):
        await hear(service, account(f"c-{number}"))
    await hear(service, used("c-2", START + 3 * DAY))

    async def listed(**asked: str) -> list[str]:
        answer = await api.get("/lifecycle", params={"limit": "200", **asked})
        return [row["customer_id"] for row in answer.json()["items"]]

    assert await listed() == ["c-0", "c-1", "c-2", "c-3"]
    assert await listed(stage="new") == ["c-2"]
    assert await listed(stage="lost") == []
    assert await listed(since_from=(START + DAY).isoformat()) == ["c-2"]
    assert await listed(since_to=(START + DAY).isoformat()) == ["c-0", "c-1", "c-3"]
    first = (await api.get("/lifecycle", params={"limit": 3})).json()
    rest = (await api.get("/lifecycle", params={"limit": 3, "cursor": first["next"]})).json()
    assert [row["customer_id"] for row in rest["items"]] == ["c-3"]
    assert (await api.get("/lifecycle", params={"stage": "golden"})).status_code == 422


async def test_the_rules_are_shown_as_they_were_written(api: httpx.AsyncClient) -> None:
    shown = (await api.get("/lifecycle/rules")).json()
    assert [one["name"] for one in shown["rules"]] == [one.name for one in RULES.rules]
    assert shown["rules"][2]["from"] == ["new", "mature"]
    assert set(shown["strategies"]) == set(STAGES)


def lives(random: Random, customer_id: str) -> list[Heard]:
    first = random.randint(0, 200)
    days = sorted({first, *(first + random.randint(0, 150) for _ in range(random.randint(0, 30)))})
    back = [used(customer_id, START + random.randint(450, 599) * DAY)] if random.random() < 0.4 else []
    active = [paid(customer_id, START + day * DAY, transaction_no=f"t-{day}") for day in days]
    return [Heard(START, account(customer_id, START)), *heard([*active, *back])]


def strangers(count: int) -> list[str]:
    """Customers of as many partitions, so that the time of one is not that of another."""
    by_partition = {partition_of(name): name for name in (f"c-{number}" for number in range(20 * count))}
    return sorted(by_partition.values())[:count]


async def test_the_funnel_the_movements_and_the_days_are_those_of_a_recount(
    service: Delivering, book_api: httpx.AsyncClient
) -> None:
    """Independent: the transitions of each life are decided without a database, and counted one by one."""
    random = Random(3)
    moved: list[Transition] = []
    units: dict[str, str] = {}
    for customer_id in strangers(12):
        life_heard = lives(random, customer_id)
        units[customer_id] = random.choice(["B1", "B2"])
        life, changes = told(life_heard)
        changes += live_until(life, RULES, LATER)
        moved += [replace(one, customer_id=customer_id) for one in changes]
        await hear(service, *(one.event for one in life_heard))
    await pass_until(service, LATER, *units)
    await hear(service, *(profile(one, START, unit=unit) for one, unit in units.items()))
    for as_of, days in ((LATER, 30), (START + 120 * DAY, 60), (START + 300 * DAY, 300), (LATER, 3660)):
        begins = as_of - days * DAY
        for unit in (None, "B1", "B3"):
            mine = [one for one in moved if unit is None or units[one.customer_id] == unit]
            asked = {"as_of": as_of.isoformat(), "days": str(days), **({"unit": unit} if unit else {})}
            shown = (await book_api.get("/lifecycle/funnel", params=asked)).json()
            spells = [(one, end_of(one, mine)) for one in mine]
            spells = [(one, end) for one, end in spells if end != one.at and one.at <= as_of]
            for row in shown["stages"]:
                of = [(one.at, end) for one, end in spells if one.stage == row["stage"]]
                assert row["inside"] == sum(end is None or end > as_of for _, end in of)
                assert row["entered"] == sum(at > begins for at, _ in of)
                assert row["left"] == sum(end is not None and begins < end <= as_of for _, end in of)
            counted = Counter((one.previous, one.stage, one.rule) for one in mine if begins < one.at <= as_of)
            assert {(m["previous"], m["stage"], m["rule"]): m["customers"] for m in shown["moves"]} == counted
            by_unit = {one["unit"]: one["stages"] for one in shown["units"]}
            for stage in STAGES:
                total = next(row["inside"] for row in shown["stages"] if row["stage"] == stage)
                assert sum(one.get(stage, {"inside": 0})["inside"] for one in by_unit.values()) == total
    dwell = (await book_api.get("/lifecycle/dwell", params={"as_of": LATER.isoformat()})).json()
    spells = [(one, end_of(one, moved)) for one in moved]
    for row in dwell["stages"]:
        of = [(one.at, end) for one, end in spells if one.stage == row["stage"] and end != one.at]
        assert row["left"] == sum(end is not None for _, end in of)
        assert row["still"] == sum(end is None for _, end in of)
    new = next(row for row in dwell["stages"] if row["stage"] == "new")
    assert new["median"] is not None


def end_of(one: Transition, moved: list[Transition]) -> datetime | None:
    """When the next change of the same customer is dated."""
    after = (other for other in moved if other.customer_id == one.customer_id and other.revision == one.revision + 1)
    return next((other.at for other in after), None)


async def test_the_risk_of_each_stage_is_the_mean_of_who_is_in_it_now(
    service: Delivering, book_api: httpx.AsyncClient
) -> None:
    for number in range(3):
        await hear(service, *pays(f"c-{number}", range(150)))
    await hear(service, account("c-9"))
    rows = await service.rows("SELECT probability, is_raised FROM risks WHERE probability IS NOT NULL")
    shown = (await book_api.get("/lifecycle/funnel")).json()
    of = {row["stage"]: row["risk"] for row in shown["stages"]}
    assert of["mature"]["known"] == len(rows) == 3
    assert of["mature"]["mean"] == pytest.approx(sum(row.probability for row in rows) / 3)
    assert of["potential"] == {"known": 0, "mean": None, "raised": 0}
    assert {row["stage"]: row["strategy"]["aim"] for row in shown["stages"]} == {
        "potential": "acquire",
        "new": "develop",
        "mature": "maintain",
        "lost": "win-back",
    }


async def test_a_loss_that_was_corrected_as_if_it_never_was_is_in_no_count(
    service: Delivering, book_api: httpx.AsyncClient
) -> None:
    await hear(service, *pays("c-1", range(0, 100, 5)))
    await pass_until(service, START + 300 * DAY, "c-1")
    lost = (await book_api.get("/lifecycle/funnel", params={"days": 365})).json()
    assert {row["stage"]: row["inside"] for row in lost["stages"]}["lost"] == 1
    # Told late, of before the loss: it never was.
    late = paid("c-1", START + 180 * DAY, transaction_no="late")
    await service.deliver(service.feed.record(late, time=START + 180 * DAY))
    more = paid("c-1", START + 290 * DAY, transaction_no="later")
    await service.deliver(service.feed.record(more, time=START + 290 * DAY))
    after = (await book_api.get("/lifecycle/funnel", params={"days": 365})).json()
    assert {row["stage"]: row["inside"] for row in after["stages"]}["lost"] == 0


async def test_the_page_draws_every_stage_and_runs_no_script(service: Delivering, book_api: httpx.AsyncClient) -> None:
    await hear(service, *pays("c-1", range(0, 200, 5)), account("c-2"))
    await pass_until(service, LATER, "c-1", "c-2")
    answer = await book_api.get("/lifecycle/page", params={"days": 3660})
    assert answer.headers["content-type"].startswith("text/html")
    assert "script" not in answer.text
    assert "script-src" not in answer.headers["content-security-policy"]
    assert all(f"<td>{stage}</td>" in answer.text for stage in STAGES)
    assert re.search(r"<td>new</td><td>mature</td><td>settled</td><td>1</td>", answer.text)
    assert "polyline" in answer.text


async def test_the_portrait_shows_the_stage_that_was_told(
    service: Delivering, fresh_database: Any, key_folder: Any, issuer: TestIssuer
) -> None:
    """From the fact as it lies in the outbox, through customer-profile's own handlers, to its answer."""
    await hear(service, account("c-1"), *pays("c-1", range(0, 200, 5)))
    rows = await service.rows("SELECT value FROM outbox WHERE topic LIKE '%lifecycle-changed' ORDER BY outbox_id")
    facts = [LifecycleChanged.model_validate_json(bytes(row.value)) for row in rows]
    other = SUBJECTS["customer_profile"]
    database: FreshDatabase = fresh_database("customer_profile")
    portraits = Delivering(other.runtime(other.settings(database, key_folder, mode="wall")))
    try:
        await portraits.begin()
        headers = issuer.bearer("data_admin", "compliance", subject="e-7")
        transport = httpx.ASGITransport(api_of(portraits.runtime))
        async with httpx.AsyncClient(transport=transport, base_url="http://t", headers=headers) as client:
            schema = api_of(portraits.runtime).openapi()["components"]["schemas"]["NewCustomer"]
            made = await client.post("/customers", json=schema["examples"][0] | {"customer_id": "c-1"})
            assert made.status_code == 201, made.text
            await portraits.deliver(
                *(portraits.feed.record(one, time=one.since, source="churn-alert") for one in reversed(facts))
            )
            shown = (await client.get("/customers/c-1/portrait")).json()
    finally:
        await portraits.runtime.close()
    value = shown["lifecycle"]["value"]
    assert (value["stage"], value["previous"], value["rule"], value["revision"]) == ("mature", "new", "settled", 3)
