"""Two customers who fell silent, each in the charge of another manager, and an alert on each that is over."""

import pytest
from fastapi import FastAPI

from tests.churn_alert.conftest import SILENT_FROM, Live
from tests.churn_alert.lives import DAY
from tests.support.delivering import Delivering
from tests.support.sight import FOREIGN, MANAGER, OTHER_MANAGER, OWN, client_of, managed, tell_who_manages
from tests.support.tokens import TestIssuer

Alerts = dict[str, str]
"""By customer, its path."""


@pytest.fixture
async def alerts(service: Delivering, app: FastAPI, issuer: TestIssuer, live: Live) -> Alerts:
    await tell_who_manages(service)
    for customer_id in (OWN, FOREIGN):
        await live(customer_id, until=SILENT_FROM + 70 * DAY)
    # What a bad record is, of nobody here.
    await service.deliver(service.feed.record(managed("c-1", None), data={"revision": "none"}))
    found = {}
    for customer_id, manager in ((OWN, MANAGER), (FOREIGN, OTHER_MANAGER)):
        async with client_of(app, issuer, "rm", subject=manager) as client:
            (alert,) = (await client.get("/alerts")).json()["items"]
            assert alert["customer_id"] == customer_id
            found[customer_id] = f"/alerts/{alert['alert_id']}"
            closed = await client.post(f"{found[customer_id]}/closure", json={"outcome": "lost"})
            assert closed.status_code == 201
    return found
