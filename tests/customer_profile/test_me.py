"""`/me`: a channel's token shows and changes what is of one customer, and reaches no other by any way."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from tests.customer_profile.customer.test_recording import MASKED
from tests.customer_profile.facts import customer, record
from tests.support.delivering import Delivering
from tests.support.tokens import ISSUER, TestIssuer

GRANT: dict[str, Any] = {
    "purpose": "marketing-sms",
    "act": "granted",
    "channel": "mobile",
    "notice_version": 1,
    "is_separate": True,
    "evidence_digest": "b" * 64,
}
PHONE: dict[str, Any] = {"identity": {"phone": "13900139000"}, "channel": "mobile"}


@pytest.fixture
async def recorded(service: Delivering) -> Delivering:
    """The service with two customers."""
    await service.deliver(record(service, customer("c-1")), record(service, customer("c-2", unit="B2")))
    return service


@pytest.fixture
async def phone(app: FastAPI, issuer: TestIssuer, recorded: Delivering) -> AsyncIterator[AsyncClient]:
    """The mobile channel, for customer c-1."""
    headers = issuer.bearer("channel", subject="app", customer_id="c-1")
    async with AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service", headers=headers) as client:
        yield client


def of(issuer: TestIssuer, customer_id: str) -> dict[str, str]:
    """The same channel for another customer."""
    return issuer.bearer("channel", subject="app", customer_id=customer_id)


async def test_a_customer_sees_their_own_file_masked_and_where_the_rest_is(
    phone: AsyncClient, issuer: TestIssuer
) -> None:
    mine = (await phone.get("/me")).json()
    assert (mine["customer_id"], mine["identity"]) == ("c-1", MASKED)
    assert mine["links"]["tier_explanation"] == "/standings/c-1/explanation"
    assert not {"relationship", "customer_class", "relationship_manager"} & set(mine)
    others = (await phone.get("/me", headers=of(issuer, "c-2"))).json()
    assert (others["customer_id"], others["unit"]) == ("c-2", "B2")


async def test_a_token_that_acts_for_nobody_in_particular_is_told_what_it_needs(
    phone: AsyncClient, issuer: TestIssuer
) -> None:
    for headers, words in (
        (issuer.bearer("channel"), "the claim customer_id"),
        (of(issuer, "c-404"), "not recorded here"),
        (issuer.bearer("rm", customer_id="c-1"), "me:"),
    ):
        for method, path in (("GET", "/me"), ("GET", "/me/consents"), ("POST", "/me/corrections")):
            answer = await phone.request(method, path, headers=headers, json=PHONE if method == "POST" else None)
            assert (answer.status_code, words in answer.json()["detail"]) == (403, True), (path, words)


async def test_no_way_leads_to_another_customer(phone: AsyncClient, issuer: TestIssuer) -> None:
    everything = {"Authorization": f"Bearer {issuer.token('channel', 'rm', 'data_admin', 'dpo', customer_id='c-1')}"}
    for path in ("", "/accounts", "/portrait", "/consents", "/changes", "/status/history"):
        answer = await phone.get(f"/customers/c-2{path}", headers=everything)
        assert (answer.status_code, "not for this one" in answer.json()["detail"]) == (403, True), path
    assert (await phone.get("/customers/c-1", headers=everything)).status_code == 200
    made = await phone.post("/me/corrections", json=PHONE, headers=of(issuer, "c-2"))
    path = f"/me/corrections/{made.json()['correction_id']}/withdrawal"
    assert (await phone.post(path)).status_code == 404
    assert (await phone.post(path, headers=of(issuer, "c-2"))).json()["state"] == "withdrawn"
    for path in ("/customers", "/customers/c-1", "/customers/c-1/consents", "/corrections"):
        assert (await phone.get(path)).status_code == 403


async def test_a_consent_is_granted_and_taken_back_in_the_one_ledger_with_its_channel(
    phone: AsyncClient, api: AsyncClient
) -> None:
    granted = await phone.post("/me/consents", json=GRANT)
    assert (granted.status_code, granted.json()["channel"]) == (201, "mobile"), granted.text
    allowed = {one["purpose"]: one["allowed"] for one in (await phone.get("/me/consents")).json()["purposes"]}
    assert allowed["marketing-sms"]
    back = {"purpose": "marketing-sms", "act": "withdrawn", "channel": "web"}
    assert (await phone.post("/me/consents", json=back)).status_code == 201
    assert (await phone.post("/me/consents", json=GRANT | {"evidence_digest": None})).status_code == 422
    acts = (await api.get("/customers/c-1/consents/history")).json()["items"]
    assert [(act["act"], act["channel"], act["recorded_by"]) for act in acts] == [
        ("granted", "mobile", f"{ISSUER} app for c-1"),
        ("withdrawn", "web", f"{ISSUER} app for c-1"),
    ]


async def test_a_correction_is_asked_for_answered_by_staff_and_its_end_is_told_with_the_ground(
    phone: AsyncClient, api: AsyncClient, issuer: TestIssuer
) -> None:
    made = (await phone.post("/me/corrections", json=PHONE)).json()
    assert (made["state"], made["fields"]) == ("open", ["phone"])
    decision = {"outcome": "refused", "ground": "right-as-it-is"}
    answer = await api.post(f"/corrections/{made['correction_id']}/decision", json=decision)
    assert answer.status_code == 201
    (mine,) = (await phone.get("/me/corrections")).json()["items"]
    assert (mine["state"], mine["ground"]) == ("refused", "right-as-it-is")
    assert "decided_by" not in mine
    again = (await phone.post("/me/corrections", json=PHONE)).json()
    await api.post(f"/corrections/{again['correction_id']}/decision", json={"outcome": "approved"})
    assert (await phone.get("/me")).json()["identity"]["phone"] == "139****9000"
    assert (await phone.get("/me/corrections", headers=of(issuer, "c-2"))).json()["items"] == []


async def test_one_key_of_a_channel_is_another_for_each_customer(phone: AsyncClient, issuer: TestIssuer) -> None:
    """Else the second customer would be answered what the first was."""
    key = {"Idempotency-Key": "tap-1"}
    first = await phone.post("/me/corrections", json=PHONE, headers=key)
    repeated = await phone.post("/me/corrections", json=PHONE, headers=key)
    other = await phone.post("/me/corrections", json=PHONE, headers=of(issuer, "c-2") | key)
    assert repeated.json() == first.json()
    assert other.status_code == 201
    assert other.json()["correction_id"] != first.json()["correction_id"]


async def test_a_restriction_is_not_told_to_the_customer(
    phone: AsyncClient, api: AsyncClient, issuer: TestIssuer
) -> None:
    before = (await phone.get("/me")).text
    step = {"to": "restricted", "reason": "compliance-review"}
    taken = await api.post("/customers/c-1/status", json=step, headers=issuer.bearer("compliance"))
    assert taken.status_code == 201
    assert (await phone.get("/me")).text == before
