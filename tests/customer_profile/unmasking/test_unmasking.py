"""Unmasking is an act: one field, once, for a purpose, by somebody who has just proved who it is, and it is noted."""

import time
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response
from sqlalchemy.exc import DBAPIError

from customer_profile.unmasking.domain import Field, Purpose
from rapport.privacy.catalogue.document import published
from rapport.serving import api_of
from rapport.web.scopes import ROLE_SCOPES
from tests.customer_profile.access.bank import open_bank
from tests.customer_profile.marks import MARKED, needles
from tests.support.delivering import Delivering
from tests.support.serving import Subject
from tests.support.sight import FOREIGN, MANAGER, OWN, client_of
from tests.support.tokens import TestIssuer

PATH = f"/customers/{OWN}/unmaskings"
ASKED = {"field": "phone", "purpose": "complaint-handling", "reason": "call-back"}
CLEAR = {
    "full_name": ("due-diligence", MARKED.full_name),
    "id_number": ("due-diligence", MARKED.id_number),
    "phone": ("business", f"+86{MARKED.phone}"),
    "email": ("business", MARKED.email),
    "address": ("business", MARKED.address),
}


@pytest.fixture(autouse=True)
async def bank(service: Delivering) -> None:
    await open_bank(service, identity=MARKED)


async def noted(service: Delivering) -> list[Any]:
    """The trail, the oldest first."""
    return await service.rows("SELECT customer_id, field, purpose, reason, asked_by FROM unmaskings ORDER BY 1, 2")


def bearing(issuer: TestIssuer, **claims: Any) -> dict[str, str]:
    """The header of the manager with these claims."""
    return {"Authorization": f"Bearer {issuer.token('rm', subject=MANAGER, **claims)}"}


async def test_each_field_is_answered_in_clear_once_and_each_time_is_noted(
    app: FastAPI, issuer: TestIssuer, service: Delivering
) -> None:
    async with client_of(app, issuer, "rm", subject=MANAGER) as client:
        for field, (purpose, value) in CLEAR.items():
            answer = await client.post(PATH, json=ASKED | {"field": field, "purpose": purpose})
            assert (answer.status_code, answer.json()["value"]) == (201, value), answer.text
            assert answer.headers["cache-control"] == "no-store"
    rows = await noted(service)
    assert [row.field for row in rows] == sorted(CLEAR)
    assert {(row.customer_id, row.reason) for row in rows} == {(OWN, "call-back")}
    assert all(row.asked_by.endswith(MANAGER) for row in rows)


async def test_the_value_lies_nowhere_afterwards(app: FastAPI, issuer: TestIssuer, service: Delivering) -> None:
    async with client_of(app, issuer, "rm", subject=MANAGER) as client:
        kept = await client.post(PATH, json=ASKED, headers={"Idempotency-Key": "k-1"})
        assert (kept.status_code, kept.json()["errors"][0]["field"]) == (422, "Idempotency-Key")
        assert (await client.post(PATH, json=ASKED)).status_code == 201
    assert len(await noted(service)) == 1
    for table in ("unmaskings", "idempotency_keys", "outbox"):
        rows = [row.whole for row in await service.rows(f"SELECT t::text AS whole FROM {table} t")]
        assert [mark for mark in needles() if mark in "".join(rows).encode()] == []


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"acr": "mfa"},
        {"auth_time": int(time.time())},
        {"acr": "pwd", "auth_time": int(time.time())},
        {"acr": "mfa", "auth_time": int(time.time()) - 3600},
        {"acr": "mfa", "auth_time": int(time.time()) + 3600},
    ],
)
async def test_without_a_strong_and_recent_authentication_the_client_is_told_which_to_ask_for(
    api: AsyncClient, issuer: TestIssuer, service: Delivering, claims: dict[str, Any]
) -> None:
    answer = await api.post(PATH, json=ASKED, headers=bearing(issuer, **claims))
    challenge = answer.headers["www-authenticate"]
    assert answer.status_code == 401
    assert 'error="insufficient_user_authentication"' in challenge
    assert 'acr_values="mfa", max_age="300"' in challenge
    assert (await noted(service), MARKED.phone in answer.text) == ([], False)


async def test_a_claim_of_another_form_is_no_token(api: AsyncClient, issuer: TestIssuer) -> None:
    for claims in ({"acr": ["mfa"]}, {"auth_time": "now"}, {"auth_time": True}):
        answer = await api.post(PATH, json=ASKED, headers=bearing(issuer, **claims))
        assert (answer.status_code, "invalid_token" in answer.headers["www-authenticate"]) == (401, True)


async def refused(client: AsyncClient, service: Delivering, path: str = PATH, **asked: str) -> Response:
    """The answer to what must neither show nor note anything."""
    before = len(await noted(service))
    answer = await client.post(path, json=ASKED | asked)
    assert [mark for mark in needles() if mark in answer.content] == []
    assert len(await noted(service)) == before
    return answer


async def test_what_is_refused_names_the_remedy_and_leaves_no_row(
    app: FastAPI, issuer: TestIssuer, service: Delivering, system: AsyncClient
) -> None:
    async with client_of(app, issuer, "rm", subject=MANAGER) as client:
        wrong = await refused(client, service, purpose="business", field="id_number")
        assert (wrong.status_code, "due-diligence" in wrong.json()["detail"]) == (403, True)
        for unlisted in ({"purpose": "curiosity"}, {"reason": "none"}, {"field": "id_type"}):
            assert (await refused(client, service, **unlisted)).status_code == 422
        foreign = await refused(client, service, f"/customers/{FOREIGN}/unmaskings")
        unknown = await refused(client, service, "/customers/c-unknown/unmaskings")
        assert (foreign.status_code, foreign.content) == (404, unknown.content)
        assert (await system.patch(f"/customers/{OWN}", json={"identity": {"phone": None}})).status_code == 200
        assert (await refused(client, service)).status_code == 409


async def test_who_asks_too_often_waits_whichever_process_is_asked_and_the_refusal_is_in_the_trail(
    app: FastAPI, issuer: TestIssuer, service: Delivering, subject: Subject
) -> None:
    runtime = subject.runtime(service.runtime.settings)
    async with (
        client_of(app, issuer, "rm", subject=MANAGER) as one,
        client_of(api_of(runtime), issuer, "rm", subject=MANAGER) as other,
        client_of(app, issuer, "support", subject="e-support") as colleague,
    ):
        answers = [await client.post(PATH, json=ASKED) for client in (one, other) * 6]
        assert (await colleague.post(PATH, json=ASKED)).status_code == 201
    await runtime.close()
    assert [answer.status_code for answer in answers] == [201] * 10 + [429] * 2
    assert 0 < int(answers[-1].headers["retry-after"]) <= 60
    async with client_of(app, issuer, "auditor", subject="e-auditor") as auditor:
        shown = (await auditor.get("/customers/unmaskings")).json()["items"]
    assert [row["refused"] for row in shown] == [False] * 10 + [True] * 2 + [False]
    assert {tuple(row[name] for name in ASKED) for row in shown} == {tuple(ASKED.values())}
    assert not any(MARKED.phone in str(row) for row in shown)


async def test_copies_have_a_limit_of_their_own_for_each_customer_and_a_refused_one_is_noted_whole(
    app: FastAPI, issuer: TestIssuer, service: Delivering
) -> None:
    app.state.unmaskings_per_minute = 2
    async with client_of(app, issuer, "channel", subject="app") as phone:
        answers = [await phone.get("/me/copy") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    rows = await service.rows("SELECT field, purpose, customer_id FROM unmaskings WHERE refused")
    assert [tuple(row) for row in rows] == [("all", "own-copy", OWN)]


async def test_the_trail_is_read_by_who_watches_and_altered_by_nobody(
    app: FastAPI, issuer: TestIssuer, service: Delivering, api: AsyncClient
) -> None:
    async with client_of(app, issuer, "rm", subject=MANAGER) as client:
        for field in ("phone", "email"):
            assert (await client.post(PATH, json=ASKED | {"field": field})).status_code == 201
    looked = {"kind": "phone", "number": MARKED.phone, "purpose": "service"}
    assert (await api.post("/customers/look-up", json=looked)).status_code == 201
    async with client_of(app, issuer, "auditor", subject="e-auditor") as auditor:
        first = (await auditor.get("/customers/unmaskings", params={"limit": 1})).json()
        rest = (await auditor.get("/customers/unmaskings", params={"cursor": first["next"]})).json()
        assert [one["field"] for one in first["items"] + rest["items"]] == ["phone", "email"]
        assert rest["next"] is None
        assert [one["policy_version"] for one in first["items"] + rest["items"]] == [published().version] * 2
        (look_up,) = (await auditor.get("/customers/look-ups")).json()["items"]
        assert (look_up["field"], look_up["purpose"], look_up["found"]) == ("phone", "service", True)
    for statement in ("UPDATE unmaskings SET reason = 'letter'", "DELETE FROM unmaskings", "TRUNCATE unmaskings"):
        with pytest.raises(DBAPIError):
            await service.rows_written(statement)


def test_who_may_unmask_is_who_the_catalogue_names_and_each_purpose_is_a_scene_of_it() -> None:
    named = {role for entry in published().entries for role in entry.unmasked_for}
    assert named - {"channel"} == {role for role, scopes in ROLE_SCOPES.items() if "customers:unmask" in scopes}
    entries = [published().by_name[field] for field in Field.__args__]  # type: ignore[attr-defined]
    assert {scene for entry in entries for scene in entry.scenes} - {"own-copy"} == set(Purpose.__args__)  # type: ignore[attr-defined]
    assert all(entry.unmasked_for for entry in entries)
