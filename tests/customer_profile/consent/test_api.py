"""Consents over REST: recorded, shown as of any moment, refused with the field; nothing in the ledger ever changes."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy.exc import DBAPIError

from tests.customer_profile.consent.ledgers import DIGEST
from tests.customer_profile.facts import customer, record
from tests.support.delivering import Delivering
from tests.support.tokens import TestIssuer

PATH = "/customers/c-1/consents"
GRANT: dict[str, Any] = {
    "purpose": "marketing-sms",
    "act": "granted",
    "channel": "branch",
    "notice_version": 1,
    "evidence_digest": DIGEST,
    "occurred_at": "2026-02-01T08:00:00Z",
}
WITHDRAWAL = {"purpose": "marketing-sms", "act": "withdrawn", "channel": "mobile"}


@pytest.fixture(autouse=True)
async def recorded(service: Delivering) -> None:
    await service.deliver(record(service, customer()))


async def act(api: AsyncClient, **fields: Any) -> dict[str, Any]:
    answer = await api.post(PATH, json=GRANT | fields)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def shown(api: AsyncClient, purpose: str = "marketing-sms", **params: str) -> dict[str, Any]:
    answer = await api.get(PATH, params=params)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return {"revision": found["revision"]} | next(one for one in found["purposes"] if one["purpose"] == purpose)


async def test_before_any_act_nothing_that_needs_consent_is_allowed(api: AsyncClient) -> None:
    purposes = (await api.get(PATH)).json()["purposes"]
    assert {one["allowed"] for one in purposes if one["withdrawable"]} == {False}
    assert {one["allowed"] for one in purposes if not one["withdrawable"]} == {True}
    assert {one["may_ask"] for one in purposes if one["withdrawable"]} == {True}


async def test_a_grant_and_its_withdrawal_are_two_rows_and_the_words_shown_are_kept(api: AsyncClient) -> None:
    granted = await act(api)
    notice = (await shown(api))["notice"]
    assert (granted["notice_digest"], granted["revision"]) == (notice["digest"], 1)
    assert (await shown(api))["allowed"]
    answer = await api.post(PATH, json=WITHDRAWAL)
    assert (answer.status_code, answer.json()["revision"]) == (201, 2)
    found = await shown(api)
    assert (found["allowed"], found["may_ask"], found["revision"]) == (False, False, 2)
    assert datetime.fromisoformat(found["may_ask_from"]) > datetime.now(UTC) + timedelta(days=179)


async def test_the_past_is_shown_as_of_its_moment_and_by_what_was_known(api: AsyncClient) -> None:
    recorded_at = datetime.fromisoformat((await act(api))["recorded_at"])
    before = (recorded_at - timedelta(microseconds=1)).isoformat()
    assert (await shown(api, at="2026-02-01T08:00:00Z"))["allowed"]
    assert not (await shown(api, at="2026-02-01T07:59:59Z"))["allowed"]
    assert not (await shown(api, at="2026-02-01T08:00:00Z", known_at=before))["allowed"]
    assert (await shown(api, known_at=before))["revision"] == 0


async def test_the_same_act_told_twice_is_one_row(api: AsyncClient) -> None:
    assert await act(api) == await act(api)
    key = {"Idempotency-Key": "tap-1"}
    twice = [await api.post(PATH, json=WITHDRAWAL, headers=key) for _ in range(2)]
    assert twice[0].json() == twice[1].json()
    assert (await shown(api))["revision"] == 2


async def test_the_same_act_with_other_proof_is_a_conflict_that_names_the_field_and_changes_nothing(
    api: AsyncClient,
) -> None:
    first = await act(api)
    answer = await api.post(PATH, json=GRANT | {"evidence_digest": "cd" * 32})
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (409, ["evidence_digest"])
    assert "name the moment of another act in occurred_at" in answer.json()["errors"][0]["reason"]
    assert (await api.get(f"{PATH}/history")).json()["items"] == [first]


@pytest.mark.parametrize(
    ("fields", "status", "field"),
    [
        ({"occurred_at": "2100-01-01T00:00:00Z"}, 422, "occurred_at"),
        ({"occurred_at": "2026-02-01T08:00:00"}, 422, "occurred_at"),
        ({"notice_version": 2}, 422, "notice_version"),
        ({"evidence_digest": None}, 422, "evidence_digest"),
        ({"evidence_digest": "form.pdf"}, 422, "evidence_digest"),
        ({"purpose": "tiering"}, 422, "is_separate"),
        ({"purpose": "anti-money-laundering"}, 422, "purpose"),
        ({"purpose": "nothing"}, 422, "purpose"),
        ({"act": "forgotten"}, 422, "act"),
        ({"channel": "dream"}, 422, "channel"),
        ({"surprise": 1}, 422, "surprise"),
        (WITHDRAWAL | {"notice_version": None}, 409, "purpose"),
    ],
)
async def test_an_act_that_cannot_be_is_refused_and_names_its_field(
    api: AsyncClient, fields: dict[str, Any], status: int, field: str
) -> None:
    answer = await api.post(PATH, json=GRANT | fields)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert (await shown(api))["revision"] == 0


async def test_a_withdrawal_dated_before_its_grant_is_refused_with_its_field(api: AsyncClient) -> None:
    await act(api)
    answer = await api.post(PATH, json=WITHDRAWAL | {"occurred_at": "2026-01-31T08:00:00Z"})
    assert answer.status_code == 422
    reason = "lies before the grant that it would withdraw"
    assert answer.json()["errors"] == [{"field": "occurred_at", "reason": reason}]


async def test_the_history_pages_in_the_order_of_recording(api: AsyncClient) -> None:
    for day in range(5, 0, -1):
        await act(api, occurred_at=f"2026-02-0{day}T08:00:00Z")
    await act(api, purpose="marketing-phone")
    first = (await api.get(f"{PATH}/history", params={"limit": 4})).json()
    rest = (await api.get(f"{PATH}/history", params={"cursor": first["next"]})).json()
    assert [one["revision"] for one in first["items"] + rest["items"]] == [1, 2, 3, 4, 5, 6]
    assert first["items"][0]["occurred_at"] == "2026-02-05T08:00:00Z"
    only = (await api.get(f"{PATH}/history", params={"purpose": "marketing-phone"})).json()
    assert [one["revision"] for one in only["items"]] == [6]


async def test_of_an_unknown_customer_nothing_is_kept_and_nothing_shown(api: AsyncClient) -> None:
    for answer in (
        await api.get("/customers/c-404/consents"),
        await api.get("/customers/c-404/consents/history"),
        await api.post("/customers/c-404/consents", json=GRANT),
    ):
        assert answer.status_code == 404


async def test_who_may_only_look_records_nothing(api: AsyncClient, issuer: TestIssuer) -> None:
    looks = issuer.bearer("auditor")
    assert (await api.get(PATH, headers=looks)).status_code == 200
    assert (await api.post(PATH, json=GRANT, headers=looks)).status_code == 403
    assert (await api.get(PATH, headers=issuer.bearer("analyst"))).status_code == 403


@pytest.mark.parametrize("change", ["UPDATE consent_acts SET act = 'declined'", "DELETE FROM consent_acts"])
async def test_the_database_refuses_to_alter_the_ledger(api: AsyncClient, service: Delivering, change: str) -> None:
    await act(api)
    with pytest.raises(DBAPIError, match="consent_acts only grows"):
        await service.rows_written(change)


async def test_acts_at_once_get_numbers_one_after_the_other(api: AsyncClient) -> None:
    moments = [f"2026-02-{day:02}T08:00:00Z" for day in range(1, 13)]
    rows = await asyncio.gather(*(act(api, occurred_at=moment) for moment in moments))
    assert sorted(row["revision"] for row in rows) == list(range(1, 13))
