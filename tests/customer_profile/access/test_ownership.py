"""Whose customers a caller sees over REST: by the queries, also where the database would not keep to it."""

from random import Random

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from tests.customer_profile.access.bank import drop_policies, open_bank
from tests.customer_profile.facts import account, customer, record
from tests.support.delivering import Delivering
from tests.support.sight import FOREIGN, LEAD, MANAGER, OTHER_MANAGER, OWN, UNKNOWN, client_of, employee
from tests.support.tokens import TestIssuer

OF_ONE = ("", "/accounts", "/changes", "/portrait", "/consents", "/consents/history")


async def listed(client: AsyncClient) -> list[str]:
    """The tokens of all customers whom the list holds, page by page."""
    found: list[str] = []
    params: dict[str, str] = {"limit": "3"}
    while True:
        page = (await client.get("/customers", params=params)).json()
        found += [one["customer_id"] for one in page["items"]]
        if page["next"] is None:
            return found
        params["cursor"] = page["next"]


@pytest.fixture(params=["policies and queries", "queries alone"])
async def bank(service: Delivering, request: pytest.FixtureRequest) -> None:
    await open_bank(service)
    if request.param == "queries alone":
        await drop_policies(service)


@pytest.mark.usefixtures("bank")
async def test_another_managers_customer_is_answered_like_one_who_is_not_recorded(
    app: FastAPI, issuer: TestIssuer
) -> None:
    async with client_of(app, issuer, "rm", subject=MANAGER) as client:
        for path in OF_ONE:
            assert (await client.get(f"/customers/{OWN}{path}")).status_code == 200, path
            foreign = await client.get(f"/customers/{FOREIGN}{path}")
            unknown = await client.get(f"/customers/{UNKNOWN}{path}")
            assert (foreign.status_code, foreign.content) == (404, unknown.content), path
            kept = [{k: v for k, v in one.headers.items() if k != "x-request-id"} for one in (foreign, unknown)]
            assert kept[0] == kept[1], path


@pytest.mark.usefixtures("bank")
async def test_a_customer_who_changes_hands_does_so_at_once(app: FastAPI, issuer: TestIssuer, api: AsyncClient) -> None:
    async with (
        client_of(app, issuer, "rm", subject=MANAGER) as former,
        client_of(app, issuer, "rm", subject=OTHER_MANAGER) as later,
    ):
        assert (await listed(former), await listed(later)) == ([OWN], [FOREIGN])
        answer = await api.patch(f"/customers/{OWN}", json={"relationship_manager": OTHER_MANAGER})
        assert answer.status_code == 200
        assert (await listed(former), await listed(later)) == ([], [FOREIGN, OWN])
        assert (await former.get(f"/customers/{OWN}/portrait")).status_code == 404
        assert (await later.get(f"/customers/{OWN}/portrait")).status_code == 200


@pytest.mark.usefixtures("bank")
async def test_a_lead_sees_the_customers_of_who_works_in_the_unit_now(
    app: FastAPI, issuer: TestIssuer, service: Delivering
) -> None:
    async with client_of(app, issuer, "team_lead", subject=LEAD) as client:
        assert await listed(client) == [OWN]
        await service.deliver(service.feed.record(employee(OTHER_MANAGER, "B1", revision=2)))
        assert await listed(client) == [FOREIGN, OWN]
        assert (await client.get(f"/customers/{FOREIGN}")).status_code == 200


@pytest.mark.usefixtures("bank")
async def test_of_two_roles_the_one_that_sees_more_counts(app: FastAPI, issuer: TestIssuer) -> None:
    for roles, expected in (
        (("rm", "team_lead"), [OWN]),
        (("rm", "support"), [FOREIGN, OWN]),
        (("analyst", "rm"), []),
        (("analyst", "service"), [FOREIGN, OWN]),
    ):
        async with client_of(app, issuer, *roles, subject=LEAD) as client:
            assert await listed(client) == expected, roles


@pytest.mark.usefixtures("bank")
async def test_a_request_about_anothers_customer_is_neither_listed_nor_shown_nor_withdrawn(
    app: FastAPI, issuer: TestIssuer, api: AsyncClient
) -> None:
    body = {"identity": {"phone": "139 0013 9000"}, "channel": "branch"}
    own, foreign = [(await api.post(f"/customers/{who}/corrections", json=body)).headers for who in (OWN, FOREIGN)]
    async with client_of(app, issuer, "rm", subject=MANAGER) as client:
        assert [one["customer_id"] for one in (await client.get("/corrections")).json()["items"]] == [OWN]
        assert (await client.get("/corrections", params={"customer_id": FOREIGN})).json()["items"] == []
        assert (await client.get(own["location"])).status_code == 200
        assert (await client.get(foreign["location"])).status_code == 404
        assert (await client.post(f"{own['location']}/withdrawal")).status_code == 403, "another brought it"
        assert (await client.post(f"{foreign['location']}/withdrawal")).status_code == 404


@pytest.mark.usefixtures("bank")
async def test_a_token_that_acts_for_one_customer_sees_that_one_whatever_its_role(
    app: FastAPI, issuer: TestIssuer
) -> None:
    async with client_of(app, issuer, "channel", "support", subject="channel-1") as client:
        assert await listed(client) == [OWN]


@pytest.mark.usefixtures("bank")
async def test_a_token_without_a_role_sees_nobody(app: FastAPI, issuer: TestIssuer) -> None:
    token = issuer.token(subject=MANAGER, scope="customers:read")
    async with client_of(app, issuer, subject=MANAGER) as client:
        client.headers["authorization"] = f"Bearer {token}"
        assert await listed(client) == []


@pytest.mark.usefixtures("bank")
async def test_nothing_given_to_a_manager_or_a_lead_names_another_customer(
    app: FastAPI, issuer: TestIssuer, service: Delivering
) -> None:
    rng = Random(20260302)
    unit_of = {f"e-{n}": f"U{rng.randrange(3)}" for n in range(8)}
    manager_of = {f"c-{n:03}": rng.choice([*unit_of, None]) for n in range(40)}
    told = [service.feed.record(employee(who, unit)) for who, unit in unit_of.items()]
    told += [record(service, customer(who, relationship_manager=by, identity=None)) for who, by in manager_of.items()]
    await service.deliver(*told, *(record(service, account(who, f"a-of-{who}")) for who in manager_of))
    for role in ("rm", "team_lead"):
        for subject, unit in unit_of.items():
            mates = {subject} if role == "rm" else {who for who, where in unit_of.items() if where == unit}
            own = sorted(who for who, by in manager_of.items() if by in mates)
            others = manager_of.keys() - set(own)
            async with client_of(app, issuer, role, subject=subject) as client:
                assert await listed(client) == own
                for asked in rng.sample(sorted(manager_of), 6):
                    bodies = [(await client.get(f"/customers/{asked}{path}")).text for path in OF_ONE]
                    bodies.append((await client.get("/customers", params={"limit": "200"})).text)
                    assert [other for other in others if any(other in body for body in bodies)] == []
