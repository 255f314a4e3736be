"""A held-out alert is in no staff queue and found by nobody who looks after customers; who watches over it sees it."""

import json
from dataclasses import replace

import pytest
from fastapi import FastAPI

from churn_alert.alert.domain.lifecycle import Alert, Assigned
from churn_alert.lifecycle.alongside import Staging
from churn_alert.lifecycle.following import leave
from churn_alert.subscriptions import subscriptions
from rapport.messaging.inbox import Inbox
from rapport.messaging.poll import Poll
from tests.churn_alert.alert.test_people import NOW, go_on
from tests.churn_alert.conftest import Live
from tests.churn_alert.lives import DAY
from tests.support.delivering import Delivering
from tests.support.sight import LEAD, MANAGER, OWN, client_of, listed, tell_who_manages
from tests.support.tokens import TestIssuer

STAFF = {"rm": MANAGER, "team_lead": LEAD}
WATCHERS = ["compliance", "dpo", "auditor", "risk_manager", "service"]


def hold_out(_: Alert, __: frozenset[str]) -> Assigned:
    return Assigned("care-call", 1, "held-out")


@pytest.fixture
async def held_out(service: Delivering, live: Live) -> str:
    """The path of the alert of OWN, drawn into the group that is held out as it was opened."""
    state = service.runtime.composition.state
    alerting = replace(state["alerting"], assign=hold_out)
    heard = subscriptions(state["rules"], alerting, Staging(state["stages"], leave))
    service.poll = Poll(service.runtime.transactions, heard, observer=service.runtime.observer, inbox=Inbox())
    await tell_who_manages(service)
    await live(OWN, until=NOW)
    ((alert_id,),) = await service.rows("SELECT alert_id FROM alerts WHERE arm = 'held-out'")
    return f"/alerts/{alert_id}"


@pytest.mark.parametrize("role", STAFF)
async def test_who_looks_after_the_customer_finds_a_held_out_alert_nowhere(
    app: FastAPI, issuer: TestIssuer, held_out: str, role: str
) -> None:
    async with client_of(app, issuer, role, subject=STAFF[role]) as client:
        assert await listed(client, "/alerts") == []
        assert await listed(client, "/alerts", customer_id=OWN, mine="true") == []
        assert (await client.get("/alerts/counts")).json()["count"] == 0
        assert (await client.get(held_out)).status_code == 404
        for act, body in (("acknowledgement", None), ("closure", {"outcome": "lost"})):
            assert (await client.post(f"{held_out}/{act}", json=body)).status_code == 404
        assert await listed(client, "/risks", raised="true") == []
        assert await listed(client, "/risks", above="0.1") == []
        assert await listed(client, "/risks") == [OWN], "a gap in a list would name who is held out"


@pytest.mark.parametrize("role", WATCHERS)
async def test_who_watches_over_the_experiment_sees_it(
    app: FastAPI, issuer: TestIssuer, held_out: str, role: str
) -> None:
    async with client_of(app, issuer, role, subject="e-1") as client:
        assert await listed(client, "/alerts", held_out="true") == [OWN]
        shown = (await client.get(held_out)).json()
        assert (shown["held_out"], shown["owner"], shown["playbook"]) == (True, MANAGER, "care-call")
        assert await listed(client, "/risks", raised="true") == [OWN]


async def test_others_are_told_that_it_is_held_out(service: Delivering, held_out: str) -> None:
    (row,) = await service.rows("SELECT value FROM outbox WHERE topic = 'churn-alert-changed'")
    told = json.loads(row.value)
    assert (told["status"], told["step"], told["held_out"], told["owner"]) == ("opened", "opened", True, MANAGER)
    assert held_out.endswith(told["alert_id"])


async def test_a_held_out_alert_is_escalated_to_nobody_and_still_the_only_one(
    app: FastAPI, issuer: TestIssuer, service: Delivering, held_out: str
) -> None:
    await go_on(service, NOW + 200 * DAY)
    async with client_of(app, issuer, "auditor", subject="e-8") as auditor:
        assert [step["step"] for step in (await auditor.get(held_out)).json()["history"]] == ["opened"]
        assert await listed(auditor, "/alerts") == [OWN]


async def test_the_same_alert_that_is_treated_is_found_by_who_looks_after_the_customer(
    app: FastAPI, issuer: TestIssuer, service: Delivering, held_out: str
) -> None:
    """What hides it is the arm and nothing else."""
    await service.rows_written("UPDATE alerts SET arm = 'treated'")
    async with client_of(app, issuer, "rm", subject=MANAGER) as client:
        assert await listed(client, "/alerts") == await listed(client, "/risks", raised="true") == [OWN]
        assert (await client.get(held_out)).json()["held_out"] is False
