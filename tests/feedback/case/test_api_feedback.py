"""Channels hand feedback over: a receipt with two promises, one effect a key, and a named reason for every refusal."""

from typing import Any

import httpx
import pytest

from tests.feedback.said import WORDS, hear, tier_changed
from tests.support.delivering import Delivering
from tests.support.tokens import TestIssuer

COMPLAINT: dict[str, Any] = {"customer_id": "c-1", "channel": "mobile", "kind": "complaint", "text": WORDS}


async def test_a_complaint_is_kept_and_answered_with_two_promises(api: httpx.AsyncClient, issuer: TestIssuer) -> None:
    answer = await api.post("/feedback", json=COMPLAINT, headers=issuer.bearer("channel", customer_id="c-1"))
    assert answer.status_code == 201, answer.text
    receipt = answer.json()
    assert receipt["status"] == "opened"
    assert receipt["submitted_at"] < receipt["respond_by"] == receipt["resolve_by"]
    assert answer.headers["location"] == f"/cases/{receipt['case_id']}"
    case = (await api.get(answer.headers["location"])).json()
    assert (case["text"], case["status"], case["history"][0]["actor"]) == (WORDS, "opened", "employee-1")


async def test_a_receipt_tells_a_channel_neither_priority_nor_words(
    api: httpx.AsyncClient, service: Delivering
) -> None:
    await hear(service, tier_changed())
    answer = await api.post("/feedback", json=COMPLAINT | {"kind": "enquiry"})
    assert set(answer.json()) == {"case_id", "status", "submitted_at", "respond_by", "resolve_by"}


async def test_praise_is_kept_and_promises_nothing(api: httpx.AsyncClient) -> None:
    receipt = (await api.post("/feedback", json=COMPLAINT | {"kind": "praise"})).json()
    assert (receipt["status"], receipt["respond_by"], receipt["resolve_by"]) == ("recorded", None, None)


async def test_the_same_key_opens_one_case_and_has_one_answer(api: httpx.AsyncClient, service: Delivering) -> None:
    headers = {"Idempotency-Key": "k-1"}
    first = await api.post("/feedback", json=COMPLAINT, headers=headers)
    again = await api.post("/feedback", json=COMPLAINT, headers=headers)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotency-replayed"] == "true"
    other = await api.post("/feedback", json=COMPLAINT | {"kind": "enquiry"}, headers=headers)
    assert other.status_code == 422
    assert len(await service.rows("SELECT 1 FROM cases")) == 1


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"customer_id": None}, "customer_id", "malformed"),
        ({"customer_id": "张三"}, "customer_id", "form"),
        ({"kind": "rating", "rating": None}, "rating", "is required when kind is rating"),
        ({"rating": 6}, "rating", "less than or equal to 5"),
        ({"rating": 0}, "rating", "greater than or equal to 1"),
        ({"text": " "}, "text", "is required without a rating"),
        ({"text": "x" * 4001}, "text", "at most 4000"),
        ({"channel": "pigeon"}, "channel", "must be"),
        ({"kind": "threat"}, "kind", "must be"),
        ({"unit": "a b"}, "unit", "form"),
        ({"priority": "urgent"}, "priority", "is not a known field"),
    ],
)
async def test_malformed_feedback_is_422_with_the_field_at_fault(
    api: httpx.AsyncClient, service: Delivering, change: dict[str, Any], field: str, reason: str
) -> None:
    answer = await api.post("/feedback", json=COMPLAINT | change)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    (error,) = answer.json()["errors"]
    assert error["field"] == field
    assert reason in error["reason"] or reason == "malformed"
    assert "6222020200012345678" not in answer.text
    assert await service.rows("SELECT 1 FROM cases") == []


async def test_without_a_token_or_the_scope_or_within_the_size_nothing_is_kept(
    api: httpx.AsyncClient, service: Delivering, issuer: TestIssuer
) -> None:
    refused = [
        (await api.post("/feedback", json=COMPLAINT, headers={"Authorization": "Bearer no"}), 401),
        (await api.post("/feedback", json=COMPLAINT, headers=issuer.bearer("auditor")), 403),
        (await api.post("/feedback", json=COMPLAINT | {"text": "x" * 2_000_000}), 413),
    ]
    for answer, status in refused:
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
    assert await service.rows("SELECT 1 FROM cases") == []
