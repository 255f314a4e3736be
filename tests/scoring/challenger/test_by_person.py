"""Both courses are counted by person: a file that was merged is no customer, and what was asked of it is not lost."""

from pathlib import Path
from typing import Any

from scoring.challenger.store import shadows as store
from tests.scoring.challenger.ring import bring, count, enter
from tests.scoring.facts import DAY, MONDAY, deliver, holdings
from tests.scoring.release.people import People
from tests.support.grouping import Grouped, merge, person, unmerge
from tests.support.serving import Start


async def test_a_person_is_compared_once_with_the_events_of_all_files_and_each_file_again_once_separated(
    running: Start, cards: Path, people: Any
) -> None:
    service = await running("wall", scorecards=cards)
    await deliver(service, *[holdings(1, "5.00", customer_id=f"c-{n}") for n in (1, 2, 3)])
    office: People = await people(service)
    version = await enter(office)
    await bring(service)
    for revision, file in ((2, "c-1"), (2, "c-2"), (3, "c-2"), (2, "c-3")):
        await deliver(service, holdings(revision, "7000.00", customer_id=file, at=MONDAY + revision * DAY))

    async def counted(told: list[Grouped]) -> tuple[int, int, float]:
        """Customers, events, and the sum of each customer's events squared."""
        if told:
            await service.deliver(*[service.feed.record(one) for one in told])
        await count(service)
        async with service.runtime.engine.connect() as connection:
            cells = await store.count(connection, version)
        shown = (await office.analyst.get(f"/scorecards/{version}/shadow")).json()["comparison"]
        customers, events = sum(one.customers for one in cells), sum(one.events for one in cells)
        assert (shown["customers"], shown["events"]) == (customers, events)
        return customers, events, sum(one.events_squared for one in cells)

    assert await counted([]) == (3, 4, 1 + 4 + 1)
    assert await counted(merge(1, "c-1", "c-2")) == (2, 4, 9 + 1)
    assert await counted(unmerge(2, person("c-1"), person("c-2"))) == (3, 4, 1 + 4 + 1)
