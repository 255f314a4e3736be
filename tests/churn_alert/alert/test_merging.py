"""Files that were merged are watched as one customer, on the sum: one alert at most, and none is erased."""

import json
from typing import Any

import httpx
import pytest

from churn_alert.risk.domain.crossing import anchor_of
from churn_alert.risk.domain.persons import DECIDED, added
from churn_alert.risk.store.risks import load
from churn_alert.risk.views import RiskView
from rapport.events.base import Event
from rapport.messaging.observer import Observer
from rapport.messaging.sweeper import Sweeper
from tests.churn_alert.conftest import SILENT_FROM, Live
from tests.churn_alert.lives import DAY, RULES, heard, paid, steady
from tests.support.delivering import Delivering
from tests.support.grouping import Grouped, merge, person, unmerge

NOW = SILENT_FROM + 70 * DAY


async def act(service: Delivering, told: list[Grouped]) -> None:
    """All records of an act, in one poll."""
    await service.deliver(*[service.feed.record(one) for one in told])


async def deliver(service: Delivering, events: list[Event]) -> None:
    await service.deliver(*[service.feed.record(one.event, time=one.at) for one in heard(events)])


async def sweep(service: Delivering) -> int:
    runtime = service.runtime
    sweeper = Sweeper(runtime.transactions, runtime.composition.sweeps, Observer())
    return await sweeper.sweep(range(service.service.partitions))


async def states(service: Delivering) -> dict[str, dict[str, Any]]:
    """What is known of each file, without what was decided, since when it is out of its range among that."""
    rows = await service.rows("SELECT * FROM risks ORDER BY customer_id")
    return {
        row.customer_id: {
            name: cell for name, cell in row._mapping.items() if name not in DECIDED and not name.endswith("_out_at")
        }
        for row in rows
    }


async def alerts(service: Delivering) -> list[tuple[str, str, str | None]]:
    rows = await service.rows("SELECT customer_id, status, outcome FROM alerts ORDER BY opened_at, status")
    return [tuple(row) for row in rows]


async def probability_of(service: Delivering, survivor: str, *others: str) -> float:
    """Reckoned anew over the rows as they are, at the moment of the last decision."""
    async with service.runtime.engine.connect() as connection:
        found = await load(connection, [survivor, *others])
    whole = added(found[survivor], [found[other] for other in others])
    anchor, at = anchor_of(whole, RULES), found[survivor].decided_at
    assert anchor is not None and at is not None
    return RULES.model.probability(anchor, anchor.silence(at))


@pytest.fixture
async def two_files(service: Delivering, live: Live) -> None:
    """c-1 fell silent, and there is an alert; c-2 is as busy as ever."""
    await live("c-1", until=NOW)
    await deliver(service, steady("c-2", 220))
    assert await alerts(service) == [("c-1", "opened", None)]


@pytest.mark.usefixtures("two_files")
async def test_a_merge_closes_the_other_files_alert_and_decides_the_person_on_the_sum(
    service: Delivering, api: httpx.AsyncClient
) -> None:
    before = await states(service)
    await act(service, merge(1, "c-2", "c-1"))
    assert await states(service) == before
    assert await alerts(service) == [("c-1", "closed", "merged")]
    (row,) = await service.rows("SELECT * FROM risks WHERE customer_id = 'c-2'")
    assert row.probability == await probability_of(service, "c-2", "c-1")
    (merged,) = await service.rows("SELECT * FROM risks WHERE customer_id = 'c-1'")
    assert merged.due_at is None
    rows = await service.rows("SELECT value FROM outbox WHERE topic = 'churn-alert-changed' ORDER BY outbox_id")
    told = json.loads(rows[-1].value)
    assert (told["customer_id"], told["status"], told["outcome"], told["merged_into"]) == ("c-1", "closed", None, "c-2")
    (listed,) = (await api.get("/alerts", params={"customer_id": "c-2"})).json()["items"]
    assert (listed["customer_id"], listed["outcome"]) == ("c-1", "merged")
    shown = [(await api.get(f"/risks/{one}")).json() for one in ("c-1", "c-2")]
    RiskView.model_validate(shown[0])
    assert [one["merged_into"] for one in shown] == ["c-2", None]
    assert shown[0]["files"] == shown[1]["files"] == ["c-1", "c-2"]
    assert shown[0]["own_transactions"] == before["c-1"]["own_transactions"] + before["c-2"]["own_transactions"]
    assert [one["customer_id"] for one in (await api.get("/risks")).json()["items"]] == ["c-2"]


@pytest.mark.usefixtures("two_files")
async def test_once_separated_who_is_still_silent_is_warned_of_anew(service: Delivering) -> None:
    before = await states(service)
    await act(service, merge(1, "c-2", "c-1"))
    await act(service, unmerge(2, person("c-1"), person("c-2")))
    assert await states(service) == before
    assert await alerts(service) == [("c-1", "closed", "merged"), ("c-1", "opened", None)]
    for customer_id in ("c-1", "c-2"):
        (row,) = await service.rows("SELECT * FROM risks WHERE customer_id = :id", id=customer_id)
        assert row.probability == await probability_of(service, customer_id)


@pytest.mark.usefixtures("two_files")
async def test_an_event_on_a_merged_file_fills_that_file_and_has_its_person_decided(service: Delivering) -> None:
    await act(service, merge(1, "c-2", "c-1"))
    before = await states(service)
    await deliver(service, [paid("c-1", NOW + DAY, transaction_no="back")])
    await deliver(service, [paid("c-2", NOW + 2 * DAY, transaction_no="on")])
    after = await states(service)
    assert after["c-1"]["own_transactions"] == before["c-1"]["own_transactions"] + 1
    await deliver(service, [paid("c-1", NOW + 2 * DAY, transaction_no="again")])
    while await sweep(service):
        pass
    assert not await service.rows("SELECT 1 FROM person_due_times")
    (row,) = await service.rows("SELECT * FROM risks WHERE customer_id = 'c-2'")
    assert row.probability == await probability_of(service, "c-2", "c-1")


@pytest.mark.usefixtures("two_files")
async def test_silence_of_a_person_counts_from_the_last_activity_on_any_file(service: Delivering) -> None:
    """c-1 survives, raised; the busy file's events bring the person down, and its alert closes by itself."""
    await act(service, merge(1, "c-1", "c-2"))
    for number in range(1, 41):
        at = NOW + number * DAY
        await deliver(service, [paid("c-2", at, transaction_no=f"n-{number}")])
    await deliver(service, [paid("c-1", NOW + 41 * DAY, transaction_no="back")])
    while await sweep(service):
        pass
    assert await alerts(service) == [("c-1", "closed", "recovered")]
