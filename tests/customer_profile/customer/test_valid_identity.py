"""What is wrong in an identity is refused over REST, naming the field; of the core it is kept and noted."""

from typing import Any

from httpx import AsyncClient

from customer_profile.customer import identity, store
from tests.customer_profile.customer.test_recording import NEW
from tests.customer_profile.facts import HOUR, MONDAY, ZHANG, customer, files, record, resident_id
from tests.support.delivering import Delivering

WRONG = "110109199003071235"


def new(**fields: Any) -> dict[str, Any]:
    return NEW | {"customer_id": "c-1", "identity": ZHANG.model_dump() | fields}


async def kept(service: Delivering) -> dict[str, str | None] | None:
    keyring = service.runtime.composition.state["locks"].keyring
    async with service.runtime.engine.connect() as connection:
        file = (await store.load(connection, ["c-1"]))["c-1"]
        return identity.opened(file.identity, (await keyring.find(connection, ["c-1"]))["c-1"])


async def test_an_invalid_identity_is_422_names_every_field_and_repeats_no_value(
    api: AsyncClient, service: Delivering
) -> None:
    answer = await api.post("/customers", json=new(id_number=WRONG, phone="12345678901", email="a..b@example.com"))
    assert (answer.status_code, answer.json()["title"]) == (422, "The identity is not valid")
    assert [error["field"] for error in answer.json()["errors"]] == [
        "identity.id_number",
        "identity.phone",
        "identity.email",
    ]
    assert "check digit" in answer.json()["errors"][0]["reason"]
    assert not any(value in answer.text for value in (WRONG, "12345678901", "a..b"))
    assert await files(service) == {}
    assert await service.rows("SELECT 1 FROM data_keys") == []


async def test_numbers_are_kept_in_one_form_however_they_are_written(
    api: AsyncClient, system: AsyncClient, service: Delivering
) -> None:
    as_written = new(id_number=" １１０１０９-19900307-1234 ", phone="（０１０）6552—9988", email="Zhang@EXAMPLE.com")
    assert (await api.post("/customers", json=as_written)).status_code == 201
    found = await kept(service)
    assert found is not None
    assert (found["id_number"], found["phone"], found["email"]) == (
        "110109199003071234",
        "+861065529988",
        "Zhang@example.com",
    )
    again = await system.patch("/customers/c-1", json={"identity": {"phone": "+86 10 6552 9988"}})
    assert again.json()["revision"] == 1


async def test_a_correction_is_judged_by_the_identity_as_it_would_be_then(
    api: AsyncClient, system: AsyncClient, service: Delivering
) -> None:
    await api.post("/customers", json=new())
    for wrong, field in (
        ({"id_number": "E12345678"}, "identity.id_number"),
        ({"id_type": "hk-macau-permit"}, "identity.id_number"),
        ({"phone": "+999123456789"}, "identity.phone"),
    ):
        answer = await system.patch("/customers/c-1", json={"identity": wrong})
        assert answer.status_code == 422
        assert [error["field"] for error in answer.json()["errors"]] == [field]
    both = {"id_type": "hk-macau-permit", "id_number": "h1234 5678"}
    assert (await system.patch("/customers/c-1", json={"identity": both})).json()["identity"]["id_number"] == "****78"
    assert (await files(service))["c-1"].revision == 2


async def test_a_number_without_any_identity_is_incomplete_and_no_fault_of_ours(
    api: AsyncClient, system: AsyncClient, service: Delivering
) -> None:
    await service.deliver(record(service, customer(identity=None)))
    answer = await system.patch("/customers/c-1", json={"identity": {"id_number": "110109199003071234"}})
    assert (answer.status_code, answer.json()["title"]) == (409, "The identity would be incomplete")


async def test_a_dirty_record_of_the_core_is_kept_as_it_came_and_its_faults_are_noted_by_field(
    api: AsyncClient, service: Delivering
) -> None:
    dirty = ZHANG.model_copy(update={"id_number": WRONG, "phone": "65529988"})
    await service.deliver(record(service, customer(identity=dirty)))
    assert (await files(service))["c-1"].identity_faults == {"id_number": "check-digit", "phone": "phone"}
    assert await kept(service) == dirty.model_dump()
    assert (await service.counts())["dead_lettered"] == 0
    shown = (await api.get("/customers/c-1")).json()
    assert shown["identity_faults"] == {"id_number": "check-digit", "phone": "phone"}


async def test_a_fault_is_gone_when_staff_or_a_later_record_sets_it_right(
    api: AsyncClient, system: AsyncClient, service: Delivering
) -> None:
    dirty = ZHANG.model_copy(update={"id_number": WRONG, "phone": "65529988"})
    await service.deliver(record(service, customer(identity=dirty)))
    other = await system.patch("/customers/c-1", json={"identity": {"email": None}})
    assert other.json()["identity_faults"] == {"id_number": "check-digit", "phone": "phone"}
    number = resident_id("11010919900307123")
    mended = await system.patch("/customers/c-1", json={"identity": {"id_number": number}})
    assert mended.json()["identity_faults"] == {"phone": "phone"}
    await service.deliver(record(service, customer(identity=dirty, recorded_at=MONDAY + HOUR)))
    assert (await files(service))["c-1"].identity_faults == {"phone": "phone"}
    await system.patch("/customers/c-1", json={"identity": {"phone": None}})
    assert (await files(service))["c-1"].identity_faults == {}


async def test_what_has_not_even_the_form_of_its_contract_is_a_dead_letter(service: Delivering) -> None:
    identity_told = ZHANG.model_dump() | {"id_number": "无"}
    await service.deliver(record(service, customer(), data={"identity": identity_told}))
    assert (await service.counts())["dead_lettered"] == 1
