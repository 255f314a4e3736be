"""Corrections of identity take two persons: asked for, sealed while they wait, decided once, forgotten after."""

from datetime import datetime
from typing import Any

import pytest
from httpx import AsyncClient, Response
from rich.progress import Progress
from sqlalchemy.exc import DBAPIError

from rapport.clock import utc_now
from rapport.key_commands import rotate_data_keys
from tests.customer_profile.customer.test_recording import MASKED
from tests.customer_profile.facts import HOUR, ZHANG, customer, files, record, told
from tests.support.delivering import Delivering
from tests.support.tokens import ISSUER, TestIssuer

PAPER = {"channel": "branch", "evidence_digest": "a" * 64}
NAME = {"identity": {"full_name": "李四"}} | PAPER
PHONE = {"identity": {"phone": "139 0013 9000"}, "channel": "mobile"}


@pytest.fixture
async def recorded(service: Delivering) -> Delivering:
    """The service with one customer."""
    await service.deliver(record(service, customer()))
    return service


@pytest.fixture
def second(issuer: TestIssuer) -> dict[str, str]:
    """The header of another person who may decide."""
    return issuer.bearer("dpo", subject="e-9")


async def ask(api: AsyncClient, body: dict[str, Any]) -> Response:
    return await api.post("/customers/c-1/corrections", json=body)


async def decide(api: AsyncClient, request: Response, headers: dict[str, str], **decision: Any) -> Response:
    """`request`: the answer to `ask`."""
    return await api.post(f"{request.headers['location']}/decision", json=decision, headers=headers)


async def test_nothing_changes_before_a_second_person_approves_and_then_as_any_correction(
    api: AsyncClient, recorded: Delivering, second: dict[str, str]
) -> None:
    before = await files(recorded)
    made = await ask(api, NAME)
    assert (made.status_code, made.json()["state"], made.json()["fields"]) == (201, "open", ["full_name"])
    assert await files(recorded) == before
    assert (await decide(api, made, second, outcome="approved")).json()["state"] == "approved"
    shown = (await api.get("/customers/c-1")).json()
    assert (shown["identity"], shown["revision"]) == (MASKED | {"full_name": "李*"}, 2)
    (change,) = (await api.get("/customers/c-1/changes")).json()["items"]
    assert (change["fields"], change["changed_by"]) == (["full_name"], f"{ISSUER} e-9")
    assert len(await told(recorded)) == 1, "identity is told to nobody"
    await recorded.deliver(record(recorded, customer(recorded_at=utc_now() - HOUR)))
    assert (await api.get("/customers/c-1")).json()["identity"]["full_name"] == "李*"


async def test_who_asked_over_a_channel_does_not_decide_with_another_token(
    api: AsyncClient, recorded: Delivering, issuer: TestIssuer
) -> None:
    channel = issuer.bearer("channel", subject="e-9", customer_id="c-1")
    made = (await api.post("/me/corrections", json=PHONE, headers=channel)).json()
    decision = {"outcome": "approved"}
    for token in ({}, {"customer_id": "c-1"}):
        staff = issuer.bearer("data_admin", subject="e-9", **token)
        answer = await api.post(f"/corrections/{made['correction_id']}/decision", json=decision, headers=staff)
        assert (answer.status_code, answer.json()["title"]) == (409, "Another person must decide")


async def test_who_asked_does_not_decide(
    api: AsyncClient, recorded: Delivering, second: dict[str, str], issuer: TestIssuer
) -> None:
    made = await ask(api, NAME)
    own = await decide(api, made, dict(api.headers), outcome="approved")
    assert (own.status_code, own.json()["title"]) == (409, "Another person must decide")
    assert (await decide(api, made, issuer.bearer("rm", subject="e-8"), outcome="approved")).status_code == 403
    assert (await decide(api, made, second, outcome="approved")).status_code == 201
    again = await decide(api, made, second, outcome="refused", ground="bound-by-law")
    assert (again.status_code, again.json()["detail"]) == (409, "the request is approved")


async def test_a_refusal_says_why_and_leaves_the_file(
    api: AsyncClient, recorded: Delivering, second: dict[str, str]
) -> None:
    made = await ask(api, NAME)
    assert (await decide(api, made, second, outcome="refused")).status_code == 422
    refused = await decide(api, made, second, outcome="refused", ground="evidence-insufficient")
    assert (refused.json()["state"], refused.json()["ground"]) == ("refused", "evidence-insufficient")
    assert (await api.get("/customers/c-1")).json()["identity"] == MASKED


async def test_the_values_are_shown_masked_while_they_wait_and_are_nowhere_afterwards(
    api: AsyncClient, recorded: Delivering, second: dict[str, str]
) -> None:
    passport = {"id_type": "passport", "id_number": "E12345678", "phone": "13900139000"}
    made = await ask(api, {"identity": passport, "birth_year": 1991} | PAPER)
    detail = (await api.get(made.headers["location"])).json()
    masked = {"id_type": "passport", "id_number": "****78", "phone": "139****9000", "birth_year": 1991}
    assert detail["asked"] == masked
    (row,) = await recorded.rows("SELECT asked FROM corrections")
    assert b"E12345678" not in row.asked
    await decide(api, made, second, outcome="refused", ground="bound-by-law")
    assert (await api.get(made.headers["location"])).json()["asked"] is None
    assert [row.asked for row in await recorded.rows("SELECT asked FROM corrections")] == [None]


async def test_what_is_so_already_what_is_not_valid_and_what_is_unproven_is_refused(
    api: AsyncClient, recorded: Delivering
) -> None:
    for body, status, words in (
        ({"identity": {"phone": "+86 138 1234 1234"}, "channel": "web"}, 409, "as asked already"),
        ({"birth_year": 1990, "channel": "web"}, 409, "as asked already"),
        ({"identity": {"id_number": "110109199003071235"}} | PAPER, 422, "identity.id_number"),
        ({"identity": {"phone": "123"}, "channel": "web"}, 422, "identity.phone"),
        ({"identity": {"full_name": "李四"}, "channel": "web"}, 422, "is needed for full_name"),
        ({"channel": "web"}, 422, "names nothing to correct"),
        ({"unit": "B2", "channel": "web"}, 422, "unit"),
    ):
        answer = await ask(api, body)
        assert (answer.status_code, words in answer.text) == (status, True), (body, answer.text)
        assert "138" not in answer.text
    assert (await api.post("/customers/c-404/corrections", json=PHONE)).status_code == 404
    assert await recorded.rows("SELECT 1 FROM corrections") == []


async def test_who_supersedes_anothers_request_wins_no_time_for_the_answer(
    api: AsyncClient, recorded: Delivering, issuer: TestIssuer
) -> None:
    channel = issuer.bearer("channel", subject="mobile", customer_id="c-1")
    first = (await api.post("/me/corrections", json=PHONE, headers=channel)).json()
    columns = "customer_id, fields, asked, evidence_digest, channel, asked_by, asked_at"
    await recorded.rows_written(
        f"INSERT INTO corrections (correction_id, {columns}, due_at, state) "
        f"SELECT gen_random_uuid(), {columns}, due_at - interval '10 days', state FROM corrections"
    )
    (earlier,) = await recorded.rows("SELECT min(due_at) AS due_at FROM corrections")
    by_staff = (await ask(api, PHONE)).json()
    assert datetime.fromisoformat(by_staff["due_at"]) == earlier.due_at
    assert (await api.post(f"/corrections/{by_staff['correction_id']}/withdrawal")).status_code == 201
    for _ in range(2):
        again = (await api.post("/me/corrections", json=PHONE, headers=channel)).json()
        assert again["due_at"] == first["due_at"], "whoever asked may ask for something else"


async def test_a_request_that_covers_an_open_one_supersedes_it_and_one_that_overlaps_is_refused(
    api: AsyncClient, recorded: Delivering
) -> None:
    first = await ask(api, PHONE)
    both = await ask(api, {"identity": {"phone": "13700137000", "email": None}, "channel": "mobile"})
    assert (await api.get(first.headers["location"])).json()["state"] == "superseded"
    overlap = await ask(api, {"identity": {"phone": "13600136000"}, "channel": "mobile"})
    assert (overlap.status_code, "email" in overlap.json()["detail"]) == (409, True)
    assert (await api.get(both.headers["location"])).json()["state"] == "open"


async def test_who_asked_withdraws_and_nobody_else(
    api: AsyncClient, recorded: Delivering, issuer: TestIssuer, second: dict[str, str]
) -> None:
    made = await ask(api, PHONE)
    path = f"{made.headers['location']}/withdrawal"
    assert (await api.post(path, headers=issuer.bearer("support", subject="e-8"))).status_code == 403
    assert (await api.post(path)).json()["state"] == "withdrawn"
    assert (await api.post(path)).status_code == 409
    assert (await decide(api, made, second, outcome="approved")).status_code == 409


async def test_the_queue_is_in_the_order_in_which_answers_are_due(api: AsyncClient, recorded: Delivering) -> None:
    await recorded.deliver(record(recorded, customer("c-2", identity=None)))
    await ask(api, PHONE)
    await ask(api, {"identity": {"email": None}, "channel": "mobile"})
    await api.post("/customers/c-2/corrections", json={"birth_year": 1950, "channel": "branch"})
    first = (await api.get("/corrections", params={"limit": 2, "state": "open"})).json()
    rest = (await api.get("/corrections", params={"limit": 2, "state": "open", "cursor": first["next"]})).json()
    whole = [*first["items"], *rest["items"]]
    assert [one["fields"] for one in whole] == [["phone"], ["email"], ["birth_year"]]
    assert whole == sorted(whole, key=lambda one: (one["due_at"], one["correction_id"]))
    assert all(datetime.fromisoformat(one["due_at"]) > utc_now() and not one["is_overdue"] for one in whole)
    of_one = (await api.get("/corrections", params={"customer_id": "c-2"})).json()["items"]
    assert [one["customer_id"] for one in of_one] == ["c-2"]
    assert (await api.get("/corrections", params={"due_before": utc_now().isoformat()})).json()["items"] == []
    assert (await api.get("/corrections", params={"state": "approved"})).json()["items"] == []


async def test_a_restricted_customers_file_is_corrected_by_who_restricts(
    api: AsyncClient, recorded: Delivering, issuer: TestIssuer, second: dict[str, str]
) -> None:
    await api.post("/customers/c-1/status", json={"to": "restricted", "reason": "legal-order"}, headers=second)
    made = await ask(api, NAME)
    keeper = issuer.bearer("data_admin", subject="e-8")
    assert (await decide(api, made, keeper, outcome="approved")).status_code == 409
    assert (await decide(api, made, second, outcome="approved")).status_code == 201


async def test_a_paper_of_another_file_is_found_when_it_is_decided_and_not_told_to_who_asks(
    api: AsyncClient, recorded: Delivering, second: dict[str, str]
) -> None:
    passport = ZHANG.model_copy(update={"id_type": "passport", "id_number": "E12345678"})
    await recorded.deliver(record(recorded, customer("c-2", identity=passport)))
    made = await ask(api, {"identity": {"id_type": "passport", "id_number": "E12345678"}} | PAPER)
    assert made.status_code == 201
    answer = await decide(api, made, second, outcome="approved")
    assert (answer.status_code, answer.json()["title"]) == (409, "The identity is on another file")
    assert (await api.get(made.headers["location"])).json()["state"] == "open"


async def test_the_database_lets_no_request_that_has_ended_change_and_no_one_person_decide(
    api: AsyncClient, recorded: Delivering
) -> None:
    made = await ask(api, PHONE)
    alone = "UPDATE corrections SET state = 'approved', decided_by = asked_by, decided_at = now(), asked = NULL"
    with pytest.raises(DBAPIError, match="corrections_four_eyes"):
        await recorded.rows_written(alone)
    await api.post(f"{made.headers['location']}/withdrawal")
    for statement in ("DELETE FROM corrections", "UPDATE corrections SET decided_by = 'nobody'"):
        with pytest.raises(DBAPIError, match="stays as it is"):
            await recorded.rows_written(statement)


async def test_what_waits_is_sealed_anew_with_the_customers_key_and_gone_with_it(
    api: AsyncClient, recorded: Delivering, second: dict[str, str]
) -> None:
    ended = await ask(api, NAME)
    await decide(api, ended, second, outcome="refused", ground="bound-by-law")
    made = await ask(api, PHONE)
    with Progress(disable=True) as progress:
        await rotate_data_keys(recorded.runtime, progress, made_before=utc_now() + HOUR, grace=HOUR * 0)
    assert [row.generation for row in await recorded.rows("SELECT generation FROM data_keys")] == [2]
    assert (await api.get(made.headers["location"])).json()["asked"] == {"phone": "139****9000"}
    await recorded.rows_written("DELETE FROM data_keys")
    assert (await api.get(made.headers["location"])).json()["asked"] is None
    answer = await decide(api, made, second, outcome="approved")
    assert (answer.status_code, "erased" in answer.json()["detail"]) == (409, True)
