"""An accepted pair becomes a proposal to merge, which another person approves; files of one person are no pair."""

import asyncio
from datetime import date
from typing import Any

import pytest
from httpx import AsyncClient

from customer_profile.merge.handlers import propose_merge
from rapport.events.bank import Identity
from tests.customer_profile.duplicate.test_api import ACCEPT, DISMISS, first, kept, likeness, listed
from tests.customer_profile.facts import ZHANG, customer, record, resident_id
from tests.customer_profile.merge.merging import locks_of
from tests.support.delivering import Delivering
from tests.support.tokens import TestIssuer

VALID = [resident_id("11010919900307123"), resident_id("11010919900307789")]


def recorded(service: Delivering, customer_id: str, number: str, **fields: Any) -> Any:
    identity = Identity.model_validate(ZHANG.model_dump() | {"id_number": number})
    return record(service, customer(customer_id, identity=identity, **fields))


@pytest.fixture
async def pair(service: Delivering) -> str:
    """Two files of one person, the second with a slip in the number; c-2 has been a customer for longer."""
    await service.deliver(
        recorded(service, "c-1", VALID[0], customer_since=date(2022, 1, 1)),
        recorded(service, "c-2", VALID[0][:-2] + VALID[0][-1] + VALID[0][-2], customer_since=date(2015, 1, 1)),
    )
    await kept(service, likeness(1, 2, 900))
    return "the only one"


async def merges(api: AsyncClient) -> list[dict[str, Any]]:
    return list((await api.get("/merges")).json()["items"])


async def test_an_accepted_pair_is_proposed_to_be_merged_into_the_older_customer(api: AsyncClient, pair: str) -> None:
    answer = await api.post(f"/duplicates/{await first(api)}/decision", json=ACCEPT)
    (proposed,) = await merges(api)
    assert answer.json()["merge_id"] == proposed["merge_id"]
    assert (proposed["survivor"], proposed["merged"], proposed["reason"]) == ("c-2", "c-1", "probable-match")
    assert proposed["state"] == "open"


async def test_a_dismissed_pair_proposes_nothing(api: AsyncClient, pair: str) -> None:
    answer = await api.post(f"/duplicates/{await first(api)}/decision", json=DISMISS)
    assert answer.json()["merge_id"] is None
    assert await merges(api) == []


async def test_what_is_proposed_already_is_not_proposed_twice(api: AsyncClient, pair: str) -> None:
    asked = {"survivor": "c-1", "merged": "c-2", "reason": "known-to-staff"}
    known = (await api.post("/merges", json=asked)).json()["merge_id"]
    answer = await api.post(f"/duplicates/{await first(api)}/decision", json=ACCEPT)
    assert answer.json()["merge_id"] == known
    assert len(await merges(api)) == 1


async def test_what_is_being_proposed_at_this_moment_is_not_proposed_twice(
    api: AsyncClient, service: Delivering, pair: str
) -> None:
    accepted = f"/duplicates/{await first(api)}/decision"
    locks = locks_of(service)
    async with service.runtime.transactions.begin(customers=["c-1", "c-2"]) as tx:
        await propose_merge(tx, "c-1", "c-2", "known-to-staff", None, by="e-1", locks=locks)
        accepting = asyncio.create_task(api.post(accepted, json=ACCEPT))
        await asyncio.sleep(0.5)
    assert (await accepting).status_code == 201
    assert len(await merges(api)) == 1


async def test_files_that_are_one_person_are_shown_and_found_no_more(
    api: AsyncClient, service: Delivering, pair: str, issuer: TestIssuer
) -> None:
    await kept(service, likeness(1, 2, 900), likeness(2, 3, 800))
    accepted = await api.post(f"/duplicates/{(await listed(api))[0]['pair_id']}/decision", json=ACCEPT)
    approved = await api.post(
        f"/merges/{accepted.json()['merge_id']}/decision",
        json={"decision": "approve"},
        headers=issuer.bearer("compliance", subject="e-8"),
    )
    assert approved.status_code == 201, approved.text
    assert [(one["file_a"], one["file_b"]) for one in await listed(api)] == [("c-2", "c-3")]
    await service.rows_written("DELETE FROM duplicate_pairs WHERE file_b = 'c-2'")
    await kept(service, likeness(1, 2, 900), likeness(2, 3, 800))
    assert len(await service.rows("SELECT 1 FROM duplicate_pairs")) == 1


async def test_what_cannot_be_merged_is_refused_with_its_remedy_and_stays_open(
    api: AsyncClient, service: Delivering
) -> None:
    await service.deliver(*(recorded(service, f"c-{n + 1}", number) for n, number in enumerate(VALID)))
    await kept(service, likeness(1, 2, 900))
    answer = await api.post(f"/duplicates/{await first(api)}/decision", json=ACCEPT)
    assert answer.status_code in {409, 422}
    assert "evidence" in answer.text
    assert [one["state"] for one in await listed(api)] == ["open"]
    assert await service.rows("SELECT 1 FROM duplicate_decisions") == []
