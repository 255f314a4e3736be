"""The tests here are about churn-alert; see `tests/support/serving.py`. A customer who fell silent, and the alert."""

from collections.abc import Awaitable, Callable
from datetime import datetime

import httpx
import pytest

from tests.churn_alert.lives import DAY, START, heard, paid, salary, steady, when
from tests.support.delivering import Delivering
from tests.support.serving import SUBJECTS, Subject

Live = Callable[..., Awaitable[None]]
SILENT_FROM = START + 150 * DAY


@pytest.fixture(scope="session")
def subject() -> Subject:
    return SUBJECTS["churn_alert"]


@pytest.fixture
def live(service: Delivering) -> Live:
    """`await live("c-1", until=…)`: 150 steady days, then only the salary until then, all delivered in one poll."""

    async def live(customer_id: str, *, until: datetime, back_from: datetime | None = None) -> None:
        events = [event for event in steady(customer_id, 150) if when(event) <= until]
        payday = SILENT_FROM + 30 * DAY
        while payday <= until:
            events.append(salary(customer_id, payday))
            payday += 30 * DAY
        if back_from is not None:
            days = (until - back_from) // DAY
            events += [paid(customer_id, back_from + number * DAY / 2) for number in range(2 * days)]
        records = [service.feed.record(one.event, time=one.at) for one in heard(events)]
        last = service.feed.record(salary(customer_id, until), time=until)
        await service.deliver(*records, last)

    return live


@pytest.fixture
async def alert(live: Live, api: httpx.AsyncClient) -> str:
    """The path of the open alert of a silent customer, c-1."""
    await live("c-1", until=SILENT_FROM + 70 * DAY)
    (found,) = (await api.get("/alerts")).json()["items"]
    return f"/alerts/{found['alert_id']}"
