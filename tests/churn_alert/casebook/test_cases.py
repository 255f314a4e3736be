"""Closed alerts are found by what they were opened on and what came of them, and tell the whole to who may see."""

import json

import httpx
import pytest
from fastapi import FastAPI

from tests.churn_alert.casebook.conftest import DAY, HOUR, OPENED, Write, case, contact, task
from tests.churn_alert.conftest import SILENT_FROM, Live
from tests.churn_alert.lives import DAY as A_DAY
from tests.support.delivering import Delivering
from tests.support.erasing import erased
from tests.support.sight import FOREIGN, LEAD, MANAGER, OWN, client_of, listed, tell_who_manages
from tests.support.tokens import TestIssuer

STEPS = (
    contact("care-message", "refused", OPENED + HOUR, "capped"),
    contact("care-letter", "delivered", OPENED + 6 * HOUR, "email"),
    task("care-call", OPENED + 30 * HOUR, "content"),
)


async def test_a_case_tells_what_was_done_by_whom_and_what_came_of_it(
    service: Delivering, write: Write, watcher: httpx.AsyncClient
) -> None:
    await tell_who_manages(service)
    acknowledged = {"acknowledged_at": OPENED + 2 * HOUR, "acknowledged_by": MANAGER}
    (alert_id,) = await write(case("c-1", gone=False, steps=STEPS, **acknowledged))
    story = (await watcher.get(f"/cases/{alert_id}")).json()
    assert (story["outcome"], story["observed"], story["gone_on"]) == ("retained", "stayed", None)
    assert (story["tasks_done"], story["contacts_delivered"], story["contacts_refused"]) == (1, 1, 1)
    assert (story["hours_to_acknowledge"], story["hours_to_act"]) == (2.0, 6.0), "a refused message is no act"
    assert story["out_of_range"] == ["transactions"]
    assert [(one["action"], one["role"], one["by_role"], one["outcome"]) for one in story["steps"]] == [
        ("care-message", None, None, "capped"),
        ("care-letter", None, None, "email"),
        ("care-call", "rm", "rm", "content"),
    ]
    assert MANAGER not in json.dumps(story), "people are named by their role alone"


async def test_nobody_having_done_anything_there_is_no_time_to_act(write: Write, watcher: httpx.AsyncClient) -> None:
    await write(case("c-1", steps=[task("care-call", None)]))
    (found,) = (await watcher.get("/cases")).json()["items"]
    assert (found["hours_to_act"], found["tasks_done"], found["observed"]) == (None, 0, "not-yet")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, {"c-1", "c-2", "c-3"}),
        ({"outcome": "lost"}, {"c-2"}),
        ({"observed": "gone"}, {"c-2"}),
        ({"observed": "stayed"}, {"c-1"}),
        ({"observed": "not-yet"}, {"c-3"}),
        ({"playbook": "repair-service"}, {"c-3"}),
        ({"tier": "high"}, {"c-2"}),
        ({"stage": "new"}, {"c-3"}),
        ({"segment": "savers"}, {"c-1", "c-2"}),
        ({"severity": "high"}, {"c-1"}),
        ({"indicator": "service-feedback"}, {"c-3"}),
        ({"indicator": "transactions"}, {"c-1", "c-2"}),
        ({"closed_from": (OPENED + 6 * DAY).isoformat()}, {"c-2", "c-3"}),
        ({"closed_to": (OPENED + 6 * DAY).isoformat()}, {"c-1"}),
        ({"outcome": "lost", "tier": "middle"}, set()),
    ],
)
async def test_every_filter_narrows(
    write: Write, watcher: httpx.AsyncClient, asked: dict[str, str], found: set[str]
) -> None:
    feedback = {"service_feedback": -3.0, "transactions": 0.0}
    await write(
        case("c-1", gone=False, severity="high"),
        case("c-2", gone=True, outcome="lost", tier="high", at=OPENED + 2 * DAY),
        case("c-3", out=feedback, playbook="repair-service", arm=None, stage="new", segment=None, at=OPENED + 3 * DAY),
        case("c-4", open_for=None),
    )
    assert set(await listed(watcher, "/cases", **asked)) == found


async def test_the_latest_closed_come_first_a_page_at_a_time(write: Write, watcher: httpx.AsyncClient) -> None:
    await write(*(case(f"c-{day}", at=OPENED + day * DAY) for day in (2, 0, 1)))
    assert await listed(watcher, "/cases") == ["c-2", "c-1", "c-0"]


async def test_an_open_alert_is_no_case_yet(write: Write, watcher: httpx.AsyncClient) -> None:
    (alert_id,) = await write(case("c-1", open_for=None))
    answer = await watcher.get(f"/cases/{alert_id}")
    assert (answer.status_code, answer.json()["title"]) == (404, "No such case")
    assert (await watcher.get("/cases", params={"indicator": "mood"})).status_code == 422


async def test_who_looks_after_customers_sees_the_own_cases_and_none_held_out(
    service: Delivering, app: FastAPI, issuer: TestIssuer, write: Write
) -> None:
    await tell_who_manages(service)
    own, held_out, foreign = await write(case(OWN), case(OWN, arm="held-out", at=OPENED + 9 * DAY), case(FOREIGN))
    for role, subject in (("rm", MANAGER), ("team_lead", LEAD)):
        async with client_of(app, issuer, role, subject=subject) as client:
            assert await listed(client, "/cases") == [OWN]
            for alert_id, status in ((own, 200), (held_out, 404), (foreign, 404)):
                assert (await client.get(f"/cases/{alert_id}")).status_code == status
    async with client_of(app, issuer, "auditor", subject="e-8") as auditor:
        assert sorted(await listed(auditor, "/cases")) == sorted([OWN, OWN, FOREIGN])
        assert (await auditor.get(f"/cases/{held_out}")).json()["held_out"] is True


async def test_a_life_with_a_closed_alert_becomes_a_case_and_goes_with_the_customer(
    service: Delivering, live: Live, api: httpx.AsyncClient, watcher: httpx.AsyncClient
) -> None:
    await live("c-1", until=SILENT_FROM + 70 * A_DAY)
    (alert,) = (await api.get("/alerts")).json()["items"]
    assert (await api.post(f"/alerts/{alert['alert_id']}/closure", json={"outcome": "lost"})).status_code == 201
    (found,) = (await watcher.get("/cases")).json()["items"]
    assert (found["alert_id"], found["outcome"], found["playbook"]) == (alert["alert_id"], "lost", alert["playbook"])
    story = (await watcher.get(f"/cases/{alert['alert_id']}")).json()
    steps = [one["step"] for one in story["history"]]
    assert (steps[0], steps[-1]) == ("opened", "closed")
    assert {one["name"] for one in story["indicators"]} == {one["name"] for one in alert["indicators"]}
    await service.deliver(service.feed.record(erased("c-1", "destroyed")))
    assert (await watcher.get("/cases")).json()["items"] == []
