"""A manager sees the risks and alerts of the own customers, as customer-profile last told who they are."""

from uuid import uuid4

from fastapi import FastAPI
from httpx import AsyncClient

from tests.churn_alert.access.conftest import Alerts
from tests.support.delivering import Delivering
from tests.support.grouping import merge
from tests.support.sight import (
    FOREIGN,
    LEAD,
    MANAGER,
    OTHER_MANAGER,
    OWN,
    UNKNOWN,
    client_of,
    employee,
    listed,
    managed,
    said,
    tell,
)
from tests.support.tokens import TestIssuer

LISTS = ("/alerts", "/risks", "/lifecycle")


async def test_what_is_anothers_is_answered_like_what_is_not_there(
    app: FastAPI, issuer: TestIssuer, alerts: Alerts
) -> None:
    async with client_of(app, issuer, "rm", subject=MANAGER) as client:
        for below in ("", "/crossings"):
            assert (await client.get(f"/risks/{OWN}{below}")).status_code == 200
            foreign, unknown = [await client.get(f"/risks/{who}{below}") for who in (FOREIGN, UNKNOWN)]
            assert foreign.status_code == 404
            assert said(foreign) == said(unknown)
        for method, below, body in (
            ("GET", "", None),
            ("POST", "/acknowledgement", None),
            ("POST", "/closure", {"outcome": "lost"}),
        ):
            paths = (f"{alerts[FOREIGN]}{below}", f"/alerts/{uuid4()}{below}")
            foreign, unknown = [await client.request(method, path, json=body) for path in paths]
            assert foreign.status_code == 404
            assert said(foreign) == said(unknown)
        of_foreign = await client.get("/alerts", params={"customer_id": FOREIGN})
        assert said(of_foreign) == said(await client.get("/alerts", params={"customer_id": UNKNOWN}))


async def test_a_customer_who_changes_hands_does_so_at_once_and_no_older_word_undoes_it(
    app: FastAPI, issuer: TestIssuer, service: Delivering, alerts: Alerts
) -> None:
    async with (
        client_of(app, issuer, "rm", subject=MANAGER) as former,
        client_of(app, issuer, "rm", subject=OTHER_MANAGER) as later,
    ):
        for path in LISTS:
            assert (await listed(former, path), await listed(later, path)) == ([OWN], [FOREIGN])
        await tell(service, managed(OWN, OTHER_MANAGER, revision=3))
        await tell(service, managed(OWN, MANAGER, revision=2))
        for path in LISTS:
            assert (await listed(former, path), sorted(await listed(later, path))) == ([], [FOREIGN, OWN])
        assert (await former.get(alerts[OWN])).status_code == 404
        assert (await later.get(alerts[OWN])).status_code == 200
        assert (await former.get(f"/risks/{OWN}")).status_code == 404


async def test_a_lead_sees_whom_the_unit_has_charge_of_now(
    app: FastAPI, issuer: TestIssuer, service: Delivering, alerts: Alerts
) -> None:
    async with client_of(app, issuer, "team_lead", subject=LEAD) as client:
        assert await listed(client, "/alerts") == [OWN]
        await tell(service, employee(OTHER_MANAGER, "B1", revision=2))
        assert sorted(await listed(client, "/alerts")) == [FOREIGN, OWN]
        assert (await client.get(alerts[FOREIGN])).status_code == 200
        await tell(service, employee(LEAD, "B1", "team_lead", active=False, revision=2))
        assert await listed(client, "/alerts") == []


async def test_of_a_person_the_survivors_manager_sees_the_risk_and_no_file_of_anothers(
    app: FastAPI, issuer: TestIssuer, service: Delivering, alerts: Alerts
) -> None:
    await service.deliver(*map(service.feed.record, merge(1, OWN, FOREIGN)))
    async with (
        client_of(app, issuer, "rm", subject=MANAGER) as of_survivor,
        client_of(app, issuer, "rm", subject=OTHER_MANAGER) as of_merged,
        client_of(app, issuer, "auditor", subject="e-8") as auditor,
    ):
        assert (await auditor.get(f"/risks/{OWN}")).json()["files"] == [FOREIGN, OWN]
        assert (await of_survivor.get(f"/risks/{OWN}")).json()["files"] == [OWN]
        for client, file in ((of_survivor, FOREIGN), (of_merged, OWN), (of_merged, FOREIGN)):
            assert (await client.get(f"/risks/{file}")).status_code == 404
        for client, file in ((of_survivor, OWN), (of_merged, FOREIGN)):
            rows = (await client.get("/alerts", params={"customer_id": file})).json()["items"]
            assert {row["customer_id"] for row in rows} == {file}
        assert await listed(of_merged, "/risks") == []


async def test_how_a_file_crossed_before_it_was_merged_is_told_of_the_person_and_of_who_was_held_out_is_not(
    app: FastAPI, issuer: TestIssuer, service: Delivering, alerts: Alerts
) -> None:
    """The survivor's manager does not see the other file, and sees all that the person crossed."""
    crossed = {
        customer_id: {str(row.crossing_id) for row in await service.rows(f"{_CROSSED} = '{customer_id}'")}
        for customer_id in (OWN, FOREIGN)
    }
    assert all(crossed.values())
    await service.deliver(*map(service.feed.record, merge(1, OWN, FOREIGN)))
    async with client_of(app, issuer, "rm", subject=MANAGER) as of_survivor:
        assert await _crossings(of_survivor, OWN) == crossed[OWN] | crossed[FOREIGN]
        await service.rows_written(f"UPDATE alerts SET arm = 'held-out' WHERE customer_id = '{FOREIGN}'")
        assert await _crossings(of_survivor, OWN) == crossed[OWN]
    async with client_of(app, issuer, "auditor", subject="e-8") as auditor:
        for file in (OWN, FOREIGN):
            assert await _crossings(auditor, file) == crossed[OWN] | crossed[FOREIGN]


_CROSSED = "SELECT crossing_id FROM risk_crossings WHERE direction = 'up' AND customer_id"


async def _crossings(client: AsyncClient, customer_id: str) -> set[str]:
    items = (await client.get(f"/risks/{customer_id}/crossings")).json()["items"]
    return {one["crossing_id"] for one in items if one["direction"] == "up"}


async def test_a_token_for_one_customer_sees_that_one_whatever_its_roles(
    app: FastAPI, issuer: TestIssuer, alerts: Alerts
) -> None:
    async with client_of(app, issuer, "channel", "auditor", subject="mobile") as client:
        for path in LISTS:
            assert await listed(client, path) == [OWN]
        assert (await client.get(alerts[FOREIGN])).status_code == 404
