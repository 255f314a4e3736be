"""A valid paper that a core tells of two files is put before people, once, and merged by nobody."""

import asyncio
from datetime import date
from typing import Any

from httpx import AsyncClient

from tests.customer_profile.facts import HOUR, MONDAY, ZHANG, customer, record, resident_id
from tests.customer_profile.merge.merging import approve, merge, persons, told
from tests.support.delivering import Delivering

PAPER = ZHANG.model_copy(update={"id_number": resident_id("11010919900307123")})
WRONG = ZHANG.model_copy(update={"id_number": "110109199003071235"})
EARLIER = date(2010, 1, 1)


async def proposals(service: Delivering) -> list[tuple[str, str, str, str]]:
    rows = await service.rows("SELECT survivor, merged, reason, proposed_by FROM merge_proposals ORDER BY merged")
    return [tuple(row) for row in rows]


def identified(service: Delivering, customer_id: str, identity: Any = PAPER, **fields: Any) -> Any:
    return record(service, customer(customer_id, identity=identity, **fields))


async def test_one_paper_on_two_files_is_proposed_once_and_the_elder_is_to_survive(service: Delivering) -> None:
    await service.deliver(identified(service, "c-1"))
    assert await proposals(service) == []
    await service.deliver(identified(service, "c-2", customer_since=EARLIER))
    assert await proposals(service) == [("c-2", "c-1", "same-paper", "rapport")]
    await service.deliver(identified(service, "c-1", recorded_at=MONDAY + HOUR))
    assert len(await proposals(service)) == 1
    assert await persons(service, "c-1", "c-2") == {"c-1": ("c-1",), "c-2": ("c-2",)}
    assert await told(service) == []
    ((merge_id,),) = await service.rows("SELECT merge_id FROM merge_proposals")
    await approve(service, merge_id, by="anybody")
    assert await persons(service, "c-1") == {"c-2": ("c-1", "c-2")}


async def test_many_files_of_one_paper_are_proposed_to_one_and_not_each_to_each(service: Delivering) -> None:
    await service.deliver(*[identified(service, f"c-{number}") for number in range(6)])
    assert await proposals(service) == [("c-0", f"c-{number}", "same-paper", "rapport") for number in range(1, 6)]


async def test_of_two_files_that_come_at_one_moment_the_second_sees_the_first(service: Delivering) -> None:
    for number in range(5):
        two = [identified(service, f"c-{number}-{one}", identity=_paper(number)) for one in ("a", "b")]
        await asyncio.gather(*[service.deliver(one) for one in two])
    assert len(await proposals(service)) == 5


def _paper(number: int) -> Any:
    return ZHANG.model_copy(update={"id_number": resident_id(f"1101091990030721{number}")})


async def test_a_number_that_is_wrong_or_of_another_kind_of_paper_proposes_nothing(service: Delivering) -> None:
    passport = ZHANG.model_copy(update={"id_type": "passport", "id_number": "E12345678"})
    permit = ZHANG.model_copy(update={"id_type": "foreign-permanent-resident", "id_number": "E12345678"})
    kinds = {"c-1": WRONG, "c-2": WRONG, "c-3": passport, "c-4": permit}
    await service.deliver(*[identified(service, file, identity=one) for file, one in kinds.items()])
    assert await proposals(service) == []


async def test_who_is_one_person_already_and_what_was_refused_is_not_proposed_again(
    service: Delivering, api: AsyncClient
) -> None:
    await service.deliver(identified(service, "c-1", identity=None), identified(service, "c-2", identity=None))
    await merge(service, "c-1", "c-2")
    await service.deliver(identified(service, "c-1", recorded_at=MONDAY + HOUR))
    await service.deliver(identified(service, "c-2", recorded_at=MONDAY + HOUR))
    assert len(await proposals(service)) == 1, "the one by which they were merged"
    await service.deliver(identified(service, "c-3"))
    assert len(await proposals(service)) == 2
    await service.rows_written(
        "UPDATE merge_proposals SET state = 'refused', decided_by = 'e-9', decided_at = now() WHERE merged = 'c-3'"
    )
    await service.deliver(identified(service, "c-3", recorded_at=MONDAY + HOUR))
    assert len(await proposals(service)) == 2


async def test_what_was_refused_is_not_proposed_again_of_the_person_that_a_file_has_come_to_be_of(
    service: Delivering,
) -> None:
    await service.deliver(identified(service, "c-1"), identified(service, "c-2"))
    elder = customer("c-0", identity=None, customer_since=EARLIER)
    await service.deliver(record(service, elder))
    await service.rows_written("UPDATE merge_proposals SET state = 'refused', decided_by = 'e-9', decided_at = now()")
    await merge(service, "c-0", "c-1")
    await service.deliver(identified(service, "c-2", recorded_at=MONDAY + HOUR))
    assert len(await proposals(service)) == 2, "the refused one, and the one by which c-1 was merged"


async def test_two_persons_are_proposed_once_by_whichever_of_their_files(service: Delivering, api: AsyncClient) -> None:
    await service.deliver(*[identified(service, f"c-{number}", identity=None) for number in range(3)])
    await merge(service, "c-0", "c-1")
    asked = {"survivor": "c-1", "merged": "c-2", "reason": "known-to-staff"}
    assert (await api.post("/merges", json=asked)).status_code == 201
    again = await api.post("/merges", json=asked | {"survivor": "c-0"})
    assert (again.status_code, again.json()["errors"][0]["field"]) == (409, "merged")


async def test_over_rest_a_paper_on_another_file_stays_refused_and_a_merge_can_be_proposed(
    service: Delivering, api: AsyncClient
) -> None:
    await service.deliver(identified(service, "c-1"))
    body = {"customer_id": "c-2", "unit": "B1", "customer_since": "2026-01-01"}
    refused = await api.post("/customers", json=body | {"identity": PAPER.model_dump()})
    assert refused.status_code == 409
    assert (await api.post("/customers", json=body)).status_code == 201
    asked = {"survivor": "c-1", "merged": "c-2", "reason": "same-paper"}
    assert (await api.post("/merges", json=asked)).status_code == 201


async def test_two_persons_with_two_papers_in_common_are_proposed_once(service: Delivering) -> None:
    papers = {"a-1": _paper(1), "a-2": _paper(2), "b-1": _paper(1), "b-2": _paper(2)}
    await service.deliver(*[identified(service, file, identity=None) for file in papers])
    await merge(service, "a-1", "a-2")
    await merge(service, "b-1", "b-2")
    later = {"recorded_at": MONDAY + HOUR}
    await service.deliver(*[identified(service, file, identity=paper, **later) for file, paper in papers.items()])
    assert [one for one in await proposals(service) if one[2] == "same-paper"] == [
        ("a-1", "b-1", "same-paper", "rapport")
    ]
