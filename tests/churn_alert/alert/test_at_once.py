"""Two workers and staff at once: at most one alert of a customer is open, and no step of any is lost."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from random import Random
from typing import Any
from uuid import uuid4

import httpx
import pytest
from asyncpg import UniqueViolationError

from churn_alert.alert.handlers import follow_crossings
from rapport.messaging.transaction import Transactions
from tests.churn_alert.alert.raising import four, told
from tests.churn_alert.alert.test_merging import sweep
from tests.churn_alert.conftest import SILENT_FROM
from tests.churn_alert.lives import DAY, START, heard, paid, steady
from tests.support.delivering import Delivering
from tests.support.serving import Subject

CUSTOMERS = [f"c-{number}" for number in range(6)]


@pytest.fixture
async def other(service: Delivering, subject: Subject) -> AsyncIterator[Delivering]:
    """A second worker on the same database."""
    second = Delivering(subject.runtime(service.runtime.settings))
    second.feed = service.feed
    yield second
    await second.runtime.close()


async def test_two_workers_and_staff_at_once_leave_one_open_alert_and_lose_no_step(
    service: Delivering, other: Delivering, api: httpx.AsyncClient
) -> None:
    lives = [event for one in CUSTOMERS for event in steady(one, 150)]
    await service.deliver(*[service.feed.record(one.event, time=one.at) for one in heard(lives)])
    statuses: Counter[int] = Counter()
    log = asyncio.Lock()
    """A log is read by one worker at a time; looking for what is due is done by both."""

    async def work(worker: Delivering, hour: int) -> None:
        """Time goes on, somebody sweeps, and some customers come back, or go again."""
        random = Random(hour)
        for day in range(20, 200, 20):
            at = SILENT_FROM + day * DAY + timedelta(hours=hour)
            back = [
                paid(one, at + timedelta(minutes=n)) for one in CUSTOMERS if random.random() < 0.3 for n in range(9)
            ]
            async with log:
                await worker.deliver(*[worker.feed.record(one.event, time=one.at) for one in heard(back)])
            await worker.rows_written(f"UPDATE stream_clocks SET position = greatest(position, '{at.isoformat()}')")
            await sweep(worker)

    async def serve(seed: int) -> None:
        """Whatever is open has something done about it, as long as time goes on."""
        random = Random(seed)
        while not working.done():
            for alert in (await api.get("/alerts", params={"open": "true"})).json()["items"]:
                act, body = random.choice(
                    [
                        ("acknowledgement", None),
                        ("snooze", {"until": (SILENT_FROM + random.randint(0, 220) * DAY).isoformat()}),
                        ("closure", {"outcome": random.choice(["retained", "lost"])}),
                    ]
                )
                answer = await api.post(f"/alerts/{alert['alert_id']}/{act}", json=body)
                statuses[answer.status_code] += 1
            await asyncio.sleep(0)

    working = asyncio.gather(work(service, 0), work(other, 1))
    await asyncio.gather(working, serve(1), serve(2))
    assert set(statuses) <= {201, 409, 422}
    assert statuses[201]
    twice = "SELECT customer_id FROM alerts WHERE status <> 'closed' GROUP BY 1 HAVING count(*) > 1"
    assert await service.rows(twice) == []
    await _all_steps_are_there(service)


async def _all_steps_are_there(service: Delivering) -> None:
    """Numbered without a gap up to the alert's revision, each one told, and none of a person dated before another."""
    rows = await service.rows(
        "SELECT a.alert_id, a.revision, array_agg(e.number ORDER BY e.number) AS numbers,"
        " array_agg(e.step ORDER BY e.number) AS steps, array_agg(e.happened_at ORDER BY e.number) AS moments,"
        " array_agg(e.done_by ORDER BY e.number) AS people"
        " FROM alerts a JOIN alert_events e USING (alert_id) GROUP BY 1, 2"
    )
    assert len(rows) >= len(CUSTOMERS)
    for row in rows:
        assert row.numbers == list(range(1, row.revision + 1)), row
        for number, by in enumerate(row.people):
            assert by is None or row.moments[number] == max(row.moments[: number + 1]), row
        assert row.steps.count("opened") == 1
        assert row.steps.count("closed") <= 1
    values = await service.rows("SELECT value FROM outbox WHERE topic = 'churn-alert-changed'")
    told_of = Counter(json.loads(value)["alert_id"] for (value,) in values)
    untold = {"risk-fell", "risk-rose"}
    assert told_of == {str(row.alert_id): sum(step not in untold for step in row.steps) for row in rows}


@pytest.mark.parametrize("is_held", [True, False])
async def test_without_the_customers_lock_two_alerts_would_be_opened_and_the_table_refuses_the_second(
    service: Delivering, *, is_held: bool
) -> None:
    """The same two crossings in two transactions; the broken variant does not hold the customer."""
    alerting = service.runtime.composition.state["alerting"]
    customers = ["c-1"] if is_held else []
    second: list[Any] = []

    async def cross(transactions: Transactions, hours: int) -> None:
        async with transactions.begin(customers=customers) as tx:
            crossing = told(*four(transactions=4.0), at=START + timedelta(hours=hours))
            await follow_crossings(tx, [replace_id(crossing)], alerting=alerting)
            if not second:
                second.append(asyncio.create_task(cross(transactions, hours + 1)))
                await asyncio.sleep(0.2)

    await cross(service.runtime.transactions, 0)
    if is_held:
        await second[0]
    else:
        with pytest.raises(UniqueViolationError, match="alerts_one_open"):
            await second[0]
    rows = await service.rows("SELECT step FROM alert_events ORDER BY number")
    assert [step for (step,) in rows if step != "escalated"] == ["opened", *(["risk-rose"] if is_held else [])]


def replace_id(crossing: Any) -> Any:
    """Another crossing, not the same one told again."""
    return crossing._replace(crossing_id=uuid4())
