"""Who has several files is one customer to whoever reaches them: one no, one cap."""

from pathlib import Path

import pytest
from httpx import AsyncClient

from tests.customer_profile.contact.asking import CARE, WITHDRAWN, ask, care, hand_over, states, sunk, told
from tests.customer_profile.facts import ZHANG, customer, record
from tests.customer_profile.merge.merging import merge, unmerge
from tests.support.delivering import Delivering


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
