"""Merges over REST: two people, every refusal with its field, and nothing half done; unmerged in order, exactly."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy.exc import DBAPIError

from tests.customer_profile.facts import ZHANG, customer, record, resident_id
from tests.customer_profile.merge.merging import persons, rows_of, told
from tests.support.delivering import Delivering
from tests.support.tokens import TestIssuer

FILES = ["c-1", "c-2", "c-3"]
PAPER = ZHANG.model_copy(update={"id_number": resident_id("11010919900307123")})
ANOTHER = ZHANG.model_copy(update={"id_number": resident_id("11010919900307125")})
EVIDENCE = {"kind": "police-certificate", "digest": "5e" * 32}
Client = Callable[..., AsyncClient]


@pytest.fixture(autouse=True)
async def recorded(service: Delivering) -> None:
    await service.deliver(*[record(service, customer(file, identity=None)) for file in FILES])


@pytest.fixture
async def lead(app: FastAPI, issuer: TestIssuer) -> AsyncIterator[AsyncClient]:
    """Of compliance, who decides and does not propose."""
    headers = issuer.bearer("compliance", subject="e-9")
    async with AsyncClient(transport=httpx.ASGITransport(app), base_url="http://profile", headers=headers) as client:
        yield client


def asked(survivor: str = "c-1", merged: str = "c-2", **fields: Any) -> dict[str, Any]:
    return {"survivor": survivor, "merged": merged, "reason": "known-to-staff"} | fields


async def proposed(api: AsyncClient, *files: str, **fields: Any) -> str:
    answer = await api.post("/merges", json=asked(*files, **fields))
    assert answer.status_code == 201, answer.text
    found: str = answer.json()["merge_id"]
    return found


async def merged(api: AsyncClient, lead: AsyncClient, *files: str, **fields: Any) -> str:
    merge_id = await proposed(api, *files, **fields)
    await decided(lead, merge_id)
    return merge_id


async def decided(lead: AsyncClient, merge_id: str, decision: str = "approve") -> dict[str, Any]:
    answer = await lead.post(f"/merges/{merge_id}/decision", json={"decision": decision})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def refusal(answer: httpx.Response, status: int) -> list[str]:
    """The fields that are named."""
    assert answer.status_code == status, answer.text
    return [error["field"] for error in answer.json().get("errors", [])]


async def test_a_proposal_changes_nothing_and_its_approval_makes_one_person_at_once(
    api: AsyncClient, lead: AsyncClient, service: Delivering
) -> None:
    before = await rows_of(service, FILES)
    merge_id = await proposed(api)
    assert await told(service) == []
    assert (await lead.get("/merges", params={"state": "open"})).json()["items"][0]["merge_id"] == merge_id
    found = await decided(lead, merge_id)
    assert (found["state"], found["proposed_by"], found["decided_by"]) == (
        "approved",
        "https://issuer.test e-7",
        "https://issuer.test e-9",
    )
    assert await persons(service, *FILES) == {"c-1": ("c-1", "c-2"), "c-3": ("c-3",)}
    facts = await told(service)
    assert [(fact["customer_id"], fact["topic"], fact["revision"]) for fact in facts] == [
        ("c-1", "customers-merged", 1),
        ("c-2", "customers-merged", 1),
    ]
    assert all(fact["persons"] == [{"survivor": "c-1", "files": ["c-1", "c-2"]}] for fact in facts)
    assert await rows_of(service, FILES) == before


async def test_an_unmerge_is_proposed_and_decided_like_a_merge_and_leaves_what_was_before(
    api: AsyncClient, lead: AsyncClient, service: Delivering
) -> None:
    merge_id = await merged(api, lead)
    answer = await api.post(f"/merges/{merge_id}/unmerge", json={"reason": "mistaken"})
    assert (answer.status_code, answer.json()["undoes"]) == (201, merge_id)
    assert await persons(service, *FILES) == {"c-1": ("c-1", "c-2"), "c-3": ("c-3",)}
    await decided(lead, answer.json()["merge_id"])
    assert await persons(service, *FILES) == {file: (file,) for file in FILES}
    last = (await told(service))[-1]
    assert (last["topic"], last["reason"], last["revision"]) == ("customers-unmerged", "mistaken", 2)
    assert [one["files"] for one in last["persons"]] == [["c-1"], ["c-2"]]
    assert await merged(api, lead) != merge_id, "and may be merged again"


async def test_a_merge_takes_in_all_of_the_other_person(
    api: AsyncClient, lead: AsyncClient, service: Delivering
) -> None:
    await merged(api, lead, "c-2", "c-3")
    await merged(api, lead, "c-1", "c-3")
    assert await persons(service, *FILES) == {"c-1": ("c-1", "c-2", "c-3")}


async def test_a_refused_proposal_merges_nothing_and_is_decided(api: AsyncClient, lead: AsyncClient) -> None:
    merge_id = await proposed(api)
    assert (await decided(lead, merge_id, "refuse"))["state"] == "refused"
    again = await lead.post(f"/merges/{merge_id}/decision", json={"decision": "approve"})
    assert (again.status_code, again.json()["title"]) == (409, "The proposal is decided")


@pytest.mark.parametrize(
    ("files", "field"), [(("c-1", "c-1"), "merged"), (("c-1", "c-404"), "merged"), (("c-404", "c-1"), "survivor")]
)
async def test_a_file_with_itself_and_an_unknown_one_are_refused(
    api: AsyncClient, files: tuple[str, str], field: str
) -> None:
    assert refusal(await api.post("/merges", json=asked(*files)), 409) == [field]


async def test_a_cycle_is_refused_before_and_at_the_decision(
    api: AsyncClient, lead: AsyncClient, service: Delivering
) -> None:
    late, early = await proposed(api, "c-3", "c-1"), await proposed(api, "c-2", "c-3")
    await merged(api, lead, "c-1", "c-2")
    await decided(lead, early)
    assert refusal(await api.post("/merges", json=asked("c-3", "c-1")), 409) == ["merged"]
    answer = await lead.post(f"/merges/{late}/decision", json={"decision": "approve"})
    assert refusal(answer, 409) == ["merged"]
    assert (await lead.get(f"/merges/{late}")).json()["state"] == "open", "nothing half done"
    assert len({fact["act_id"] for fact in await told(service)}) == 2


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("DELETE FROM data_keys WHERE customer_id = 'c-4'", "erased"),
        ("UPDATE profiles SET is_restricted = true WHERE customer_id = 'c-4'", "restricted"),
    ],
)
async def test_an_erased_or_restricted_file_is_refused_and_so_is_who_is_one_person_with_it(
    api: AsyncClient, lead: AsyncClient, service: Delivering, statement: str, why: str
) -> None:
    await service.deliver(record(service, customer("c-4", identity=PAPER)))
    late = await proposed(api, "c-4", "c-3")
    await merged(api, lead, "c-2", "c-4")
    await service.rows_written(statement)
    for named in ("c-4", "c-2"):
        answer = await api.post("/merges", json=asked("c-1", named))
        assert (refusal(answer, 409), why in answer.text) == (["merged"], True)
    answer = await lead.post(f"/merges/{late}/decision", json={"decision": "approve"})
    assert refusal(answer, 409) == ["survivor"]


async def test_two_valid_numbers_of_one_kind_need_evidence_and_others_do_not(
    api: AsyncClient, lead: AsyncClient, service: Delivering
) -> None:
    wrong = ZHANG.model_copy(update={"id_number": "110109199003071235"})
    passport = ZHANG.model_copy(update={"id_type": "passport", "id_number": "E12345678"})
    kinds = {"c-4": PAPER, "c-5": ANOTHER, "c-6": wrong, "c-7": passport}
    await service.deliver(*[record(service, customer(file, identity=one)) for file, one in kinds.items()])
    answer = await api.post("/merges", json=asked("c-4", "c-5"))
    assert refusal(answer, 409) == ["evidence"]
    assert PAPER.id_number not in answer.text
    await merged(api, lead, "c-4", "c-6")
    await merged(api, lead, "c-4", "c-7")
    await merged(api, lead, "c-6", "c-5", evidence=EVIDENCE)
    rows = await service.rows("SELECT evidence_kind, evidence_digest FROM merge_acts ORDER BY revision")
    assert [tuple(row) for row in rows] == [(None, None), (None, None), ("police-certificate", "5e" * 32)]


async def test_an_unmerge_out_of_order_names_the_merge_to_undo_first(api: AsyncClient, lead: AsyncClient) -> None:
    first = await merged(api, lead, "c-1", "c-2")
    last = await merged(api, lead, "c-3", "c-1")
    answer = await api.post(f"/merges/{first}/unmerge", json={"reason": "mistaken"})
    assert (refusal(answer, 409), last in answer.text) == (["merge_id"], True)
    undone = (await api.post(f"/merges/{last}/unmerge", json={"reason": "mistaken"})).json()["merge_id"]
    await decided(lead, undone)
    assert refusal(await api.post(f"/merges/{last}/unmerge", json={"reason": "mistaken"}), 409) == []
    assert (await api.post(f"/merges/{first}/unmerge", json={"reason": "mistaken"})).status_code == 201
    twice = await api.post(f"/merges/{first}/unmerge", json={"reason": "mistaken"})
    assert refusal(twice, 409) == ["merge_id"]


async def test_who_proposed_does_not_decide_and_who_may_not_is_refused(
    app: FastAPI, api: AsyncClient, issuer: TestIssuer
) -> None:
    merge_id = await proposed(api)
    path, approve = f"/merges/{merge_id}/decision", {"json": {"decision": "approve"}}
    both = issuer.bearer("data_admin", "compliance", subject="e-7")
    answer = await api.post(path, **approve, headers=both)
    assert (answer.status_code, answer.json()["title"]) == (403, "Another person decides")
    assert (await api.post(path, **approve)).status_code == 403
    for role in ("compliance", "team_lead", "auditor", "rm"):
        assert (await api.post("/merges", json=asked(), headers=issuer.bearer(role))).status_code == 403
    assert (await api.post(f"/merges/{uuid4()}/decision", **approve, headers=both)).status_code == 404
    assert (await api.post(f"/merges/{uuid4()}/unmerge", json={"reason": "mistaken"})).status_code == 404


async def test_the_same_two_are_proposed_once(api: AsyncClient) -> None:
    await proposed(api)
    assert refusal(await api.post("/merges", json=asked("c-2", "c-1")), 409) == ["merged"]


async def test_of_decisions_at_one_moment_one_counts(api: AsyncClient, lead: AsyncClient, service: Delivering) -> None:
    ids = [await proposed(api, "c-1", "c-2"), await proposed(api, "c-2", "c-3"), await proposed(api, "c-3", "c-1")]
    asks = [lead.post(f"/merges/{one}/decision", json={"decision": "approve"}) for one in ids * 3]
    statuses = sorted([answer.status_code for answer in await asyncio.gather(*asks)])
    assert statuses == [201] * 2 + [409] * 7, "the third would be a cycle, whichever it is"
    ((files),) = (await persons(service, *FILES)).values()
    assert files == tuple(FILES)
    assert sorted({fact["revision"] for fact in await told(service)}) == [1, 2]


async def test_the_database_refuses_to_alter_an_act(api: AsyncClient, lead: AsyncClient, service: Delivering) -> None:
    await merged(api, lead)
    for statement in ("UPDATE merge_acts SET merged = 'c-3'", "DELETE FROM merge_acts", "TRUNCATE merge_acts"):
        with pytest.raises(DBAPIError, match=r"only grows|permission denied|must be owner"):
            await service.rows_written(statement)
