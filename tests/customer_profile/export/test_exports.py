"""An export is asked for by one person, approved by another, and handed once to who asked: counted, kept nowhere."""

import asyncio
import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy.exc import DBAPIError

from customer_profile.customer.store import Filters
from customer_profile.export.views import ExportFilters
from rapport.privacy.catalogue.document import published
from rapport.web.scopes import ROLE_SCOPES
from tests.customer_profile.access.bank import open_bank
from tests.customer_profile.export.asking import APPROVER, ASKED, ASKERS, asked_for, decided, taken
from tests.customer_profile.marks import MARKED
from tests.customer_profile.test_privacy import everything_stored, marks_in
from tests.support.delivering import Delivering
from tests.support.sight import FOREIGN, MANAGER, OWN, SUBJECTS, client_of
from tests.support.tokens import ISSUER, TestIssuer

UNKNOWN = UUID(int=7)


@pytest.fixture(autouse=True)
async def bank(service: Delivering) -> None:
    await open_bank(service, identity=MARKED)


async def test_what_is_approved_is_handed_to_who_asked_once_with_its_count_and_digest_noted(
    app: FastAPI, issuer: TestIssuer
) -> None:
    async with client_of(app, issuer, "data_admin", subject="e-steward") as steward:
        export_id = await asked_for(steward)
        assert (await steward.get("/exports")).json()["items"][0]["policy_version"] is None
        approved = await decided(app, issuer, export_id)
        assert (approved["state"], approved["policy_version"]) == ("approved", published().version)
        file = await steward.get(f"/exports/{export_id}/rows")
        assert file.headers["content-type"] == "text/csv; charset=utf-8; header=present"
        assert file.headers["content-disposition"] == f'attachment; filename="customers-{export_id}.csv"'
        assert file.headers["cache-control"] == "no-store"
        (shown,) = (await steward.get("/exports")).json()["items"]
        (hand_out,) = shown["hand_outs"]
        assert (shown["state"], hand_out["row_count"], hand_out["is_whole"]) == ("handed-out", 2, True)
        assert hand_out["digest"] == hashlib.sha256(file.content).hexdigest()
        again = await steward.get(f"/exports/{export_id}/rows")
        assert (again.status_code, "ask anew" in again.json()["detail"]) == (409, True)


@pytest.mark.parametrize("role", ASKERS)
async def test_the_rows_are_what_the_list_shows_the_same_caller(app: FastAPI, issuer: TestIssuer, role: str) -> None:
    lines = (await taken(app, issuer, role, "ndjson", unit="B1")).splitlines()
    async with client_of(app, issuer, role, subject=SUBJECTS[role]) as client:
        listed = (await client.get("/customers", params={"unit": "B1"})).json()["items"]
    assert [json.loads(line) for line in lines] == listed
    assert [one["customer_id"] for one in listed] == [OWN]


@pytest.mark.parametrize(("role", "expected"), [("rm", [OWN]), ("team_lead", [OWN]), ("compliance", [FOREIGN, OWN])])
async def test_a_manager_exports_the_own_customers_whatever_is_asked_for(
    app: FastAPI, issuer: TestIssuer, role: str, expected: list[str]
) -> None:
    lines = (await taken(app, issuer, role, "ndjson")).splitlines()
    assert [json.loads(line)["customer_id"] for line in lines] == expected


async def test_nobody_decides_on_what_they_asked_for_themselves(
    app: FastAPI, issuer: TestIssuer, service: Delivering
) -> None:
    async with client_of(app, issuer, "compliance", subject="e-both") as both:
        export_id = await asked_for(both)
        alone = await both.post(f"/exports/{export_id}/decision", json={"decision": "approve"})
        assert (alone.status_code, "another person" in alone.json()["detail"]) == (403, True)
        for_one = issuer.bearer("compliance", subject="e-twice", customer_id=OWN)
        by_customer = await both.post("/exports", json=ASKED, headers=for_one)
        path = f"/exports/{by_customer.json()['export_id']}/decision"
        as_staff = issuer.bearer("compliance", subject="e-twice")
        assert (await both.post(path, json={"decision": "approve"}, headers=as_staff)).status_code == 403
    with pytest.raises(DBAPIError):
        await service.rows_written("UPDATE exports SET state = 'approved', decided_at = now(), decided_by = asked_by")


async def test_who_has_an_open_one_is_told_which_and_asks_again_once_it_is_decided(
    app: FastAPI, issuer: TestIssuer
) -> None:
    async with client_of(app, issuer, "rm", subject=MANAGER) as client:
        first = await asked_for(client)
        second = await client.post("/exports", json=ASKED)
        assert (second.status_code, first in second.json()["detail"]) == (409, True)
        refused = await decided(app, issuer, first, "refuse")
        assert (refused["state"], refused["decided_by"]) == ("refused", f"{ISSUER} {APPROVER}")
        assert (await client.get(f"/exports/{first}/rows")).status_code == 409
        assert await asked_for(client) != first


async def test_what_is_not_approved_not_the_callers_or_over_is_not_handed_out(
    app: FastAPI, issuer: TestIssuer, service: Delivering
) -> None:
    async with client_of(app, issuer, "data_admin", subject="e-steward") as steward:
        export_id = await asked_for(steward)
        early = await steward.get(f"/exports/{export_id}/rows")
        assert (early.status_code, "approve it first" in early.json()["detail"]) == (409, True)
        await decided(app, issuer, export_id)
        async with client_of(app, issuer, "compliance", subject="e-other") as other:
            another = await other.get(f"/exports/{export_id}/rows")
            unknown = await other.get(f"/exports/{UNKNOWN}/rows")
        assert (another.status_code, another.content) == (404, unknown.content)
        twice = f"/exports/{export_id}/decision"
        async with client_of(app, issuer, "dpo", subject=APPROVER) as approver:
            assert (await approver.post(twice, json={"decision": "refuse"})).status_code == 409
    await kept(service, asked_by="e-late", state="approved")
    async with client_of(app, issuer, "data_admin", subject="e-late") as late:
        over = await late.get(f"/exports/{UNKNOWN}/rows")
        assert (over.status_code, "time is over" in over.json()["detail"]) == (409, True)
        (shown,) = (await late.get("/exports")).json()["items"]
        assert shown["is_expired"]
        assert await asked_for(late)
    assert await service.rows("SELECT * FROM export_hand_outs") == []


async def test_of_two_takings_at_once_one_is_handed_the_rows_and_the_other_is_refused(
    app: FastAPI, issuer: TestIssuer, service: Delivering
) -> None:
    async with client_of(app, issuer, "data_admin", subject="e-steward") as steward:
        export_id = await asked_for(steward)
        await decided(app, issuer, export_id)
        rows = f"/exports/{export_id}/rows"
        both = await asyncio.gather(steward.get(rows), steward.get(rows))
    assert sorted(answer.status_code for answer in both) == [200, 409]
    assert len(await service.rows("SELECT * FROM export_hand_outs")) == 1


@pytest.mark.parametrize(("minutes", "status"), [(59, 409), (61, 200)], ids=["goes on", "died with its process"])
async def test_while_one_taking_goes_on_the_next_is_told_since_when_until_it_must_have_died(
    app: FastAPI, issuer: TestIssuer, service: Delivering, minutes: int, status: int
) -> None:
    async with client_of(app, issuer, "data_admin", subject="e-steward") as steward:
        export_id = await asked_for(steward)
        await decided(app, issuer, export_id)
        await service.rows_written(
            "INSERT INTO export_hand_outs (hand_out_id, export_id, format, taken_by, began_at) "
            f"VALUES (gen_random_uuid(), '{export_id}', 'csv', 'e', now() - interval '{minutes} minutes')"
        )
        answer = await steward.get(f"/exports/{export_id}/rows")
    assert answer.status_code == status
    assert ("is being taken since" in answer.text) == (status == 409)


async def test_what_was_approved_for_the_own_customers_is_not_taken_in_a_role_that_sees_more(
    app: FastAPI, issuer: TestIssuer, service: Delivering
) -> None:
    async with (
        client_of(app, issuer, "rm", subject=MANAGER) as manager,
        client_of(app, issuer, "rm", "compliance", subject=MANAGER) as both,
    ):
        export_id = await asked_for(manager)
        await decided(app, issuer, export_id)
        wider = await both.get(f"/exports/{export_id}/rows")
        assert (wider.status_code, "approved for who sees own" in wider.json()["detail"]) == (409, True)
        assert await service.rows("SELECT * FROM export_hand_outs") == []
        assert (await manager.get(f"/exports/{export_id}/rows")).status_code == 200


async def kept(service: Delivering, *, asked_by: str, state: str) -> None:
    """An export of last week."""
    asked, over = (datetime.now(UTC) - timedelta(days=days) for days in (7, 1))
    await service.rows_written(
        "INSERT INTO exports (export_id, purpose, reason, filters, extent, asked_by, asked_at, expires_at, state, "
        f"decided_by, decided_at) VALUES ('{UNKNOWN}', 'operations', 'data-cleansing', '{{}}', 'all', "
        f"'{ISSUER} {asked_by}', '{asked.isoformat()}', '{over.isoformat()}', '{state}', 'e', '{asked.isoformat()}')"
    )


async def test_taking_it_needs_a_step_up_and_who_has_none_is_told_which(
    app: FastAPI, api: AsyncClient, issuer: TestIssuer, service: Delivering
) -> None:
    export_id = await asked_for(api)
    await decided(app, issuer, export_id)
    answer = await api.get(f"/exports/{export_id}/rows")
    assert answer.status_code == 401
    assert 'acr_values="mfa", max_age="300"' in answer.headers["www-authenticate"]
    assert await service.rows("SELECT * FROM export_hand_outs") == []


async def test_the_queue_shows_who_watches_all_and_everybody_else_the_own_ones(
    app: FastAPI, issuer: TestIssuer
) -> None:
    made = {}
    for role in ASKERS:
        async with client_of(app, issuer, role, subject=SUBJECTS[role]) as client:
            made[role] = await asked_for(client)
    seen = {}
    for role in (*ASKERS, "dpo", "auditor"):
        async with client_of(app, issuer, role, subject=SUBJECTS[role]) as client:
            items = (await client.get("/exports", params={"state": "asked"})).json()["items"]
            seen[role] = [one["export_id"] for one in items]
    everything = [made[role] for role in ASKERS]
    assert seen["dpo"] == seen["auditor"] == seen["compliance"] == everything
    assert {role: seen[role] for role in ("rm", "team_lead", "data_admin")} == {
        role: [made[role]] for role in ("rm", "team_lead", "data_admin")
    }


async def test_what_was_handed_out_lies_nowhere_afterwards_and_what_was_noted_stays(
    app: FastAPI, issuer: TestIssuer, service: Delivering
) -> None:
    await taken(app, issuer, "compliance", "csv")
    dump = await everything_stored(service)
    assert {name: marks_in(rows) for name, rows in dump.items() if marks_in(rows)} == {}
    assert [name for name in ("exports", "export_hand_outs", "idempotency_keys") if "欧*" in dump[name]] == []
    for statement in (
        "UPDATE exports SET purpose = 'due-diligence'",
        "UPDATE exports SET state = 'approved'",
        "UPDATE export_hand_outs SET row_count = 0",
        "DELETE FROM exports",
        "DELETE FROM export_hand_outs",
        "TRUNCATE export_hand_outs",
    ):
        with pytest.raises(DBAPIError):
            await service.rows_written(statement)


async def test_the_filters_are_those_of_the_list_and_a_time_that_ends_before_it_begins_is_none(
    app: FastAPI, api: AsyncClient
) -> None:
    parameters = {one["name"] for one in app.openapi()["paths"]["/customers"]["get"]["parameters"]}
    assert set(ExportFilters.model_fields) == parameters - {"limit", "cursor", "sort"} == set(Filters.__slots__)
    backwards: dict[str, Any] = {"since_from": "2026-01-02", "since_until": "2026-01-01"}
    for filters in (backwards, {"name": "x"}, {"status": "none"}):
        assert (await api.post("/exports", json=ASKED | {"filters": filters})).status_code == 422
    for wrong in ({"purpose": "curiosity"}, {"reason": "none"}):
        assert (await api.post("/exports", json=ASKED | wrong)).status_code == 422


def test_who_asks_does_not_see_all_unless_the_role_does_and_who_approves_watches() -> None:
    by_scope = {
        scope: {role for role, scopes in ROLE_SCOPES.items() if scope in scopes}
        for scope in ("exports:ask", "exports:read", "exports:approve")
    }
    assert by_scope["exports:ask"] == set(ASKERS)
    assert by_scope["exports:approve"] < by_scope["exports:read"]
