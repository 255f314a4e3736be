"""Files that were merged keep their cases and clocks; what is shown of a customer is shown of the person."""

from typing import Any

import httpx

from tests.feedback.said import DAY, MONDAY, record, submitted, tier_changed
from tests.support.delivering import Delivering
from tests.support.grouping import Grouped, merge, person, unmerge


async def act(service: Delivering, told: list[Grouped]) -> None:
    await service.deliver(*[service.feed.record(one) for one in told])


async def contents(service: Delivering) -> list[Any]:
    """Every case, every clock and every line of history."""
    tables = ("cases", "case_clocks", "case_events")
    return [await service.rows(f"SELECT * FROM {table} ORDER BY 1, 2, 3") for table in tables]


async def submit(service: Delivering, *customer_ids: str, **changes: Any) -> None:
    await service.deliver(*[record(service, submitted(one, **changes)) for one in customer_ids])


async def listed(api: httpx.AsyncClient, customer_id: str) -> list[str]:
    found = (await api.get("/cases", params={"customer_id": customer_id})).json()["items"]
    return [case["customer_id"] for case in found]


async def test_merging_and_separating_touch_no_case_and_no_clock(service: Delivering) -> None:
    await submit(service, "c-1", "c-2", "c-3")
    before = await contents(service)
    await act(service, merge(1, "c-1", "c-2"))
    await act(service, merge(2, "c-3", "c-1", "c-2"))
    assert await contents(service) == before
    await act(service, unmerge(3, person("c-1", "c-2"), person("c-3")))
    assert await contents(service) == before


async def test_a_customers_list_is_the_persons_until_the_files_are_separated(
    service: Delivering, api: httpx.AsyncClient
) -> None:
    await submit(service, "c-1", "c-2", "c-3")
    await submit(service, "c-2", submitted_at=MONDAY + DAY)
    await act(service, merge(1, "c-1", "c-2"))
    assert await listed(api, "c-1") == await listed(api, "c-2")
    assert sorted(await listed(api, "c-1")) == ["c-1", "c-2", "c-2"]
    (summary,) = (await api.get("/cases/summary")).json()
    assert (summary["cases"], summary["respond"]["runs"]) == (4, 4)
    await act(service, unmerge(2, person("c-1"), person("c-2")))
    assert (await listed(api, "c-1"), await listed(api, "c-2")) == (["c-1"], ["c-2", "c-2"])
    assert (await api.get("/cases/summary")).json() == [summary]


async def test_the_priority_follows_the_survivors_tier_though_the_file_had_another(service: Delivering) -> None:
    async def priority_of_another(customer_id: str) -> str:
        known = {row.case_id for row in await service.rows("SELECT case_id FROM cases")}
        await submit(service, customer_id, kind="enquiry", text="when is it open?")
        (new,) = [row for row in await service.rows("SELECT * FROM cases") if row.case_id not in known]
        assert new.customer_id == customer_id
        return str(new.priority)

    await service.deliver(record(service, tier_changed("c-1", "high")), record(service, tier_changed("c-2", "low")))
    assert await priority_of_another("c-2") == "normal"
    await act(service, merge(1, "c-1", "c-2"))
    assert await priority_of_another("c-2") == "high"
    await act(service, unmerge(2, person("c-1"), person("c-2")))
    assert await priority_of_another("c-2") == "normal"
