"""The bank's ECIF merges and separates: its words in any order end the same, and where it is master ours recommend."""

import re
from datetime import timedelta
from itertools import permutations
from random import Random
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient

from customer_profile.merge.domain.proposals import MergeNotInForce
from customer_profile.merge.handlers import present_persons
from rapport.clock import utc_now
from rapport.events.ecif import CustomerMergeRecorded
from rapport.messaging.records import RawRecord
from tests.customer_profile.facts import MONDAY, customer, record
from tests.customer_profile.merge.merging import approve, merge, persons, rows_of, told, unmerge
from tests.support.delivering import Delivering


def word(
    service: Delivering, survivor: str, merged: str, *, hours: float = 0, status: str = "merged", **envelope: Any
) -> RawRecord:
    """As the ECIF tells it."""
    at = MONDAY + timedelta(hours=hours)
    said = CustomerMergeRecorded(customer_id=survivor, merged=merged, status=status, recorded_at=at)  # type: ignore[arg-type]
    return service.feed.record(said, time=at, source="ecif", **envelope)


async def test_the_ecif_merges_at_once_and_separates_again(service: Delivering) -> None:
    await service.deliver(*[record(service, customer(file, identity=None)) for file in ("c-1", "c-2")])
    before = await rows_of(service, ["c-1", "c-2"])
    await service.deliver(word(service, "c-1", "c-2"))
    assert await persons(service, "c-2") == {"c-1": ("c-1", "c-2")}
    await service.deliver(word(service, "c-1", "c-2", hours=1, status="separated"))
    assert await persons(service, "c-1", "c-2") == {"c-1": ("c-1",), "c-2": ("c-2",)}
    assert [fact["topic"] for fact in await told(service)] == ["customers-merged"] * 2 + ["customers-unmerged"] * 2
    assert await rows_of(service, ["c-1", "c-2"]) == before


async def test_its_words_in_any_order_with_repeats_end_in_the_same_persons(service: Delivering) -> None:
    said = [("a", "b", 1, "merged"), ("a", "b", 3, "separated"), ("c", "b", 2, "merged"), ("c", "d", 4, "merged")]
    for number, order in enumerate(permutations(said)):
        files = {name: f"{name}-{number}" for name in "abcd"}
        words = [
            word(service, files[one], files[other], hours=hours, status=status, identifier=f"{number}-{hours}")
            for one, other, hours, status in [*order, *Random(number).sample(order, 2)]
        ]
        await service.deliver(*words[: number % 6])
        await service.deliver(*words[number % 6 :])
        expected = {files["a"]: (files["a"],), files["c"]: tuple(files[name] for name in "bcd")}
        assert await persons(service, *files.values()) == expected, order
    counts = await service.counts()
    assert (counts["duplicate"], counts["parked"], counts["dead_lettered"]) == (24 * 2, 0, 0)


async def test_a_word_that_outlived_the_inbox_is_known_by_the_ledger(service: Delivering) -> None:
    await service.deliver(word(service, "c-1", "c-2", identifier="w-1"))
    again = Delivering(service.runtime)
    await service.rows_written("DELETE FROM inbox")
    again.feed = service.feed
    await again.deliver(word(service, "c-1", "c-2", identifier="w-1"))
    assert len(await told(service)) == 2
    assert (await service.counts())["duplicate"] == 1


async def test_a_file_merged_before_it_is_recorded_is_of_the_person_when_it_comes(service: Delivering) -> None:
    await service.deliver(word(service, "c-1", "c-2"))
    await service.deliver(*[record(service, customer(file, identity=None)) for file in ("c-1", "c-2")])
    assert await persons(service, "c-2") == {"c-1": ("c-1", "c-2")}


async def test_where_the_ecif_is_master_an_approval_recommends_and_its_word_merges(service: Delivering) -> None:
    await service.deliver(*[record(service, customer(file, identity=None)) for file in ("c-1", "c-2")])
    merge_id = await merge(service, "c-1", "c-2", master="bank")
    ((state,),) = await service.rows("SELECT state FROM merge_proposals")
    assert state == "recommended"
    assert await told(service) == []
    with pytest.raises(MergeNotInForce):
        await unmerge(service, merge_id)
    await service.deliver(word(service, "c-1", "c-2"))
    assert await persons(service, "c-2") == {"c-1": ("c-1", "c-2")}


async def test_each_file_is_told_again_with_the_last_act_that_touched_it(service: Delivering) -> None:
    words = [("a", "b", 1, "merged"), ("c", "d", 2, "merged"), ("a", "c", 3, "merged"), ("a", "c", 4, "separated")]
    for one, other, hours, status in [*words, ("c", "e", 5, "merged")]:
        await service.deliver(word(service, one, other, hours=hours, status=status))
    async with service.runtime.engine.connect() as connection:
        pages = [await present_persons(connection, after, 2) for after in ("", "b", "d")]
    facts = {fact.customer_id: fact for page in pages for fact, _ in page}  # type: ignore[attr-defined]
    assert [(f.name, f.revision) for f in facts.values()] == [("customers-unmerged", 4)] * 2 + [
        ("customers-merged", 5)
    ] * 3
    assert [one.files for one in facts["a"].persons] == [("a", "b")], "what of that act still holds"
    assert [one.files for one in facts["e"].persons] == [("c", "d", "e")]


async def test_a_file_merged_with_itself_is_a_dead_letter_that_names_the_rule(service: Delivering) -> None:
    said = CustomerMergeRecorded(customer_id="c-3", merged="c-4", status="merged", recorded_at=MONDAY)
    with_itself = service.feed.record(said, time=MONDAY, source="ecif", data={"merged": "c-3"})
    await service.deliver(word(service, "c-1", "c-2"), with_itself)
    ((reason,),) = await service.rows("SELECT reason FROM dead_letters")
    assert "merged is another file than customer_id" in reason
    assert await persons(service, "c-2", "c-3") == {"c-1": ("c-1", "c-2"), "c-3": ("c-3",)}


async def test_what_the_ecif_merged_is_undone_by_two_people_where_ours_is_master(
    service: Delivering, api: AsyncClient
) -> None:
    """Else what is said to be undone first could be undone by nobody."""
    await service.deliver(*[record(service, customer(file, identity=None)) for file in ("c-1", "c-2", "c-3")])
    ours = await merge(service, "c-1", "c-2")
    await service.deliver(word(service, "c-1", "c-3", hours=(utc_now() - MONDAY) / timedelta(hours=1)))
    refused = await api.post(f"/merges/{ours}/unmerge", json={"reason": "mistaken"})
    assert refused.status_code == 409
    first = next(iter(re.findall("[0-9a-f-]{36}", refused.json()["errors"][0]["reason"])))
    undoing = await api.post(f"/merges/{first}/unmerge", json={"reason": "mistaken"})
    assert undoing.status_code == 201
    await approve(service, UUID(undoing.json()["merge_id"]))
    assert await persons(service, "c-1", "c-3") == {"c-1": ("c-1", "c-2"), "c-3": ("c-3",)}
    assert (await api.post(f"/merges/{ours}/unmerge", json={"reason": "mistaken"})).status_code == 201
