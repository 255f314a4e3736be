"""`/customers/{id}/status`: each step is taken by who may, for a reason, is told, and stays in a trail for ever."""

from typing import Any

import pytest
from httpx import AsyncClient, Response
from sqlalchemy.exc import DBAPIError

from rapport.clock import utc_now
from tests.customer_profile.customer.test_recording import NEW
from tests.customer_profile.facts import HOUR, MONDAY, customer, files, record, told
from tests.support.delivering import Delivering
from tests.support.tokens import ISSUER, TestIssuer


@pytest.fixture
async def recorded(service: Delivering) -> Delivering:
    """The service with one customer, of whom the core told."""
    await service.deliver(record(service, customer()))
    return service


async def step(
    api: AsyncClient, to: str, reason: str, *, headers: dict[str, str] | None = None, **more: Any
) -> Response:
    """Ask for one of customer c-1."""
    return await api.post("/customers/c-1/status", json={"to": to, "reason": reason} | more, headers=headers)


async def trail(api: AsyncClient, headers: dict[str, str] | None = None) -> list[tuple[str | None, str, str]]:
    items = (await api.get("/customers/c-1/status/history", headers=headers)).json()["items"]
    return [(item["from"], item["to"], item["reason"]) for item in items]


async def test_whom_staff_record_is_in_admission_and_whom_the_core_records_is_active(
    api: AsyncClient, recorded: Delivering
) -> None:
    made = (await api.post("/customers", json=NEW | {"customer_id": "c-2", "identity": None})).json()
    assert (made["relationship"], made["status"]) == ("admission", "active")
    assert (await api.get("/customers/c-1")).json()["relationship"] == "active"
    assert {i: row.relationship for i, row in (await files(recorded)).items()} == {"c-1": "active", "c-2": "admission"}
    await recorded.deliver(record(recorded, customer("c-2", recorded_at=utc_now() + HOUR)))
    assert (await api.get("/customers/c-2")).json()["relationship"] == "active"


async def test_every_step_is_in_the_trail_with_both_times_and_who_took_it(
    api: AsyncClient, recorded: Delivering, issuer: TestIssuer
) -> None:
    compliance = issuer.bearer("compliance", subject="e-9")
    decided = (utc_now() - HOUR).isoformat()
    assert (await step(api, "restricted", "legal-order", headers=compliance, occurred_at=decided)).status_code == 201
    await step(api, "active", "restriction-lifted", headers=compliance)
    await step(api, "exited", "closed-by-customer")
    assert await trail(api, compliance) == [
        (None, "active", "core-record"),
        ("active", "restricted", "legal-order"),
        ("restricted", "active", "restriction-lifted"),
        ("active", "exited", "closed-by-customer"),
    ]
    page = (await api.get("/customers/c-1/status/history", params={"limit": 2})).json()
    first, second = page["items"]
    assert (first["done_by"], first["occurred_at"]) == (None, MONDAY.isoformat().replace("+00:00", "Z"))
    assert (second["done_by"], second["occurred_at"] < second["recorded_at"]) == (f"{ISSUER} e-9", True)
    rest = (await api.get("/customers/c-1/status/history", params={"cursor": page["next"], "to": "exited"})).json()
    assert [item["to"] for item in rest["items"]] == ["exited"]


async def test_the_trail_only_grows(recorded: Delivering) -> None:
    for statement in ("DELETE FROM status_steps", "UPDATE status_steps SET reason = 'reopened'"):
        with pytest.raises(DBAPIError, match="only grows"):
            await recorded.rows_written(statement)


async def test_each_step_is_told(api: AsyncClient, recorded: Delivering, issuer: TestIssuer) -> None:
    await step(api, "restricted", "retention-only", headers=issuer.bearer("dpo"))
    await step(api, "exited", "deceased", headers=issuer.bearer("dpo"))
    said = [(fact["relationship"], fact["status"], fact["revision"]) for fact in await told(recorded)]
    assert said == [("active", "active", 1), ("restricted", "active", 2), ("exited", "deceased", 3)]


async def test_the_cores_word_ends_and_reopens(api: AsyncClient, recorded: Delivering) -> None:
    await recorded.deliver(record(recorded, customer(status="closed", recorded_at=MONDAY + 2 * HOUR)))
    await recorded.deliver(record(recorded, customer(status="active", recorded_at=MONDAY + HOUR)))
    assert (await api.get("/customers/c-1")).json()["relationship"] == "exited"
    await recorded.deliver(record(recorded, customer(status="active", recorded_at=MONDAY + 3 * HOUR)))
    assert await trail(api) == [
        (None, "active", "core-record"),
        ("active", "exited", "core-record"),
        ("exited", "active", "core-record"),
    ]


async def test_a_step_of_somebody_else_or_of_no_way_is_refused_and_leaves_no_trace(
    api: AsyncClient, recorded: Delivering, issuer: TestIssuer
) -> None:
    before = await files(recorded)
    for to, reason, headers, status, words in (
        ("restricted", "legal-order", None, 403, "takes relationships:restrict"),
        ("exited", "closed-by-bank", issuer.bearer("compliance"), 403, "takes relationships:write"),
        ("exited", "closed-by-bank", issuer.bearer("rm"), 403, "relationships"),
        ("admission", "reopened", None, 409, "from active it goes to restricted, exited"),
        ("active", "reopened", None, 409, "from active it goes to"),
        ("exited", "reopened", None, 409, "closed-by-customer, closed-by-bank, deceased"),
        ("gone", "reopened", None, 422, "to"),
    ):
        answer = await step(api, to, reason, headers=headers)
        assert answer.status_code == status, (to, reason)
        assert words in answer.text
    tomorrow = (utc_now() + 24 * HOUR).isoformat()
    assert (await step(api, "exited", "closed-by-bank", occurred_at=tomorrow)).status_code == 409
    assert (await api.post("/customers/c-404/status", json={"to": "exited", "reason": "deceased"})).status_code == 404
    assert await files(recorded) == before
    assert len(await trail(api)) == 1


async def test_a_restricted_file_is_read_and_not_corrected(
    api: AsyncClient, recorded: Delivering, issuer: TestIssuer
) -> None:
    await step(api, "restricted", "due-diligence-overdue", headers=issuer.bearer("compliance"))
    answer = await api.patch("/customers/c-1", json={"unit": "B2"})
    assert (answer.status_code, answer.json()["title"]) == (409, "The customer is restricted")
    assert (await api.get("/customers/c-1")).json()["unit"] == "B0017"
    await recorded.deliver(record(recorded, customer(unit="B3", recorded_at=MONDAY + HOUR)))
    shown = (await api.get("/customers/c-1")).json()
    assert (shown["unit"], shown["relationship"]) == ("B3", "restricted")


async def test_a_correction_does_not_move_the_relationship(api: AsyncClient, recorded: Delivering) -> None:
    answer = await api.patch("/customers/c-1", json={"status": "closed"})
    assert (answer.status_code, "takes the step" in answer.json()["detail"]) == (409, True)
    await step(api, "exited", "closed-by-bank")
    assert (await api.patch("/customers/c-1", json={"status": "deceased"})).json()["status"] == "deceased"
    assert len(await trail(api)) == 2


async def test_the_database_derives_the_relationship_as_the_rules_do(
    api: AsyncClient, recorded: Delivering, issuer: TestIssuer
) -> None:
    await api.post("/customers", json=NEW | {"customer_id": "c-2", "identity": None})
    await recorded.deliver(record(recorded, customer("c-3", status="deceased")))
    await step(api, "restricted", "legal-order", headers=issuer.bearer("compliance"))
    shown = {item["customer_id"]: item["relationship"] for item in (await api.get("/customers")).json()["items"]}
    assert shown == {i: row.relationship for i, row in (await files(recorded)).items()}
    assert set(shown.values()) == {"restricted", "admission", "exited"}


async def test_steps_of_one_poll_are_listed_in_the_order_in_which_they_were_taken(
    api: AsyncClient, service: Delivering
) -> None:
    words = [("active", "closed")[number % 2] for number in range(24)]
    moments = [MONDAY + number * HOUR for number in range(24)]
    await service.deliver(
        *(record(service, customer(status=word, recorded_at=at)) for word, at in zip(words, moments, strict=True))
    )
    found = await trail(api)
    assert [before for before, _, _ in found] == [None, *(after for _, after, _ in found[:-1])]
    assert len(found) == 24
