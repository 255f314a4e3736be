"""An open alert is shown to who looks after the customer, unless it is held out: then as if nobody had been warned."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from rapport.events.base import Event
from tests.customer_profile.facts import MONDAY, customer
from tests.customer_profile.portrait.others import DAY, alert, crossed
from tests.support.delivering import Delivering
from tests.support.sight import LEAD, MANAGER, STAFF, employee
from tests.support.tokens import TestIssuer

NOTHING = {"is_hidden": False, "as_of": None, "lag": 0, "value": None}
STAFF_ROLES = {"rm": MANAGER, "team_lead": LEAD}


@asynccontextmanager
async def asking(app: FastAPI, issuer: TestIssuer, role: str) -> AsyncIterator[AsyncClient]:
    headers = issuer.bearer(role, subject=STAFF_ROLES.get(role, f"e-{role}"))
    async with AsyncClient(transport=ASGITransport(app), base_url="http://t", headers=headers) as client:
        yield client


async def told(service: Delivering, *facts: Event) -> None:
    staff = [employee(*one) for one in STAFF]
    everything = [*staff, customer(relationship_manager=MANAGER), *facts]
    await service.deliver(*(service.feed.record(fact, time=MONDAY + DAY) for fact in everything))


async def parts(app: FastAPI, issuer: TestIssuer, role: str) -> tuple[Any, Any]:
    async with asking(app, issuer, role) as client:
        shown = await client.get("/customers/c-1/portrait")
    assert shown.status_code == 200, shown.text
    return shown.json()["open_alert"], shown.json()["churn_risk"]


@pytest.mark.parametrize("role", ["rm", "team_lead", "compliance", "service"])
async def test_an_open_alert_is_shown_with_whose_it_is(
    app: FastAPI, issuer: TestIssuer, service: Delivering, role: str
) -> None:
    await told(service, crossed(), alert(owner=MANAGER, severity="high", step="opened"))
    opened, risk = await parts(app, issuer, role)
    assert (opened["value"]["owner"], opened["value"]["severity"]) == (MANAGER, "high")
    assert risk["value"]["direction"] == "up"


@pytest.mark.parametrize("role", ["rm", "team_lead", "compliance"])
async def test_a_closed_alert_is_not_open(app: FastAPI, issuer: TestIssuer, service: Delivering, role: str) -> None:
    await told(service, crossed(), alert("closed", 5, outcome="lost", held_out=True), alert(held_out=True))
    opened, risk = await parts(app, issuer, role)
    assert opened == NOTHING
    assert (risk["value"] is not None) == (role == "compliance")


@pytest.mark.parametrize("role", STAFF_ROLES)
async def test_to_who_looks_after_customers_one_who_is_held_out_is_like_one_who_was_never_warned_of(
    app: FastAPI, issuer: TestIssuer, service: Delivering, role: str
) -> None:
    """The whole answer: of one who is held out, who was, whose alert is not told yet, and who never had any."""
    await told(service)
    shown = []
    async with asking(app, issuer, role) as client:
        for facts in ([], [crossed()], [alert(held_out=True)], [alert("closed", 5, outcome="lost", held_out=True)]):
            await service.deliver(*(service.feed.record(fact, time=MONDAY + DAY) for fact in facts))
            shown.append((await client.get("/customers/c-1/portrait")).json() | {"lag_known_at": None})
    assert shown[1:] == [shown[0]] * 3
    assert (shown[0]["marks"], shown[0]["churn_risk"], shown[0]["open_alert"]) == ([], NOTHING, NOTHING)


@pytest.mark.parametrize("role", STAFF_ROLES)
async def test_who_looks_after_a_held_out_customer_is_shown_nothing_that_would_have_them_act(
    app: FastAPI, issuer: TestIssuer, service: Delivering, role: str
) -> None:
    await told(service, crossed(), alert(held_out=True))
    assert await parts(app, issuer, role) == (NOTHING, NOTHING)


async def test_who_watches_over_it_sees_that_it_is_held_out(
    app: FastAPI, issuer: TestIssuer, service: Delivering
) -> None:
    await told(service, crossed(), alert(held_out=True))
    opened, risk = await parts(app, issuer, "compliance")
    assert opened["value"]["held_out"] is True
    assert risk["value"]["direction"] == "up"


async def test_who_serves_whoever_turns_up_sees_no_alert_at_all(
    app: FastAPI, issuer: TestIssuer, service: Delivering
) -> None:
    await told(service, crossed(), alert())
    opened, _ = await parts(app, issuer, "support")
    assert opened == {"is_hidden": True, "as_of": None, "lag": 0, "value": None}
