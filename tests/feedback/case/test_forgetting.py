"""Of who is destroyed no case, no word and no key is left; who is archived is answered as before."""

from typing import Any

import httpx

from rapport.events.base import Event
from tests.feedback.said import DAY, MONDAY, record, submitted, tier_changed
from tests.support.consenting import consents
from tests.support.delivering import Delivering
from tests.support.erasing import MARK, erased, found_in
from tests.support.grouping import merge

BESIDE = frozenset({MARK, "outbox"})
"""What was told waits in the outbox, for no relay runs here."""
SAID: dict[str, Any] = {"channel": "web", "kind": "complaint", "text": "again", "customer_id": "c-1"}


async def tell(service: Delivering, *told: Event) -> None:
    await service.deliver(*[service.feed.record(one, time=MONDAY) for one in told])


async def full(service: Delivering, api: httpx.AsyncClient, customer_id: str) -> str:
    """Something in every table, words of staff too; the path of the case."""
    await service.deliver(record(service, tier_changed(customer_id)), record(service, submitted(customer_id)))
    await tell(service, consents(customer_id), merge(1, customer_id, f"{customer_id}0")[0])
    (found,) = (await api.get("/cases", params={"customer_id": customer_id})).json()["items"]
    path = f"/cases/{found['case_id']}"
    assert (await api.post(f"{path}/response", json={"text": "we are sorry"})).status_code == 201
    tables = await found_in(service.runtime.engine, customer_id, beside=BESIDE)
    assert set(tables) == {"case_clocks", "cases", "consents", "data_keys", "merged_files", "tiers"}
    return path


async def test_of_who_is_destroyed_only_the_mark_is_left_and_no_key_opens_a_copy_of_what_was_said(
    service: Delivering, api: httpx.AsyncClient
) -> None:
    for customer_id in ("c-1", "c-2"):
        await full(service, api, customer_id)
    other = await found_in(service.runtime.engine, "c-2", beside=BESIDE)
    lines = len(await service.rows("SELECT 1 FROM case_events"))
    await tell(service, erased("c-1"))
    assert await found_in(service.runtime.engine, "c-1", beside=BESIDE) == {}
    assert await found_in(service.runtime.engine, "c-2", beside=BESIDE) == other
    assert len(await service.rows("SELECT 1 FROM case_events")) == lines / 2
    keyring = service.runtime.composition.keyring
    assert keyring is not None
    async with service.runtime.engine.connect() as connection:
        assert (await keyring.find(connection, ["c-1", "c-2"])).keys() == {"c-2"}


async def test_what_is_said_late_by_who_is_destroyed_opens_nothing_by_topic_or_by_request(
    service: Delivering, api: httpx.AsyncClient
) -> None:
    path = await full(service, api, "c-1")
    await tell(service, erased("c-1"))
    await service.deliver(
        record(service, submitted(submitted_at=MONDAY + DAY)), record(service, tier_changed(revision=9))
    )
    await tell(service, consents(revision=9), *merge(9, "c-1", "c-8"))
    answer = await api.post("/feedback", json=SAID)
    assert (answer.status_code, answer.json()["title"]) == (410, "The customer is erased")
    assert await found_in(service.runtime.engine, "c-1", beside=BESIDE) == {}
    assert (await service.counts())["skipped"] == 4
    assert (await api.get(path)).status_code == 404


async def test_an_end_told_before_all_else_ends_in_the_same(service: Delivering) -> None:
    await tell(service, erased("c-1"))
    await service.deliver(record(service, submitted()), record(service, tier_changed()))
    assert await found_in(service.runtime.engine, "c-1", beside=BESIDE) == {}


async def test_a_complaint_of_who_is_archived_stays_and_a_new_one_is_owed_an_answer(
    service: Delivering, api: httpx.AsyncClient
) -> None:
    path = await full(service, api, "c-1")
    before = await found_in(service.runtime.engine, "c-1", beside=BESIDE)
    await tell(service, erased("c-1", "archived"))
    assert await found_in(service.runtime.engine, "c-1", beside=BESIDE) == before
    assert (await api.get(path)).status_code == 200
    assert (await api.post("/feedback", json=SAID)).status_code == 201
