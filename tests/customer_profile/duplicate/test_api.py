"""The queue of probable duplicates over REST: the likeliest first, side by side, decided on once and for good."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy.exc import DBAPIError

from customer_profile.duplicate import handlers
from customer_profile.duplicate.domain.evidence import Likeness
from tests.customer_profile.duplicate.books import published
from tests.customer_profile.facts import customer, record
from tests.customer_profile.marks import MARKED
from tests.customer_profile.test_privacy import marks_in
from tests.support.delivering import Delivering
from tests.support.tokens import TestIssuer

AT = datetime(2026, 3, 2, tzinfo=UTC)
EVIDENCE: dict[Any, Any] = dict.fromkeys((one.attribute for one in published().comparisons), "exact")
NOT_SURE = EVIDENCE | {"id_number": "conflicts"}
DISMISS = {"decision": "dismissed", "reason": "relatives"}
ACCEPT = {"decision": "accepted", "reason": "same-life"}


def likeness(a: int, b: int, weight: int, evidence: dict[Any, Any] | None = None) -> Likeness:
    return Likeness(f"c-{a}", f"c-{b}", weight, evidence or EVIDENCE)


async def kept(service: Delivering, *found: Likeness) -> None:
    """What a run of the job leaves."""
    async with service.runtime.transactions.begin() as tx:
        await handlers.keep_found(tx, found, model="persons-1", at=AT)


@pytest.fixture
async def queue(service: Delivering) -> list[Likeness]:
    """Six pairs among four marked customers, two of them of one weight."""
    await service.deliver(*(record(service, customer(f"c-{n}", identity=MARKED)) for n in range(4)))
    pairs = [(0, 1, 900), (0, 2, -100), (0, 3, 300), (1, 2, 300), (1, 3, 2500), (2, 3, 0)]
    found = [likeness(a, b, weight) for a, b, weight in pairs]
    await kept(service, *found)
    return found


async def listed(api: AsyncClient, **params: Any) -> list[dict[str, Any]]:
    answer = await api.get("/duplicates", params=params)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def first(api: AsyncClient) -> str:
    return str((await listed(api))[0]["pair_id"])


async def test_pairs_are_listed_the_likeliest_first_and_each_once_over_pages(
    api: AsyncClient, queue: list[Likeness]
) -> None:
    seen, cursor = [], None
    while True:
        answer = (await api.get("/duplicates", params={"limit": 2} | ({"cursor": cursor} if cursor else {}))).json()
        seen += answer["items"]
        if (cursor := answer["next"]) is None:
            break
    assert [one["weight"] for one in seen] == sorted((one.weight / 100 for one in queue), reverse=True)
    assert len({one["pair_id"] for one in seen}) == len(queue)
    assert seen[0]["probability"] > 0.99 and seen[-1]["probability"] < 0.5


async def test_pairs_are_filtered_by_state_and_by_probability(api: AsyncClient, queue: list[Likeness]) -> None:
    assert {one["weight"] for one in await listed(api, min_probability=0.8)} == {3.0, 9.0, 25.0}
    await api.post(f"/duplicates/{await first(api)}/decision", json=DISMISS)
    assert [one["weight"] for one in await listed(api, state="dismissed")] == [25.0]
    assert len(await listed(api, state="open")) == 5
    for params in ({"min_probability": 1}, {"min_probability": 0}, {"state": "merged"}, {"cursor": "x"}):
        assert (await api.get("/duplicates", params=params)).status_code == 422


async def test_both_files_are_shown_side_by_side_and_masked(api: AsyncClient, queue: list[Likeness]) -> None:
    answer = await api.get(f"/duplicates/{await first(api)}")
    assert [file["customer_id"] for file in answer.json()["files"]] == ["c-1", "c-3"]
    assert {file["identity"]["full_name"] for file in answer.json()["files"]} == {"欧*"}
    assert marks_in(answer.text) == []


async def test_a_decision_is_kept_with_what_it_was_made_on(
    api: AsyncClient, service: Delivering, queue: list[Likeness]
) -> None:
    pair_id = await first(api)
    answer = await api.post(f"/duplicates/{pair_id}/decision", json=ACCEPT)
    assert (answer.status_code, answer.json()["state"], answer.json()["reason"]) == (201, "accepted", "same-life")
    (noted,) = await service.rows("SELECT * FROM duplicate_decisions")
    assert (str(noted.pair_id), noted.decision, noted.evidence) == (pair_id, "accepted", EVIDENCE)
    assert noted.decided_by.endswith("e-7")
    for statement in ("DELETE FROM duplicate_decisions", "UPDATE duplicate_decisions SET reason = 'relatives'"):
        with pytest.raises(DBAPIError, match="only grows"):
            await service.rows_written(statement)


async def test_of_many_who_decide_at_once_one_succeeds(
    api: AsyncClient, service: Delivering, queue: list[Likeness]
) -> None:
    pair_id = await first(api)
    answers = await asyncio.gather(*(api.post(f"/duplicates/{pair_id}/decision", json=DISMISS) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]
    assert len(await service.rows("SELECT 1 FROM duplicate_decisions")) == 1


async def test_a_dismissed_pair_comes_again_with_other_evidence_alone_and_both_decisions_stay(
    api: AsyncClient, service: Delivering, queue: list[Likeness]
) -> None:
    pair_id = await first(api)
    await api.post(f"/duplicates/{pair_id}/decision", json=DISMISS)
    await kept(service, *queue)
    assert pair_id not in {one["pair_id"] for one in await listed(api, state="open")}
    await kept(service, *(likeness(1, 3, 200, NOT_SURE) if one.file_b == "c-3" else one for one in queue[4:5]))
    (opened,) = await listed(api, state="open")
    assert (opened["pair_id"], opened["evidence"]["id_number"], opened["decided_by"]) == (pair_id, "conflicts", None)
    again = {"decision": "dismissed", "reason": "two-persons-seen"}
    assert (await api.post(f"/duplicates/{pair_id}/decision", json=again)).status_code == 201
    assert len(await service.rows("SELECT 1 FROM duplicate_decisions")) == 2


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"decision": "accepted", "reason": "relatives"}, 422),
        ({"decision": "dismissed", "reason": "same-life"}, 422),
        ({"decision": "merged", "reason": "same-life"}, 422),
        ({"decision": "dismissed"}, 422),
        (DISMISS | {"note": "cousins"}, 422),
    ],
)
async def test_a_decision_that_is_none_is_refused_and_changes_nothing(
    api: AsyncClient, service: Delivering, queue: list[Likeness], asked: dict[str, str], status: int
) -> None:
    answer = await api.post(f"/duplicates/{await first(api)}/decision", json=asked)
    assert answer.status_code == status
    assert await service.rows("SELECT 1 FROM duplicate_decisions") == []
    assert len(await listed(api, state="open")) == len(queue)


async def test_what_is_not_kept_is_404(api: AsyncClient) -> None:
    nothing = "/duplicates/00000000-0000-8e2b-a4b1-5c7d1f0e9a33"
    assert (await api.get(nothing)).status_code == 404
    assert (await api.post(f"{nothing}/decision", json=DISMISS)).status_code == 404


@pytest.mark.parametrize(
    ("role", "statuses"),
    [("data_admin", [200, 200, 201]), ("compliance", [200, 200, 403]), ("auditor", [200, 403, 403]), ("rm", [403] * 3)],
)
async def test_who_keeps_files_in_order_decides_and_who_audits_sees_no_identity(
    api: AsyncClient, issuer: TestIssuer, queue: list[Likeness], role: str, statuses: list[int]
) -> None:
    pair_id = await first(api)
    headers = issuer.bearer(role, subject="e-9")
    answers = [
        await api.get("/duplicates", headers=headers),
        await api.get(f"/duplicates/{pair_id}", headers=headers),
        await api.post(f"/duplicates/{pair_id}/decision", json=DISMISS, headers=headers),
    ]
    assert [answer.status_code for answer in answers] == statuses


async def test_a_pair_of_which_a_file_has_ended_is_none_and_is_not_kept_by_a_run_that_read_it_before(
    api: AsyncClient, service: Delivering, queue: list[Likeness]
) -> None:
    pair_id = await first(api)
    assert (await api.get(f"/duplicates/{pair_id}")).json()["file_b"] == "c-3"
    await service.rows_written("UPDATE profiles SET archived_at = now() WHERE customer_id = 'c-3'")
    assert (await api.get(f"/duplicates/{pair_id}")).status_code == 404
    assert (await api.post(f"/duplicates/{pair_id}/decision", json=ACCEPT)).status_code == 404
    await kept(service, *queue)
    assert {one["file_b"] for one in await listed(api)} == {"c-1", "c-2"}
