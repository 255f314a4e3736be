"""Who has several files is one customer to whoever reaches them: one no, one cap."""

from pathlib import Path

import pytest
from httpx import AsyncClient

from tests.customer_profile.contact.asking import CARE, WITHDRAWN, answer, ask, care, hand_over, states, sunk, told
from tests.customer_profile.facts import HOUR, MONDAY, ZHANG, customer, record
from tests.customer_profile.merge.merging import merge, unmerge
from tests.support.delivering import Delivering
from tests.support.tokens import TestIssuer


@pytest.fixture(autouse=True)
async def recorded(service: Delivering, api: AsyncClient) -> None:
    other = ZHANG.model_copy(update={"id_type": "passport", "id_number": "E12345678"})
    await service.deliver(record(service, customer()), record(service, customer("c-2", identity=other)))
    for customer_id in ("c-1", "c-2"):
        assert (await api.post(f"/customers/{customer_id}/consents", json=CARE)).status_code == 201


async def test_a_no_on_any_file_is_a_no_on_all_until_they_are_separated(
    service: Delivering, api: AsyncClient, tmp_path: Path
) -> None:
    assert (await api.post("/customers/c-2/consents", json=WITHDRAWN)).status_code == 201
    merged = await merge(service, "c-1", "c-2")
    await ask(service, care("merged"))
    assert await told(service) == {"merged": "refused"}
    await unmerge(service, merged)
    await ask(service, care("apart"))
    await hand_over(service)
    assert (await told(service))["apart"] == "contact-delivered"
    assert len(sunk(tmp_path)) == 1


async def test_what_was_sent_on_another_file_counts_into_the_cap(service: Delivering, tmp_path: Path) -> None:
    await ask(service, *[care(f"first-{number}", customer_id="c-2") for number in range(2)])
    await hand_over(service)
    await merge(service, "c-1", "c-2")
    await ask(service, care("more"))
    await hand_over(service)
    assert (await states(service))["more"] == "waiting"
    assert len(sunk(tmp_path)) == 2


@pytest.mark.parametrize("file", ["c-1", "c-2"])
async def test_the_dead_are_not_reached_by_any_of_their_files(service: Delivering, tmp_path: Path, file: str) -> None:
    await merge(service, "c-1", "c-2")
    dead = ZHANG if file == "c-1" else ZHANG.model_copy(update={"id_type": "passport", "id_number": "E12345678"})
    later = MONDAY + 2 * HOUR
    await service.deliver(record(service, customer(file, identity=dead, status="deceased", recorded_at=later)))
    await ask(service, answer("one", "c-1"), answer("other", "c-2"))
    await hand_over(service)
    assert await told(service) == {"one": "status", "other": "status"}


async def test_who_is_restricted_on_one_file_is_offered_nothing_on_another(
    service: Delivering, api: AsyncClient, issuer: TestIssuer, tmp_path: Path
) -> None:
    await merge(service, "c-1", "c-2")
    step = {"to": "restricted", "reason": "legal-order"}
    compliance = issuer.bearer("compliance", subject="e-compliance")
    assert (await api.post("/customers/c-2/status", json=step, headers=compliance)).status_code == 201
    await ask(service, care("offer"), answer("owed"))
    await hand_over(service)
    assert await told(service) == {"offer": "status", "owed": "contact-delivered"}


async def test_who_left_one_file_and_is_served_on_another_is_reached_there(service: Delivering) -> None:
    await merge(service, "c-1", "c-2")
    other = ZHANG.model_copy(update={"id_type": "passport", "id_number": "E12345678"})
    closed = customer("c-2", identity=other, status="closed", recorded_at=MONDAY + 2 * HOUR)
    await service.deliver(record(service, closed))
    await ask(service, care("here"), care("there", "c-2"))
    await hand_over(service)
    assert await told(service) == {"here": "contact-delivered", "there": "status"}


async def test_while_another_file_of_the_person_is_decided_on_none_is_handed_over(service: Delivering) -> None:
    """Else two workers, each with a file of its own, would both be the last one under the cap."""
    await merge(service, "c-1", "c-2")
    await ask(service, care("offer"))
    async with service.runtime.transactions.begin(customers=["c-2"]):
        await hand_over(service)
        assert await states(service) == {"offer": "decided"}
    await hand_over(service)
    assert await states(service) == {"offer": "delivered"}
