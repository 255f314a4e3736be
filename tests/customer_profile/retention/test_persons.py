"""What becomes of a person of several files of whom one is destroyed before the others."""

from datetime import timedelta
from uuid import UUID

from httpx import AsyncClient

from customer_profile.merge.domain.acts import Act, persons_by
from customer_profile.merge.handlers import present_persons
from tests.customer_profile.facts import MONDAY
from tests.customer_profile.merge.merging import persons
from tests.customer_profile.merge.test_ecif import word
from tests.customer_profile.retention.leaving import approve, carry_out, left, propose
from tests.support.delivering import Delivering
from tests.support.grouping import person
from tests.support.tokens import TestIssuer


async def destroy_the_survivor(service: Delivering, api: AsyncClient, issuer: TestIssuer) -> None:
    """Of one person of two files, `c-1` and `c-2`, the file by which the person was known."""
    await left(service, "c-1", "c-2")
    await service.deliver(word(service, "c-1", "c-2"))
    batch = await propose(service, limit=1)
    assert batch is not None
    await approve(api, issuer, batch)
    assert await carry_out(service, batch) == {"destroyed": 1}


async def test_who_was_known_by_a_destroyed_file_is_told_again_as_a_person_alone(
    service: Delivering, api: AsyncClient, issuer: TestIssuer
) -> None:
    await destroy_the_survivor(service, api, issuer)
    async with service.runtime.engine.connect() as connection:
        told = await present_persons(connection, "", 10)
    assert [(fact.key, fact.model_dump()["persons"]) for fact, _ in told] == [("c-2", (person("c-2").model_dump(),))]


async def test_who_was_one_with_a_destroyed_file_is_merged_with_another_as_the_ecif_says(
    service: Delivering, api: AsyncClient, issuer: TestIssuer
) -> None:
    await destroy_the_survivor(service, api, issuer)
    await service.deliver(word(service, "c-2", "c-3", hours=1))
    assert (await service.counts())["dead_lettered"] == 0
    assert await persons(service, "c-2", "c-3") == {"c-2": ("c-2", "c-3")}


def test_a_file_that_is_gone_still_joins_those_whom_it_joined_while_the_one_that_they_are_known_by_is_there() -> None:
    pairs = [("b", "c"), ("a", "b")]
    acts = [Act(UUID(int=n), "merge", *pair, MONDAY + timedelta(days=n)) for n, pair in enumerate(pairs)]
    assert persons_by(acts, ["a", "b", "c"]) == {"a": ("a", "b", "c")}
    assert persons_by(acts, ["a", "c"]) == {"a": ("a", "c")}
    assert persons_by(acts, ["b", "c"]) == {"b": ("b", "c")}
    assert persons_by(acts, ["c"]) == {"c": ("c",)}
