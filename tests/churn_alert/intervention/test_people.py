"""What people do with interventions: who may be given one, who may end which task, and that a task done is a word on
its alert.
"""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from churn_alert.intervention.store import courses
from rapport.ids import new_id
from tests.churn_alert.conftest import Live
from tests.churn_alert.intervention.books import written
from tests.churn_alert.intervention.conftest import SILENT
from tests.support.delivering import Delivering
from tests.support.serving import Start
from tests.support.sight import LEAD, MANAGER, OTHER_MANAGER, OWN, client_of, employee, tell, tell_who_manages
from tests.support.tokens import TestIssuer

MATE = "e-mate"


@pytest.fixture
async def service(running: Start, tmp_path: Path) -> Delivering:
    """By playbooks that hold nobody out: a manager's task, and the lead's after it."""
    return await running("stream", playbooks=written(tmp_path))


@pytest.fixture
async def path(service: Delivering, live: Live, app: FastAPI, issuer: TestIssuer) -> str:
    """Of what is done for OWN, whom MANAGER manages."""
    await tell_who_manages(service)
    await tell(service, employee(MATE, "B1"))
    await live(OWN, until=SILENT)
    async with client_of(app, issuer, "rm", subject=MANAGER) as manager:
        (one,) = (await manager.get("/interventions")).json()["items"]
    return f"/interventions/{one['intervention_id']}"


async def task_of(client: httpx.AsyncClient) -> str:
    (task,) = (await client.get("/tasks", params={"open": "true"})).json()["items"]
    return f"/tasks/{task['task_id']}/outcome"


async def alert_of(client: httpx.AsyncClient) -> dict[str, Any]:
    (listed,) = (await client.get("/alerts")).json()["items"]
    found: dict[str, Any] = (await client.get(f"/alerts/{listed['alert_id']}")).json()
    return found


@pytest.mark.parametrize(
    ("assignee", "title"),
    [
        ("e-nobody", "Nobody who could have it"),
        ("e-gone", "Nobody who could have it"),
        ("e-clerk", "Nobody who could have it"),
        (OTHER_MANAGER, "Somebody of another unit"),
    ],
)
async def test_nobody_is_given_an_intervention_who_could_not_have_its_alert(
    app: FastAPI, issuer: TestIssuer, service: Delivering, path: str, assignee: str, title: str
) -> None:
    await tell(service, employee("e-gone", "B1", active=False), employee("e-clerk", "B1", "teller"))
    async with client_of(app, issuer, "team_lead", subject=LEAD) as lead:
        refused = await lead.post(f"{path}/assignment", json={"assignee": assignee})
        assert (refused.status_code, refused.json()["title"]) == (422, title)
        assert "`assignee` must" in refused.json()["detail"]
        assert (await lead.get(path)).json()["assignee"] == MANAGER
        given = await lead.post(f"{path}/assignment", json={"assignee": MATE})
        assert (given.status_code, given.json()["assignee"]) == (201, MATE)


async def test_a_task_for_who_leads_the_unit_is_ended_by_one_who_does(
    app: FastAPI, issuer: TestIssuer, path: str
) -> None:
    said = {"outcome": "not-reached"}
    async with (
        client_of(app, issuer, "rm", subject=MANAGER) as manager,
        client_of(app, issuer, "team_lead", subject=LEAD) as lead,
    ):
        assert (await manager.post(await task_of(manager), json=said)).status_code == 201
        task = await task_of(manager)
        refused = await manager.post(task, json=said)
        assert (refused.status_code, refused.json()["title"]) == (403, "The task is the team lead's")
        assert "`role`" in refused.json()["detail"]
        assert await task_of(lead) == task, "it is still open"
        ended = await lead.post(task, json=said)
        assert (ended.status_code, ended.json()["ended_by"]) == (201, LEAD)


async def test_a_task_done_takes_its_alert_up_by_whoever_did_it_and_only_the_first_time(
    app: FastAPI, issuer: TestIssuer, path: str
) -> None:
    async with (
        client_of(app, issuer, "rm", subject=MANAGER) as manager,
        client_of(app, issuer, "team_lead", subject=LEAD) as lead,
    ):
        assert (await alert_of(manager))["status"] == "opened"
        await manager.post(await task_of(manager), json={"outcome": "not-reached"})
        alert = await alert_of(manager)
        assert (alert["status"], alert["acknowledged_by"]) == ("acknowledged", MANAGER)
        ended = (await manager.get(path)).json()["steps"][0]["ended_at"]
        assert alert["acknowledged_at"] == ended
        await lead.post(await task_of(lead), json={"outcome": "repaired"})
        steps = [step["step"] for step in (await alert_of(manager))["history"]]
        assert steps.count("acknowledged") == 1
        again = await manager.post(f"/alerts/{alert['alert_id']}/acknowledgement")
        assert (again.status_code, again.json()["title"]) == (409, "The alert is acknowledged already")


@pytest.mark.parametrize("first", ["task", "alert"])
async def test_two_who_act_at_once_take_an_alert_up_once(
    app: FastAPI, issuer: TestIssuer, path: str, first: str
) -> None:
    async with (
        client_of(app, issuer, "rm", subject=MANAGER) as manager,
        client_of(app, issuer, "team_lead", subject=LEAD) as lead,
    ):
        alert = f"/alerts/{(await alert_of(lead))['alert_id']}/acknowledgement"
        ending = manager.post(await task_of(manager), json={"outcome": "not-reached"})
        acts = [ending, lead.post(alert)]
        ended, taken = await asyncio.gather(*acts) if first == "task" else reversed(await asyncio.gather(*acts[::-1]))
        found = await alert_of(lead)
        assert ended.status_code == 201
        assert (taken.status_code, found["acknowledged_by"]) in {(201, LEAD), (409, MANAGER)}
        assert [step["step"] for step in found["history"]].count("acknowledged") == 1
        assert (await lead.get(path)).json()["steps"][0]["status"] == "done"


@pytest.mark.parametrize("key", ["intervention_id", "step_id"])
async def test_no_table_is_walked_through_for_what_one_key_names(service: Delivering, key: str) -> None:
    asked = courses.naming(**{key: new_id()})
    compiled = asked.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})  # type: ignore[no-untyped-call]
    async with service.runtime.engine.connect() as connection:
        await connection.execute(text("SET LOCAL enable_seqscan = off"))
        plan = "\n".join((await connection.execute(text(f"EXPLAIN {compiled}"))).scalars())
    assert "Seq Scan" not in plan, "it is walked through although that was forbidden: no index serves"
