"""What becomes of a person of several files of whom one is destroyed before the others."""

from httpx import AsyncClient

from customer_profile.merge.handlers import present_persons
from tests.customer_profile.merge.test_ecif import word
from tests.customer_profile.retention.leaving import approve, carry_out, left, propose
from tests.support.delivering import Delivering
from tests.support.grouping import person
from tests.support.tokens import TestIssuer


async def test_who_was_known_by_a_destroyed_file_is_told_again_as_a_person_alone(
    service: Delivering, api: AsyncClient, issuer: TestIssuer
) -> None:
    await left(service, "c-1", "c-2")
    await service.deliver(word(service, "c-1", "c-2"))
    batch = await propose(service, limit=1)
    assert batch is not None
    await approve(api, issuer, batch)
    assert await carry_out(service, batch) == {"destroyed": 1}
    async with service.runtime.engine.connect() as connection:
        told = await present_persons(connection, "", 10)
    assert [(fact.key, fact.model_dump()["persons"]) for fact, _ in told] == [("c-2", (person("c-2").model_dump(),))]
