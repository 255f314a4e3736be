"""What was recommended to the bank's ECIF is closed by its words, in whatever order they and it come."""

from datetime import timedelta
from itertools import permutations
from uuid import UUID

import pytest
from httpx import AsyncClient

from customer_profile.customer.identity import Locks
from customer_profile.merge import handlers
from rapport.clock import utc_now
from rapport.messaging.records import RawRecord
from tests.customer_profile.facts import MONDAY, customer, record
from tests.customer_profile.merge.merging import CLERK, LEAD, locks_of, merge, persons, told
from tests.customer_profile.merge.test_ecif import word
from tests.support.delivering import Delivering

HOUR = timedelta(hours=1)


def said(service: Delivering, one: str, other: str, status: str, hours_from_now: float) -> RawRecord:
    """A word of the ECIF, recorded so long from now."""
    return word(service, one, other, hours=(utc_now() - MONDAY) / HOUR + hours_from_now, status=status)


async def states(service: Delivering) -> dict[tuple[str, str], str]:
    rows = await service.rows("SELECT kind, survivor, state FROM merge_proposals")
    return {(row.kind, row.survivor): row.state for row in rows}


async def propose(service: Delivering, survivor: str, merged: str) -> UUID:
    async with service.runtime.transactions.begin(customers=[survivor, merged]) as tx:
        asked = (survivor, merged, "known-to-staff", None)
        return (await handlers.propose_merge(tx, *asked, by=CLERK, locks=locks_of(service))).merge_id


async def recommend(service: Delivering, merge_id: UUID) -> str:
    locks: Locks = locks_of(service)
    async with service.runtime.transactions.begin() as tx:
        return (await handlers.decide(tx, merge_id, "approve", by=LEAD, locks=locks, master="bank")).state


async def recommended_unmerge(service: Delivering, merge_id: UUID) -> None:
    async with service.runtime.transactions.begin() as tx:
        proposal = await handlers.propose_unmerge(tx, merge_id, "mistaken", by=CLERK)
    assert await recommend(service, proposal.merge_id) == "recommended"


@pytest.fixture(autouse=True)
async def files(service: Delivering) -> None:
    await service.deliver(*[record(service, customer(file, identity=None)) for file in ("a", "b", "c", "d")])


async def test_a_recommendation_that_the_ecif_follows_is_shown_as_adopted(
    service: Delivering, api: AsyncClient
) -> None:
    merge_id = await merge(service, "a", "b", master="bank")
    queue = (await api.get("/merges", params={"state": "recommended"})).json()["items"]
    assert [one["merge_id"] for one in queue] == [str(merge_id)]
    await service.deliver(said(service, "a", "b", "merged", 1))
    assert (await api.get(f"/merges/{merge_id}")).json()["state"] == "adopted"
    assert (await api.get("/merges", params={"state": "recommended"})).json()["items"] == []
    assert (await api.get("/merges", params={"state": "adopted"})).json()["items"][0]["decided_by"] == LEAD


async def test_a_word_that_came_before_the_approval_adopts_at_once_and_nothing_is_merged_twice(
    service: Delivering,
) -> None:
    merge_id = await propose(service, "a", "b")
    await service.deliver(said(service, "a", "b", "merged", -1))
    before = await told(service)
    assert await recommend(service, merge_id) == "adopted"
    assert await told(service) == before
    assert await persons(service, "a") == {"a": ("a", "b")}


async def test_files_that_become_one_person_by_other_words_are_adopted_too(service: Delivering) -> None:
    await merge(service, "a", "b", master="bank")
    await service.deliver(said(service, "c", "a", "merged", 1))
    assert (await states(service))["merge", "a"] == "recommended", "of the pair nothing is said yet"
    await service.deliver(said(service, "c", "b", "merged", 2))
    assert (await states(service))["merge", "a"] == "adopted"


async def test_a_separation_since_is_a_no_and_one_of_before_was_known(service: Delivering) -> None:
    await merge(service, "a", "b", master="bank")
    await merge(service, "c", "d", master="bank")
    await service.deliver(said(service, "a", "b", "separated", 1), said(service, "c", "d", "separated", -1))
    assert await states(service) == {("merge", "a"): "not-adopted", ("merge", "c"): "recommended"}
    await service.deliver(said(service, "a", "b", "merged", 2))
    assert (await states(service))["merge", "a"] == "adopted", "the later word counts"


WORDS = [("a", "b", "merged", 1), ("b", "a", "separated", 3), ("c", "a", "merged", 2), ("c", "b", "merged", 4)]


@pytest.mark.parametrize(
    ("count", "outcome"), [(0, "recommended"), (1, "adopted"), (2, "not-adopted"), (3, "not-adopted"), (4, "adopted")]
)
async def test_the_outcome_follows_from_the_words_and_not_from_their_order(
    service: Delivering, count: int, outcome: str
) -> None:
    found = set()
    for number, order in enumerate(permutations(WORDS[:count])):
        names = {name: f"{name}-{number}" for name in "abc"}
        await service.deliver(*[record(service, customer(file, identity=None)) for file in names.values()])
        await merge(service, names["a"], names["b"], master="bank")
        for one, other, status, hours in order:
            await service.deliver(said(service, names[one], names[other], status, hours))
        found.add((await states(service))["merge", names["a"]])
    assert found == {outcome}


@pytest.mark.parametrize(("status", "outcome"), [("separated", "adopted"), ("merged", "not-adopted")])
async def test_a_recommended_unmerge_is_answered_by_the_next_word_on_its_pair(
    service: Delivering, status: str, outcome: str
) -> None:
    await service.deliver(said(service, "a", "b", "merged", -2))
    ((merge_id,),) = await service.rows("SELECT act_id FROM merge_acts")
    await recommended_unmerge(service, merge_id)
    await service.deliver(said(service, "a", "c", "merged", -1))
    assert (await states(service))["unmerge", "a"] == "recommended"
    await service.deliver(said(service, "a", "b", status, 1))
    assert (await states(service))["unmerge", "a"] == outcome


async def test_what_was_approved_or_refused_where_ours_is_master_is_answered_by_no_word(service: Delivering) -> None:
    await merge(service, "a", "b")
    refused = await propose(service, "c", "d")
    async with service.runtime.transactions.begin() as tx:
        await handlers.decide(tx, refused, "refuse", by=LEAD, locks=locks_of(service), master="ours")
    await service.deliver(said(service, "a", "b", "separated", 1), said(service, "c", "d", "merged", 1))
    assert await states(service) == {("merge", "a"): "approved", ("merge", "c"): "refused"}
