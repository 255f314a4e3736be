"""The core's records of customers: the latest counts, identity is locked away, what others may know is told."""

from datetime import timedelta

import pytest

from customer_profile.customer import identity, store
from rapport.privacy.encryption import CannotDecrypt
from tests.customer_profile.facts import HOUR, MONDAY, ZHANG, customer, files, record, told
from tests.support.delivering import Delivering


async def test_a_recorded_customer_has_a_file_and_is_told_without_identity(service: Delivering) -> None:
    recorded = customer(relationship_manager="e-4471")
    await service.deliver(record(service, recorded))
    file = (await files(service))["c-1"]
    assert (file.type, file.customer_class, file.age_band, file.revision) == ("personal", "potential", "30-44", 1)
    (fact,) = await told(service)
    as_of = fact.pop("as_of")
    assert as_of.endswith("Z")
    assert fact == {
        "customer_id": "c-1",
        "type": "personal",
        "customer_class": "potential",
        "relationship_manager": "e-4471",
        "unit": "B0017",
        "region": "R02",
        "age_band": "30-44",
        "gender": "male",
        "status": "active",
        "refuses_automated_decisions": False,
        "relationship": "active",
        "revision": 1,
    }


async def test_identity_opens_only_with_the_customers_key_and_in_its_place(service: Delivering) -> None:
    await service.deliver(record(service, customer("c-1")), record(service, customer("c-2")))
    keyring = service.runtime.composition.state["locks"].keyring
    async with service.runtime.engine.connect() as connection:
        stored = await store.load(connection, ["c-1", "c-2"])
        keys = await keyring.find(connection, ["c-1", "c-2"])
    first, second = stored["c-1"].identity, stored["c-2"].identity
    assert identity.opened(first, keys["c-1"]) == ZHANG.model_dump() | {"phone": "+8613812341234"}
    for moved, key in ((first, keys["c-2"]), ({**first, "phone": first["email"]}, keys["c-1"])):
        with pytest.raises(CannotDecrypt):
            identity.opened(moved, key)
    assert identity.opened(second, None) is None


async def test_a_customer_without_identity_is_kept_and_needs_no_key(service: Delivering) -> None:
    await service.deliver(record(service, customer(identity=None, birth_year=None, gender="unknown", region=None)))
    file = (await files(service))["c-1"]
    assert [getattr(file, field) for field in ZHANG.model_dump()] == [None] * 6
    assert (file.age_band, file.due_at) == ("unknown", None)
    assert await service.rows("SELECT 1 FROM data_keys") == []


async def test_a_later_record_replaces_the_file_and_an_older_one_changes_nothing(service: Delivering) -> None:
    late, later = customer(unit="B0001"), customer(unit="B0002", recorded_at=MONDAY + HOUR)
    await service.deliver(record(service, later))
    before = await files(service)
    await service.deliver(record(service, late))
    assert await files(service) == before
    await service.deliver(record(service, customer(unit="B0003", recorded_at=MONDAY + 2 * HOUR)))
    assert (await files(service))["c-1"].unit == "B0003"
    assert [(fact["unit"], fact["revision"]) for fact in await told(service)] == [("B0002", 1), ("B0003", 2)]


async def test_of_two_records_of_one_moment_the_higher_event_id_counts_in_either_order(service: Delivering) -> None:
    for number, units in ((1, ("B1", "B2")), (2, ("B2", "B1"))):
        for unit in units:
            identifier = f"018f0000-0000-7000-8000-0000000000{number}{unit[-1]}"
            told_twice = customer(f"c-{number}", unit=unit)
            await service.deliver(record(service, told_twice, identifier=identifier, source="rapport/core"))
    assert {i: file.unit for i, file in (await files(service)).items()} == {"c-1": "B2", "c-2": "B2"}


async def test_a_change_of_identity_alone_is_kept_and_told_to_nobody(service: Delivering) -> None:
    moved = ZHANG.model_copy(update={"address": "北京市海淀区1号"})
    await service.deliver(record(service, customer()))
    await service.deliver(record(service, customer(identity=moved, recorded_at=MONDAY + HOUR)))
    assert (await files(service))["c-1"].revision == 2
    assert [fact["revision"] for fact in await told(service)] == [1]


async def test_a_duplicate_and_a_record_of_another_poll_of_the_same_event_change_nothing(service: Delivering) -> None:
    raw = record(service, customer(), identifier="once")
    again = record(service, customer(), identifier="once")
    await service.deliver(raw, again)
    await service.deliver(record(service, customer(), identifier="once"))
    assert (await service.counts())["duplicate"] == 2
    assert len(await told(service)) == 1
    assert (await files(service))["c-1"].revision == 1


async def test_every_state_can_be_told_again(service: Delivering) -> None:
    await service.deliver(*[record(service, customer(f"c-{n}")) for n in range(5)])
    states, *_ = service.runtime.composition.states
    async with service.runtime.engine.connect() as connection:
        first = await states.read(connection, "", 3)
        rest = await states.read(connection, first[-1][0].key, 3)
    assert [state.key for state, _ in [*first, *rest]] == [f"c-{n}" for n in range(5)]
    again = {state.key: state.model_dump(mode="json") for state, _ in [*first, *rest]}
    assert again == {fact["customer_id"]: fact for fact in await told(service)}


async def test_a_core_whose_clock_is_a_little_ahead_is_believed(service: Delivering) -> None:
    await service.deliver(record(service, customer(recorded_at=MONDAY + timedelta(hours=20)), time=MONDAY))
    assert (await files(service))["c-1"].recorded_at == MONDAY + timedelta(hours=20)
