"""Of a person whose files are of several managers each sees the own file, and what the customer allows everywhere."""

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from customer_profile.consent.views import NEW_ACT
from tests.customer_profile.access.bank import FOREIGN, LEAD, MANAGER, OWN, client_of, drop_policies, open_bank
from tests.customer_profile.access.test_ownership import OF_ONE
from tests.customer_profile.access.test_tokens import PROOF
from tests.customer_profile.contact.asking import CARE, WITHDRAWN
from tests.customer_profile.merge.merging import merge
from tests.support.delivering import Delivering
from tests.support.tokens import TestIssuer


@pytest.fixture(autouse=True, params=["policies and queries", "queries alone"])
async def refused_on_the_other_file(service: Delivering, api: AsyncClient, request: pytest.FixtureRequest) -> None:
    await open_bank(service)
    for customer_id, *acts in ((OWN, CARE), (FOREIGN, CARE, WITHDRAWN)):
        for act in acts:
            assert (await api.post(f"/customers/{customer_id}/consents", json=act)).status_code == 201
    if request.param == "queries alone":
        await drop_policies(service)


@pytest.mark.parametrize("survivor", [OWN, FOREIGN])
@pytest.mark.parametrize(("role", "who"), [("rm", MANAGER), ("team_lead", LEAD)])
async def test_a_no_on_another_managers_file_is_a_no_and_nothing_else_of_that_file_is_shown(
    service: Delivering, app: FastAPI, issuer: TestIssuer, survivor: str, role: str, who: str
) -> None:
    async with client_of(app, issuer, role, subject=who) as client:
        assert await _allows(client, f"/customers/{OWN}/consents")
        await merge(service, survivor, FOREIGN if survivor == OWN else OWN, evidence=PROOF)
        assert not await _allows(client, f"/customers/{OWN}/consents")
        portrait = (await client.get(f"/customers/{OWN}/portrait")).json()
        assert not next(one["allowed"] for one in portrait["consents"]["value"] if one["purpose"] == "churn-care")
        for path in OF_ONE:
            answer = await client.get(f"/customers/{OWN}{path}")
            assert (answer.status_code, FOREIGN in answer.text) == (200, False), path
            assert (await client.get(f"/customers/{FOREIGN}{path}")).status_code == 404, path


async def test_a_customer_who_took_consent_back_on_one_file_is_told_so_by_every_file(
    service: Delivering, app: FastAPI, issuer: TestIssuer
) -> None:
    await merge(service, OWN, FOREIGN, evidence=PROOF)
    async with client_of(app, issuer, "channel", subject="mobile") as client:
        assert not await _allows(client, "/me/consents")
        assert (await client.get("/me/consents")).json()["files"] == [FOREIGN, OWN]


@pytest.mark.parametrize(("role", "who"), [("rm", MANAGER), ("support", "e-support")])
async def test_what_was_granted_on_another_managers_file_is_withdrawn_on_any(
    service: Delivering, app: FastAPI, api: AsyncClient, issuer: TestIssuer, role: str, who: str
) -> None:
    granted = {name: NEW_ACT[name] for name in ("purpose", "act", "channel", "notice_version", "evidence_digest")}
    taken_back = {"purpose": granted["purpose"], "act": "withdrawn", "channel": "branch"}
    assert (await api.post(f"/customers/{FOREIGN}/consents", json=granted)).status_code == 201
    async with client_of(app, issuer, role, subject=who) as client:
        path = f"/customers/{OWN}/consents"
        assert (await client.post(path, json=taken_back)).status_code == 409, "these are two persons"
        await merge(service, OWN, FOREIGN, evidence=PROOF)
        assert await _allows(client, path, granted["purpose"])
        assert (await client.post(path, json=taken_back)).status_code == 201
        assert not await _allows(client, path, granted["purpose"])


async def _allows(client: AsyncClient, path: str, purpose: str = "churn-care") -> bool:
    found = (await client.get(path)).json()
    return next(one["allowed"] for one in found["purposes"] if one["purpose"] == purpose) is True
