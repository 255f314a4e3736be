"""`POST /customers/look-up`: found by a whole number only, noted without it, and not too often."""

import asyncio
import base64
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from httpx import AsyncClient
from rich.progress import Progress
from sqlalchemy.exc import DBAPIError

from customer_profile.key_commands import index
from rapport.clock import utc_now
from rapport.composition import Runtime
from rapport.serving import api_of
from tests.customer_profile.customer.test_recording import NEW
from tests.customer_profile.facts import HOUR, MONDAY, ZHANG, customer, files, record, resident_id
from tests.support.delivering import Delivering
from tests.support.serving import Subject
from tests.support.tokens import ISSUER, TestIssuer

NUMBER = "110109199003071234"
OTHER = resident_id("11010919900307125")


async def found(api: AsyncClient, kind: str, number: str) -> list[str]:
    asked = {"kind": kind, "number": number, "purpose": "service"}
    answer = await api.post("/customers/look-up", json=asked)
    assert answer.status_code == 201, answer.text
    customers: list[str] = answer.json()["customers"]
    return customers


def new(customer_id: str, **fields: Any) -> dict[str, Any]:
    return NEW | {"customer_id": customer_id, "identity": ZHANG.model_dump() | fields}


async def test_a_customer_is_found_by_the_whole_number_however_it_is_written(
    api: AsyncClient, service: Delivering
) -> None:
    await service.deliver(record(service, customer("c-1")))
    await api.post("/customers", json=new("c-2", id_number=OTHER, phone="+44 20 8366 1177"))
    assert await found(api, "id-number", "１１０１０９ 19900307 1234") == ["c-1"]
    assert await found(api, "id-number", OTHER.lower()) == ["c-2"]
    assert await found(api, "phone", "+86 138-1234-1234") == ["c-1"]
    assert await found(api, "phone", "0044 2083661177") == ["c-2"]
    for kind, nobody in (("id-number", NUMBER[:-1]), ("id-number", "13812341234"), ("phone", NUMBER), ("phone", "无")):
        assert await found(api, kind, nobody) == []


async def test_a_number_that_is_no_valid_one_is_found_so_that_it_can_be_set_right(
    api: AsyncClient, system: AsyncClient, service: Delivering
) -> None:
    dirty = ZHANG.model_copy(update={"id_number": "12345x"})
    await service.deliver(record(service, customer("c-1", identity=dirty)))
    assert await found(api, "id-number", "12345X") == ["c-1"]
    await system.patch("/customers/c-1", json={"identity": {"id_number": NUMBER}})
    assert (await found(api, "id-number", "12345X"), await found(api, "id-number", NUMBER)) == ([], ["c-1"])
    await system.patch("/customers/c-1", json={"identity": {"phone": None}})
    assert await found(api, "phone", ZHANG.phone or "") == []


async def test_every_look_up_is_noted_and_the_number_is_nowhere(api: AsyncClient, service: Delivering) -> None:
    await service.deliver(record(service, customer("c-1")))
    await found(api, "id-number", NUMBER)
    await found(api, "phone", "13900139000")
    rows = await service.rows("SELECT * FROM look_ups ORDER BY look_up_id")
    assert [(row.field, row.purpose, row.found, row.asked_by) for row in rows] == [
        ("id_number", "service", True, f"{ISSUER} e-7"),
        ("phone", "service", False, f"{ISSUER} e-7"),
    ]
    for statement in ("DELETE FROM look_ups", "UPDATE look_ups SET found = true"):
        with pytest.raises(DBAPIError, match="only grows"):
            await service.rows_written(statement)


async def test_no_look_up_is_answered_again_without_a_line_of_the_trail(api: AsyncClient, service: Delivering) -> None:
    await service.deliver(record(service, customer("c-1")))
    asked = {"kind": "id-number", "number": NUMBER, "purpose": "service"}
    for _ in range(2):
        answer = await api.post("/customers/look-up", json=asked, headers={"Idempotency-Key": "k"})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "Idempotency-Key")
        assert await found(api, "id-number", NUMBER) == ["c-1"]
    assert len(await service.rows("SELECT 1 FROM look_ups")) == 2
    assert await service.rows("SELECT 1 FROM idempotency_keys") == []


async def test_who_looks_too_often_waits_and_others_do_not(
    api: AsyncClient, service: Delivering, issuer: TestIssuer, app: Any
) -> None:
    app.state.look_ups_per_minute = 2
    asked = {"kind": "phone", "number": "13812341234", "purpose": "service"}
    answers = [await api.post("/customers/look-up", json=asked) for _ in range(3)]
    other = await api.post("/customers/look-up", json=asked, headers=issuer.bearer("data_admin", subject="e-8"))
    assert [answer.status_code for answer in (*answers, other)] == [201, 201, 429, 201]
    assert 0 < int(answers[2].headers["retry-after"]) <= 60
    rows = await service.rows("SELECT field, purpose, found, refused FROM look_ups ORDER BY look_up_id")
    assert [row.refused for row in rows] == [False, False, True, False]
    assert tuple(rows[2]) == ("phone", "service", False, True)


@pytest.mark.parametrize(("seconds_ago", "status", "wait"), [(40, 429, 20), (61, 201, None)])
async def test_a_look_up_counts_for_a_minute_and_the_answer_says_when_it_is_over(
    api: AsyncClient, service: Delivering, issuer: TestIssuer, app: Any, seconds_ago: int, status: int, wait: int | None
) -> None:
    app.state.look_ups_per_minute = 2
    for further in (0, 5):
        values = f"gen_random_uuid(), 'phone', 'service', true, '{ISSUER} e-9'"
        then = f"now() - interval '{seconds_ago - further} seconds'"
        await service.rows_written(f"INSERT INTO look_ups VALUES ({values}, {then})")
    asked = {"kind": "phone", "number": "13812341234", "purpose": "service"}
    answer = await api.post("/customers/look-up", json=asked, headers=issuer.bearer("data_admin", subject="e-9"))
    assert answer.status_code == status
    assert wait is None or wait - 3 <= int(answer.headers["retry-after"]) <= wait


async def test_all_processes_hold_a_caller_to_one_limit_and_each_refusal_is_a_line_of_the_trail(
    api: AsyncClient, service: Delivering, subject: Subject, app: Any, issuer: TestIssuer
) -> None:
    other = subject.runtime(service.runtime.settings)
    second = api_of(other)
    app.state.look_ups_per_minute = second.state.look_ups_per_minute = 5
    asked = {"kind": "phone", "number": "13812341234", "purpose": "service"}
    transport = httpx.ASGITransport(second)
    async with AsyncClient(transport=transport, base_url="http://second", headers=api.headers) as client:
        answers = await asyncio.gather(*(to.post("/customers/look-up", json=asked) for to in (api, client) * 8))
    await other.close()
    assert Counter(answer.status_code for answer in answers) == {201: 5, 429: 11}
    rows = await service.rows("SELECT look_ups::text AS line, refused FROM look_ups")
    assert Counter(row.refused for row in rows) == {False: 5, True: 11}
    assert "13812341234" not in "".join(row.line for row in rows)
    auditor = issuer.bearer("auditor", subject="e-auditor")
    shown = (await api.get("/customers/look-ups", headers=auditor)).json()["items"]
    assert Counter((one["refused"], one["found"]) for one in shown) == {(False, False): 5, (True, False): 11}
    day = utc_now().date()
    days = {"from": str(day - timedelta(days=1)), "to": str(day + timedelta(days=1))}
    counted = (await api.get("/audits", params=days, headers=auditor)).json()["counted"]
    assert {one["operation"]: one["acts"] for one in counted} == {"look-up": 5, "refused look-up": 11}


async def test_who_may_not_or_says_not_why_finds_nothing(
    api: AsyncClient, service: Delivering, issuer: TestIssuer
) -> None:
    asked = {"kind": "phone", "number": "13812341234", "purpose": "service"}
    refused = [
        await api.post("/customers/look-up", json=asked, headers=issuer.bearer("rm")),
        await api.post("/customers/look-up", json={"kind": "phone", "number": "13812341234"}),
        await api.post("/customers/look-up", json=asked | {"purpose": "call 13812341234"}),
        await api.post("/customers/look-up", json=asked | {"kind": "email"}),
        await api.get("/customers/look-up", params={"number": "13812341234"}),
    ]
    assert [answer.status_code for answer in refused] == [403, 422, 422, 422, 404]
    assert "13812341234" not in "".join(answer.text for answer in refused)
    assert await service.rows("SELECT 1 FROM look_ups") == []


async def test_a_paper_on_another_file_is_409_names_the_field_and_not_whose_it_is(
    api: AsyncClient, system: AsyncClient, service: Delivering
) -> None:
    await service.deliver(record(service, customer("c-secret")))
    answer = await api.post("/customers", json=new("c-2"))
    assert (answer.status_code, answer.json()["title"]) == (409, "The identity is on another file")
    assert answer.json()["errors"] == [{"field": "identity.id_number", "reason": "is on another customer's file"}]
    assert "c-secret" not in answer.text
    assert NUMBER not in answer.text
    assert (await api.post("/customers", json=new("c-2", id_number=OTHER))).status_code == 201, "phones are shared"
    corrected = await system.patch("/customers/c-2", json={"identity": {"id_number": NUMBER}})
    assert corrected.status_code == 409
    passport = {"id_type": "passport", "id_number": "12345678"}
    assert (await system.patch("/customers/c-2", json={"identity": passport})).status_code == 200
    permit = new("c-3", id_type="taiwan-permit", id_number="12345678")
    assert (await api.post("/customers", json=permit)).status_code == 201, "one number on papers of two kinds"
    assert set(await files(service)) == {"c-secret", "c-2", "c-3"}


async def test_of_requests_for_one_paper_at_once_one_succeeds(api: AsyncClient, service: Delivering) -> None:
    answers = await asyncio.gather(*(api.post("/customers", json=new(f"c-{n}")) for n in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]
    assert len(await files(service)) == 1


async def test_a_core_that_tells_one_paper_of_two_customers_is_believed_and_both_are_found(
    api: AsyncClient, service: Delivering
) -> None:
    await service.deliver(record(service, customer("c-2")), record(service, customer("c-1")))
    assert await found(api, "id-number", NUMBER) == ["c-1", "c-2"]


async def indexed(runtime: Runtime) -> None:
    with Progress(disable=True) as progress:
        await index(runtime, progress)


async def test_files_of_before_are_indexed_and_who_is_erased_is_found_no_more(
    api: AsyncClient, service: Delivering
) -> None:
    await service.deliver(*(record(service, customer(f"c-{n}")) for n in range(4)))
    before = await files(service)
    await service.rows_written(
        "UPDATE profiles SET id_number_index = NULL, identity_faults = '{}' WHERE customer_id <> 'c-3'",
        "UPDATE profiles SET phone_index = NULL WHERE customer_id = 'c-1'",
        "DELETE FROM data_keys WHERE customer_id = 'c-3'",
    )
    await indexed(service.runtime)
    after = await files(service)
    assert {n: after[n] for n in ("c-0", "c-1", "c-2")} == {n: before[n] for n in ("c-0", "c-1", "c-2")}
    assert (after["c-3"].id_number_index, after["c-3"].phone_index) == (None, None)
    assert await found(api, "id-number", NUMBER) == ["c-0", "c-1", "c-2"]


async def test_while_the_key_of_look_ups_changes_customers_are_found_under_either(
    api: AsyncClient, service: Delivering, subject: Subject, key_folder: Path
) -> None:
    await service.deliver(*(record(service, customer(f"c-{n}")) for n in range(3)))
    with (key_folder / "look-up-key").open("a") as file:
        file.write("\n2:" + base64.b64encode(b"n" * 32).decode())
    runtime = subject.runtime(service.runtime.settings)
    newer = Delivering(runtime)
    newer.feed = service.feed
    await newer.deliver(record(newer, customer("c-1", recorded_at=MONDAY + HOUR)))
    versions = {i: row.id_number_index[1] for i, row in (await files(service)).items()}
    assert versions == {"c-0": 1, "c-1": 2, "c-2": 1}
    transport = httpx.ASGITransport(api_of(runtime))
    async with AsyncClient(transport=transport, base_url="http://customer-profile", headers=api.headers) as client:
        assert await found(client, "id-number", NUMBER) == ["c-0", "c-1", "c-2"]
        await indexed(runtime)
        assert {row.id_number_index[1] for row in (await files(service)).values()} == {2}
        assert {row.phone_index[1] for row in (await files(service)).values()} == {2}
        assert await found(client, "id-number", NUMBER) == ["c-0", "c-1", "c-2"]
    await runtime.close()
