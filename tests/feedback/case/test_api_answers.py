"""Staff answer, resolve and reopen a case over REST: its clocks stop and start, and its state forbids the rest."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from rapport.clock import utc_now
from tests.feedback.said import HOUR, hear, submitted
from tests.support.delivering import Delivering
from tests.support.tokens import TestIssuer

ANSWER = {"text": "手续费已退回 refunded"}
NOBODY = "0195515f-5a00-8a3b-9c41-7d1c6f0a2b93"
WORK: dict[str, dict[str, Any]] = {
    "response": ANSWER,
    "resolution": {"root_cause": "fee-charged-twice"},
    "reopening": {"reason": "没有利息"},
}


@pytest.fixture
async def case(api: httpx.AsyncClient, service: Delivering) -> str:
    """The path of a complaint made an hour ago."""
    await hear(service, submitted(submitted_at=utc_now() - HOUR))
    return f"/cases/{(await api.get('/cases')).json()['items'][0]['case_id']}"


async def work(api: httpx.AsyncClient, case: str, *deeds: str) -> list[int]:
    """Do these in turn; the statuses."""
    return [(await api.post(f"{case}/{deed}", json=WORK[deed])).status_code for deed in deeds]


def by_name(case: dict[str, Any], run: int) -> dict[str, Any]:
    return {clock["clock"]: clock for clock in case["clocks"] if clock["run"] == run}


async def test_the_closed_loop_stops_each_clock_and_reopening_starts_both_again(
    api: httpx.AsyncClient, case: str
) -> None:
    responded = (await api.post(f"{case}/response", json=ANSWER)).json()
    assert responded["status"] == "responded"
    clocks = by_name(responded, 1)
    assert clocks["respond"]["stopped_at"] is not None
    assert clocks["resolve"]["stopped_at"] is None
    resolved = (await api.post(f"{case}/resolution", json=WORK["resolution"])).json()
    assert (resolved["status"], resolved["root_cause"]) == ("resolved", "fee-charged-twice")
    assert by_name(resolved, 1)["resolve"]["stopped_at"] is not None
    reopened = (await api.post(f"{case}/reopening", json=WORK["reopening"])).json()
    assert (reopened["status"], reopened["run"]) == ("reopened", 2)
    assert by_name(reopened, 1) == by_name(resolved, 1)
    assert {clock["stopped_at"] for clock in by_name(reopened, 2).values()} == {None}
    assert await work(api, case, "response", "resolution") == [201, 201]


async def test_the_history_keeps_who_did_what_and_every_word_for_those_who_may_read(
    api: httpx.AsyncClient, case: str
) -> None:
    assert await work(api, case, "response", "resolution", "reopening") == [201, 201, 201]
    history = (await api.get(case)).json()["history"]
    assert [(line["happening"], line["run"], line["actor"], line["words"]) for line in history] == [
        ("opened", 1, None, None),
        ("responded", 1, "employee-1", ANSWER["text"]),
        ("resolved", 1, "employee-1", None),
        ("reopened", 2, "employee-1", "没有利息"),
    ]


async def test_answers_are_nowhere_in_clear(api: httpx.AsyncClient, service: Delivering, case: str) -> None:
    headers = {"Idempotency-Key": "k-1"}
    assert (await api.post(f"{case}/response", json=ANSWER, headers=headers)).status_code == 201
    for table in ("cases", "case_events", "outbox", "idempotency_keys"):
        (content,) = await service.rows(f"SELECT coalesce(string_agg(t::text, ' '), '') AS everything FROM {table} t")
        assert "refunded" not in content.everything
        assert b"refunded".hex() not in content.everything


@pytest.mark.parametrize(
    ("before", "deed", "title"),
    [
        ((), "resolution", "The customer is not answered yet"),
        ((), "reopening", "The case is not resolved"),
        (("response",), "response", "The case is answered already"),
        (("response", "resolution"), "response", "The case is resolved"),
        (("response", "resolution"), "resolution", "The case is resolved"),
        (("response", "resolution", "reopening"), "reopening", "The case is not resolved"),
    ],
)
async def test_what_the_state_forbids_is_409_and_changes_nothing(
    api: httpx.AsyncClient, service: Delivering, case: str, before: tuple[str, ...], deed: str, title: str
) -> None:
    assert set(await work(api, case, *before)) <= {201}
    lines, facts = await service.rows("SELECT * FROM case_events"), await service.rows("SELECT * FROM outbox")
    answer = await api.post(f"{case}/{deed}", json=WORK[deed])
    assert (answer.status_code, answer.json()["title"]) == (409, title)
    assert await service.rows("SELECT * FROM case_events") == lines
    assert await service.rows("SELECT * FROM outbox") == facts


async def test_praise_is_owed_no_answer(api: httpx.AsyncClient, service: Delivering) -> None:
    await hear(service, submitted(kind="praise"))
    praise = (await api.get("/cases?status=recorded")).json()["items"][0]["case_id"]
    assert await work(api, f"/cases/{praise}", "response", "resolution", "reopening") == [409, 409, 409]


async def test_an_answer_after_the_deadline_counts_and_the_breach_is_told_first(
    api: httpx.AsyncClient, service: Delivering, case: str
) -> None:
    await service.rows_written(
        "UPDATE case_clocks SET started_at = started_at - interval '2 days', "
        "deadline_at = deadline_at - interval '2 days', due_at = due_at - interval '2 days'"
    )
    clocks = by_name((await api.post(f"{case}/response", json=ANSWER)).json(), 1)
    assert clocks["respond"]["breached_at"] == clocks["respond"]["due_at"] < clocks["respond"]["stopped_at"]
    assert not clocks["respond"]["is_overdue"]
    assert clocks["resolve"]["is_overdue"]
    facts = await service.rows("SELECT topic, value FROM outbox ORDER BY outbox_id")
    assert [fact.topic for fact in facts[2:]] == ["response-overdue", "response-overdue", "case-changed"]
    assert json.loads(facts[-1].value)["status"] == "responded"


async def test_the_same_key_answers_once_and_gets_the_first_answer_again(
    api: httpx.AsyncClient, service: Delivering, case: str
) -> None:
    headers = {"Idempotency-Key": "k-1"}
    first = await api.post(f"{case}/response", json=ANSWER, headers=headers)
    again = await api.post(f"{case}/response", json=ANSWER, headers=headers)
    assert (again.status_code, again.json()) == (201, first.json())
    assert len(await service.rows("SELECT 1 FROM case_events WHERE happening = 'responded'")) == 1


async def test_of_two_who_answer_at_once_one_is_too_late(api: httpx.AsyncClient, case: str) -> None:
    answers = await asyncio.gather(*(api.post(f"{case}/response", json=ANSWER) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


@pytest.mark.parametrize(
    ("deed", "body", "field"),
    [
        ("response", {}, "text"),
        ("response", {"text": "  "}, "text"),
        ("response", {"text": "x" * 4001}, "text"),
        ("response", {"text": "x", "priority": "low"}, "priority"),
        ("resolution", {"root_cause": "two words"}, "root_cause"),
        ("reopening", {"reason": ""}, "reason"),
    ],
)
async def test_malformed_work_is_422_with_the_field_at_fault(
    api: httpx.AsyncClient, case: str, deed: str, body: dict[str, Any], field: str
) -> None:
    answer = await api.post(f"{case}/{deed}", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


@pytest.mark.parametrize("deed", list(WORK))
async def test_work_needs_a_case_a_token_and_the_scope(
    api: httpx.AsyncClient, issuer: TestIssuer, case: str, deed: str
) -> None:
    assert await work(api, f"/cases/{NOBODY}", deed) == [404]
    path = f"{case}/{deed}"
    assert (await api.post(path, json=WORK[deed], headers={"Authorization": ""})).status_code == 401
    assert (await api.post(path, json=WORK[deed], headers=issuer.bearer("compliance"))).status_code == 403
    assert (await api.post(path, json={"text": "x" * 2_000_000})).status_code == 413
