"""`/me` is of the person: who has several files sees and does the same by whichever is signed in with."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from customer_profile.merge.domain.proposals import Evidence
from tests.customer_profile.facts import ZHANG, account, customer, record
from tests.customer_profile.merge.merging import merge, unmerge
from tests.customer_profile.test_me import GRANT, PHONE, of
from tests.support.delivering import Delivering
from tests.support.tokens import TestIssuer

FILES = ("c-1", "c-2")
TWO_PAPERS = Evidence("police-certificate", "a" * 64)
BACK = {"purpose": "marketing-sms", "act": "withdrawn", "channel": "web"}


@pytest.fixture
async def two(service: Delivering) -> Delivering:
    """Three files, each with an account and a paper of its own; nobody is merged yet."""
    for number in (1, 2, 3):
        paper = ZHANG.model_copy(update={"id_type": "passport", "id_number": f"E0000000{number}"})
        file = f"c-{number}"
        await service.deliver(record(service, customer(file, identity=paper)))
        await service.deliver(record(service, account(file, f"a-{number}")))
    return service


@pytest.fixture
async def phone(app: FastAPI, issuer: TestIssuer, two: Delivering) -> AsyncIterator[AsyncClient]:
    """The mobile channel, for c-1."""
    headers = of(issuer, "c-1")
    async with AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service", headers=headers) as client:
        yield client


async def seen(phone: AsyncClient, path: str, **headers: Any) -> Any:
    answer = await phone.get(path, **headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_files_and_accounts_are_those_of_the_person_and_of_one_file_again_after_an_unmerge(
    phone: AsyncClient, issuer: TestIssuer, two: Delivering
) -> None:
    assert (await seen(phone, "/me"))["files"] == []
    merge_id = await merge(two, "c-2", "c-1", evidence=TWO_PAPERS)
    for file, other in (FILES, FILES[::-1]):
        mine = await seen(phone, "/me", headers=of(issuer, file))
        assert (mine["customer_id"], [one["customer_id"] for one in mine["files"]]) == (file, [other])
        assert mine["files"][0]["identity"]["full_name"] == "张*"
        accounts = (await seen(phone, "/me/accounts", headers=of(issuer, file)))["items"]
        assert [one["account_id"] for one in accounts] == ["a-1", "a-2"]
    assert (await seen(phone, "/me/accounts", headers=of(issuer, "c-3")))["items"][0]["account_id"] == "a-3"
    await unmerge(two, merge_id)
    assert (await seen(phone, "/me"))["files"] == []
    assert [one["account_id"] for one in (await seen(phone, "/me/accounts"))["items"]] == ["a-1"]


async def test_a_withdrawal_by_one_file_takes_back_the_consent_that_was_given_by_another(
    phone: AsyncClient, issuer: TestIssuer, two: Delivering
) -> None:
    assert (await phone.post("/me/consents", json=GRANT, headers=of(issuer, "c-2"))).status_code == 201
    assert (await phone.post("/me/consents", json=BACK)).status_code == 409
    await merge(two, "c-2", "c-1", evidence=TWO_PAPERS)
    assert await allowed(phone)
    assert (await phone.post("/me/consents", json=BACK)).status_code == 201
    rows = await two.rows("SELECT customer_id, act FROM consent_acts ORDER BY recorded_at")
    assert [tuple(row) for row in rows] == [("c-2", "granted"), ("c-2", "withdrawn")]
    assert not await allowed(phone)


async def test_a_grant_by_one_file_is_one_of_the_person_though_another_file_had_a_no(
    phone: AsyncClient, issuer: TestIssuer, two: Delivering
) -> None:
    declined = {"purpose": "marketing-sms", "act": "declined", "channel": "web", "notice_version": 1}
    assert (await phone.post("/me/consents", json=declined, headers=of(issuer, "c-2"))).status_code == 201
    await merge(two, "c-2", "c-1", evidence=TWO_PAPERS)
    assert not await allowed(phone)
    assert (await phone.post("/me/consents", json=GRANT)).status_code == 201
    assert await allowed(phone)
    assert await allowed(phone, headers=of(issuer, "c-2"))


async def allowed(phone: AsyncClient, **headers: Any) -> bool:
    purposes = (await seen(phone, "/me/consents", **headers))["purposes"]
    return bool({one["purpose"]: one["allowed"] for one in purposes}["marketing-sms"])


async def test_a_correction_is_asked_for_on_the_file_that_is_wrong_and_withdrawn_by_either(
    phone: AsyncClient, issuer: TestIssuer, two: Delivering
) -> None:
    stranger = await phone.post("/me/corrections", json=PHONE | {"customer_id": "c-2"})
    assert (stranger.status_code, stranger.json()["errors"][0]["field"]) == (422, "customer_id")
    await merge(two, "c-2", "c-1", evidence=TWO_PAPERS)
    made = await phone.post("/me/corrections", json=PHONE | {"customer_id": "c-2"})
    assert (made.status_code, made.json()["customer_id"]) == (201, "c-2")
    for file in FILES:
        (one,) = (await seen(phone, "/me/corrections", headers=of(issuer, file)))["items"]
        assert one["correction_id"] == made.json()["correction_id"]
    path = f"/me/corrections/{made.json()['correction_id']}/withdrawal"
    assert (await phone.post(path, headers=of(issuer, "c-3"))).status_code == 404
    assert (await phone.post(path)).json()["state"] == "withdrawn"


async def test_the_database_itself_shows_a_token_the_files_of_its_person_and_no_other(
    phone: AsyncClient, issuer: TestIssuer, two: Delivering
) -> None:
    await merge(two, "c-2", "c-1", evidence=TWO_PAPERS)
    everything = {"Authorization": f"Bearer {issuer.token('channel', 'data_admin', customer_id='c-1')}"}
    listed = await seen(phone, "/customers", headers=everything)
    assert [one["customer_id"] for one in listed["items"]] == list(FILES)
    assert (await phone.get("/customers/c-2", headers=everything)).status_code == 403
