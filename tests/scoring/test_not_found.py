"""Who asks for what is not there is told what to do, and where what is there is listed; never what they asked for."""

from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest

from rapport.serving import api_of
from tests.support.delivering import Delivering
from tests.support.tokens import TestIssuer

NOBODY, NOTHING = "c-of-nobody", UUID(int=7)
CUSTOMER = ("check customer_id", "GET /standings ")
SCORECARD = ("check version", "GET /scorecards ")
PLACES = {
    f"/standings/{NOBODY}": CUSTOMER,
    f"/standings/{NOBODY}/explanation": CUSTOMER,
    f"/standings/{NOBODY}/history": CUSTOMER,
    f"/standings/{NOBODY}/overrides": CUSTOMER,
    f"/entitlements/{NOBODY}": CUSTOMER,
    f"/entitlements/{NOBODY}/classes": CUSTOMER,
    f"/overrides/{NOTHING}": ("check override_id", "GET /overrides "),
    f"/appeals/{NOTHING}": ("check appeal_id", "GET /appeals "),
    "/scorecards/77": SCORECARD,
    "/scorecards/77/acts": SCORECARD,
    "/scorecards/77/dry-run": SCORECARD,
    "/scorecards/77/shadow": SCORECARD,
    "/policies/77": ("check version", "GET /policies "),
    "/policies/77/acts": ("check version", "GET /policies "),
}


@pytest.fixture
async def auditor(bank: Delivering, issuer: TestIssuer) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(api_of(bank.runtime))
    headers = issuer.bearer("auditor", subject="eve")
    async with httpx.AsyncClient(transport=transport, base_url="http://scoring", headers=headers) as client:
        yield client


async def test_what_is_not_there_names_the_field_and_a_list_that_exists(auditor: httpx.AsyncClient) -> None:
    listed = set()
    for place, (field, remedy) in PLACES.items():
        answer = await auditor.get(place)
        detail = answer.json()["detail"]
        assert answer.status_code == 404, place
        assert field in detail and remedy in detail, (place, detail)
        assert NOBODY not in detail and str(NOTHING) not in detail and "77" not in detail
        listed.add(remedy.removeprefix("GET ").strip())
    for place in listed:
        assert (await auditor.get(place)).status_code == 200, place


async def test_an_appeal_for_nobody_names_the_remedy_too(bank: Delivering, issuer: TestIssuer) -> None:
    transport = httpx.ASGITransport(api_of(bank.runtime))
    headers = issuer.bearer("channel", subject="app", customer_id=NOBODY)
    async with httpx.AsyncClient(transport=transport, base_url="http://scoring", headers=headers) as channel:
        answer = await channel.post(f"/standings/{NOBODY}/appeals", json={})
    assert answer.status_code == 404 and "check customer_id" in answer.json()["detail"]
