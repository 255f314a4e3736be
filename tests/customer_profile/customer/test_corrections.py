"""`PATCH /customers/{id}`: only what is named changes, who changed it is kept, and older records do not undo it."""

from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy.exc import DBAPIError

from rapport.clock import utc_now
from tests.customer_profile.facts import HOUR, customer, files, record, told
from tests.support.delivering import Delivering
from tests.support.tokens import ISSUER, TestIssuer

YESTERDAY = utc_now() - timedelta(days=1)


@pytest.fixture
async def recorded(service: Delivering) -> Delivering:
    """The service with one customer."""
    await service.deliver(record(service, customer(recorded_at=YESTERDAY)))
    return service


async def test_only_what_is_named_changes(api: AsyncClient, system: AsyncClient, recorded: Delivering) -> None:
    before = (await api.get("/customers/c-1")).json()
    answer = await system.patch(
        "/customers/c-1", json={"identity": {"phone": "13900139000", "email": None}, "relationship_manager": "e-5"}
    )
    assert answer.status_code == 200
    changed = {"identity": before["identity"] | {"phone": "139****9000", "email": None}, "relationship_manager": "e-5"}
    after = (await api.get("/customers/c-1")).json()
    assert after == answer.json() == before | changed | {"revision": 2, "as_of": after["as_of"]}
    assert [fact["relationship_manager"] for fact in await told(recorded)] == [None, "e-5"]


async def test_a_refusal_of_automated_decisions_is_told_and_no_record_of_the_core_takes_it_back(
    api: AsyncClient, recorded: Delivering
) -> None:
    answer = await api.patch("/customers/c-1", json={"refuses_automated_decisions": True})
    assert (answer.status_code, answer.json()["refuses_automated_decisions"]) == (200, True)
    await recorded.deliver(record(recorded, customer(unit="B9", recorded_at=utc_now() + HOUR)))
    assert [fact["refuses_automated_decisions"] for fact in await told(recorded)] == [False, True, True]
    await api.patch("/customers/c-1", json={"refuses_automated_decisions": False})
    assert not (await told(recorded))[-1]["refuses_automated_decisions"]
    assert (await api.patch("/customers/c-1", json={"refuses_automated_decisions": None})).status_code == 422


async def test_a_change_of_identity_alone_is_told_to_nobody(
    api: AsyncClient, system: AsyncClient, recorded: Delivering
) -> None:
    await system.patch("/customers/c-1", json={"identity": {"full_name": "李四"}})
    assert (await api.get("/customers/c-1")).json()["identity"]["full_name"] == "李*"
    assert len(await told(recorded)) == 1


async def test_who_changed_which_fields_is_kept_and_never_to_what(
    api: AsyncClient, system: AsyncClient, recorded: Delivering
) -> None:
    await system.patch("/customers/c-1", json={"identity": {"phone": "13900139000"}, "unit": "B2"})
    await api.patch("/customers/c-1", json={"birth_year": None})
    page = (await api.get("/customers/c-1/changes", params={"limit": 1})).json()
    (first,) = page["items"]
    assert first["fields"] == ["phone", "unit"]
    assert (first["action"], first["changed_by"]) == ("corrected", f"{ISSUER} onboarding")
    (second,) = (await api.get("/customers/c-1/changes", params={"cursor": page["next"]})).json()["items"]
    assert second["fields"] == ["birth_year"]
    assert (await api.get("/customers/c-1/changes", params={"action": "recorded"})).json()["items"] == []


async def test_the_record_of_changes_only_grows(api: AsyncClient, recorded: Delivering) -> None:
    await api.patch("/customers/c-1", json={"unit": "B2"})
    for statement in ("DELETE FROM customer_changes", "UPDATE customer_changes SET changed_by = 'nobody'"):
        with pytest.raises(DBAPIError, match="only grows"):
            await recorded.rows_written(statement)
    assert len(await recorded.rows("SELECT 1 FROM customer_changes")) == 1


async def test_a_correction_to_what_is_there_already_leaves_no_trace(system: AsyncClient, recorded: Delivering) -> None:
    before = await files(recorded)
    answer = await system.patch("/customers/c-1", json={"unit": "B0017", "identity": {"phone": "13812341234"}})
    assert answer.status_code == 200
    assert await files(recorded) == before
    assert await recorded.rows("SELECT 1 FROM customer_changes") == []


async def test_an_older_record_leaves_the_correction_and_a_later_one_replaces_it(
    api: AsyncClient, recorded: Delivering
) -> None:
    await api.patch("/customers/c-1", json={"unit": "B2"})
    older = customer(unit="B3", region="R9", recorded_at=YESTERDAY + HOUR)
    await recorded.deliver(record(recorded, older))
    shown = (await api.get("/customers/c-1")).json()
    assert (shown["unit"], shown["region"]) == ("B2", "R9")
    await recorded.deliver(record(recorded, customer(unit="B4", recorded_at=utc_now() + HOUR)))
    assert (await api.get("/customers/c-1")).json()["unit"] == "B4"


async def test_a_file_that_changed_since_it_was_read_is_412(api: AsyncClient, recorded: Delivering) -> None:
    etag = (await api.get("/customers/c-1")).headers["etag"]
    fine = await api.patch("/customers/c-1", json={"unit": "B2"}, headers={"If-Match": etag})
    late = await api.patch("/customers/c-1", json={"unit": "B3"}, headers={"If-Match": etag})
    assert (fine.status_code, late.status_code) == (200, 412)
    assert late.json()["detail"] == "the file is at revision 2"
    assert (await files(recorded))["c-1"].unit == "B2"


async def test_a_person_is_told_to_ask_for_a_correction_of_identity(api: AsyncClient, recorded: Delivering) -> None:
    before = await files(recorded)
    for body in ({"identity": {"phone": "13900139000"}}, {"unit": "B2", "identity": {"email": None}}):
        answer = await api.patch("/customers/c-1", json=body)
        assert (answer.status_code, "/corrections" in answer.json()["detail"]) == (403, True)
    assert await files(recorded) == before


MALFORMED: tuple[dict[str, Any], ...] = (
    {},
    {"identity": {}},
    {"unit": None},
    {"identity": None},
    {"identity": {"full_name": None}},
    {"identity": {"id_number": "12"}},
    {"customer_id": "c-2"},
)


async def test_a_malformed_correction_is_refused(api: AsyncClient, system: AsyncClient, recorded: Delivering) -> None:
    before = await files(recorded)
    answers = [await system.patch("/customers/c-1", json=body) for body in MALFORMED]
    assert [answer.status_code for answer in answers] == [422] * len(MALFORMED)
    assert await files(recorded) == before


async def test_part_of_an_identity_is_not_enough_for_a_customer_without_one(
    api: AsyncClient, system: AsyncClient, recorded: Delivering
) -> None:
    await recorded.deliver(record(recorded, customer("c-2", identity=None)))
    answer = await system.patch("/customers/c-2", json={"identity": {"phone": "13900139000"}})
    assert (answer.status_code, answer.json()["title"]) == (409, "The identity would be incomplete")
    whole = {"full_name": "李四", "id_type": "passport", "id_number": "E12345678"}
    answer = await system.patch("/customers/c-2", json={"identity": whole})
    assert answer.json()["identity"]["id_number"] == "****78"


async def test_who_may_only_read_corrects_nothing(api: AsyncClient, recorded: Delivering, issuer: TestIssuer) -> None:
    answers = [
        await api.patch("/customers/c-1", json={"unit": "B2"}, headers=issuer.bearer("rm")),
        await api.patch("/customers/c-1", json={"unit": "B2"}, headers={"Authorization": ""}),
        await api.patch("/customers/c-404", json={"unit": "B2"}),
        await api.patch("/customers/c-1", json={"unit": "B2"}, headers={"If-Match": "soon"}),
    ]
    assert [answer.status_code for answer in answers] == [403, 401, 404, 422]
    assert (await files(recorded))["c-1"].unit == "B0017"


async def test_the_same_correction_under_one_key_is_made_once(api: AsyncClient, recorded: Delivering) -> None:
    for _ in range(2):
        answer = await api.patch("/customers/c-1", json={"unit": "B2"}, headers={"Idempotency-Key": "once"})
        assert answer.json()["revision"] == 2
    assert len(await recorded.rows("SELECT 1 FROM customer_changes")) == 1


async def test_whose_key_was_destroyed_is_given_a_whole_identity_or_none(
    system: AsyncClient, recorded: Delivering
) -> None:
    await system.patch("/customers/c-1", json={"identity": {"phone": "13900139000"}})
    await recorded.rows_written("DELETE FROM data_keys")
    part = await system.patch("/customers/c-1", json={"identity": {"phone": "13900139001"}})
    assert part.status_code == 409, "an identity has a name and a paper"
    whole = {"full_name": "张三丰", "id_type": "passport", "id_number": "E12345678"}
    answer = await system.patch("/customers/c-1", json={"identity": whole})
    assert (answer.status_code, answer.json()["identity"]["phone"]) == (200, None)


async def test_a_record_of_the_core_after_the_key_was_destroyed_is_the_whole_identity(
    api: AsyncClient, system: AsyncClient, recorded: Delivering
) -> None:
    await system.patch("/customers/c-1", json={"identity": {"phone": "13900139000"}})
    await recorded.rows_written("DELETE FROM data_keys")
    await recorded.deliver(record(recorded, customer(recorded_at=YESTERDAY + HOUR)))
    shown = (await api.get("/customers/c-1")).json()
    assert shown["identity"]["phone"] == "138****1234"
