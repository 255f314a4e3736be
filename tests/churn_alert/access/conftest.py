"""Two customers who fell silent, each in the charge of another manager, and an alert on each that is over."""

import pytest
from fastapi import FastAPI

from tests.churn_alert.conftest import SILENT_FROM, Live
from tests.churn_alert.lives import DAY, paid
from tests.support.delivering import Delivering
from tests.support.sight import FOREIGN, MANAGER, OTHER_MANAGER, OWN, client_of, managed, tell_who_manages
from tests.support.tokens import TestIssuer

Alerts = dict[str, str]
"""By customer, its path."""
Leads = dict[str, str]
"""By customer, its id."""
Entries = dict[str, str]
"""The same, of the risk register."""
Tasks = dict[str, dict[str, str]]
"""By customer, what names a task that is over, and its intervention."""


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


@pytest.fixture
async def leads(service: Delivering, app: FastAPI, issuer: TestIssuer, alerts: Alerts) -> Leads:
    """A large sum of each customer, referred."""
    at = SILENT_FROM + 70 * DAY
    cash = {"kind": "cash-deposit", "counterparty_class": "cash", "direction": "credit", "channel": "counter"}
    for customer_id in alerts:
        told = paid(customer_id, at, "60000.00", transaction_no=f"cash-{customer_id}", **cash)
        await service.deliver(service.feed.record(told, time=at))
    async with client_of(app, issuer, "compliance", subject="e-compliance") as client:
        found = {
            row["customer_id"]: row["lead_id"] for row in (await client.get("/abnormal-activities")).json()["items"]
        }
        for lead_id in found.values():
            assert (await client.post(f"/abnormal-activities/{lead_id}/referral")).status_code == 201
    assert found.keys() == alerts.keys()
    return found


@pytest.fixture
async def entries(app: FastAPI, issuer: TestIssuer, alerts: Alerts) -> Entries:
    """A risk of each customer, closed."""
    found = {}
    async with client_of(app, issuer, "risk_manager", subject="e-risk") as client:
        for customer_id in alerts:
            asked = {"cause": "collateral", "customer_id": customer_id, "severity": "low", "due_on": "2900-01-01"}
            opened = await client.post("/risk-register", json=asked)
            found[customer_id] = opened.json()["entry_id"]
            closed = await client.post(f"/risk-register/{found[customer_id]}/closure", json={"outcome": "accepted"})
            assert closed.status_code == 201
    return found


@pytest.fixture
async def tasks(app: FastAPI, issuer: TestIssuer, alerts: Alerts) -> Tasks:
    found = {}
    for customer_id, manager in ((OWN, MANAGER), (FOREIGN, OTHER_MANAGER)):
        async with client_of(app, issuer, "rm", subject=manager) as client:
            body = {"customer_id": customer_id, "product": "WM-30D"}
            assert (await client.post("/product-pitches", json=body)).status_code == 201
            (task,) = (await client.get("/tasks", params={"open": True})).json()["items"]
            found[customer_id] = {name: task[name] for name in ("task_id", "intervention_id")}
            ended = await client.post(f"/tasks/{task['task_id']}/outcome", json={"outcome": "content"})
            assert ended.status_code == 201
    return found
