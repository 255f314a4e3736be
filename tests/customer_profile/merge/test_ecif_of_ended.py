"""The ECIF merges files that nobody here could: a restricted or archived one, for it is master; of a destroyed one its
word builds nothing.
"""

from datetime import timedelta

import pytest
from httpx import AsyncClient

from tests.customer_profile.facts import customer, record
from tests.customer_profile.merge.merging import persons, rows_of
from tests.customer_profile.merge.test_ecif import word
from tests.customer_profile.retention.leaving import LONG_AGO, RECENT, end, left, steps
from tests.support.delivering import Delivering
from tests.support.tokens import TestIssuer


async def words_told(service: Delivering) -> int:
    topics = "('customers-merged', 'customers-unmerged')"
    return len(await service.rows(f"SELECT 1 FROM outbox WHERE topic IN {topics}"))


async def test_a_restricted_file_is_merged_as_the_ecif_says_and_stays_restricted(service: Delivering) -> None:
    await service.deliver(*[record(service, customer(file, identity=None)) for file in ("c-1", "c-2")])
    await service.rows_written("UPDATE profiles SET is_restricted = true WHERE customer_id = 'c-2'")
    before = await rows_of(service, ["c-1", "c-2"])
    await service.deliver(word(service, "c-1", "c-2"))
    assert await persons(service, "c-2") == {"c-1": ("c-1", "c-2")}
    assert await rows_of(service, ["c-1", "c-2"]) == before, "a restriction is of its file alone"
    await service.deliver(word(service, "c-1", "c-2", hours=1, status="separated"))
    assert await persons(service, "c-2") == {"c-2": ("c-2",)}


async def test_an_archived_file_is_merged_and_stays_archived(
    service: Delivering, api: AsyncClient, issuer: TestIssuer
) -> None:
    await left(service, "g-1", at=RECENT)
    await end(service, api, issuer)
    assert (await steps(service, "g-1"))[-1] == "archived"
    await service.deliver(record(service, customer("c-1", identity=None)), word(service, "c-1", "g-1"))
    assert await persons(service, "g-1") == {"c-1": ("c-1", "g-1")}
    assert await service.rows("SELECT 1 FROM profiles WHERE archived_at IS NOT NULL AND customer_id = 'g-1'") != []


@pytest.mark.parametrize(("survivor", "merged"), [("c-1", "g-1"), ("g-1", "c-1")])
async def test_of_a_destroyed_file_nothing_is_built_whichever_side_it_is_named_on(
    service: Delivering, api: AsyncClient, issuer: TestIssuer, survivor: str, merged: str
) -> None:
    await left(service, "g-1", at=LONG_AGO)
    await end(service, api, issuer)
    assert (await steps(service, "g-1"))[-1] == "destroyed"
    await service.deliver(record(service, customer("c-1", identity=None)))
    before, skipped = await words_told(service), (await service.counts())["skipped"]
    late = timedelta(days=1) / timedelta(hours=1)
    await service.deliver(
        word(service, survivor, merged), word(service, survivor, merged, hours=late, status="separated")
    )
    assert await persons(service, "c-1") == {"c-1": ("c-1",)}
    for table in ("merge_acts", "merged_files"):
        assert await service.rows(f"SELECT 1 FROM {table}") == []
    assert await words_told(service) == before, "what was told is the end of the file, by tombstones"
    assert (await service.counts())["skipped"] == skipped + 2
    await service.deliver(record(service, customer("c-2", identity=None)), word(service, "c-1", "c-2", hours=2))
    assert await persons(service, "c-1") == {"c-1": ("c-1", "c-2")}
