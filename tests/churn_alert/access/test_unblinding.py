"""Whoever treats cannot tell who is held out: every answer is the one they would have got of a customer with the same
history on whom no alert was ever opened.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from tests.churn_alert.conftest import SILENT_FROM, Live
from tests.churn_alert.lives import DAY
from tests.support.delivering import Delivering
from tests.support.matrix import asked, operations
from tests.support.sight import LEAD, MANAGER, STAFF, client_of, employee, listed, managed, said, tell
from tests.support.tokens import TestIssuer

HELD_OUT, TREATED = "c-17", "c-1"
"""By the lot of the service under test."""
STAFF_ROLES = {"rm": MANAGER, "team_lead": LEAD}
OF_NOBODY = {"GET /activity-feeds"}
"""Says how long ago each topic was heard by the clock, so no two answers are alike."""
NOT_OF_STAFF = ("{lead_id}", "{entry_id}", "{dead_letter_id}")
NOW = SILENT_FROM + 70 * DAY
Answers = dict[tuple[str, str], Any]
"""By operation and by what it was asked with."""


@pytest.fixture
async def ids(service: Delivering, live: Live) -> dict[str, str]:
    """What names the held-out customer, and all that is of that one; another is treated."""
    await tell(service, *(employee(*one) for one in STAFF), managed(HELD_OUT, MANAGER), managed(TREATED, MANAGER))
    for customer_id in (HELD_OUT, TREATED):
        await live(customer_id, until=NOW)
    of = f"WHERE customer_id = '{HELD_OUT}'"
    ((alert_id, arm),) = await service.rows(f"SELECT alert_id, arm FROM alerts {of}")
    assert arm == "held-out"
    ((intervention_id,),) = await service.rows(f"SELECT intervention_id FROM interventions {of}")
    found = {"customer_id": HELD_OUT, "alert_id": str(alert_id), "intervention_id": str(intervention_id)}
    return found | {"task_id": str(intervention_id), "playbook": "care-of-the-rest"}


async def never_warned(service: Delivering) -> None:
    """The held-out customer becomes one of the same behaviour whose risk never reached the threshold."""
    of = f"WHERE customer_id = '{HELD_OUT}'"
    for table in ("intervention_events", "intervention_steps"):
        await service.rows_written(
            f"DELETE FROM {table} WHERE intervention_id IN (SELECT intervention_id FROM interventions {of})"
        )
    await service.rows_written(f"DELETE FROM alert_events WHERE alert_id IN (SELECT alert_id FROM alerts {of})")
    for table in ("interventions", "alerts", "risk_crossings", "crossed_states"):
        await service.rows_written(f"DELETE FROM {table} {of}")
    never = "is_raised = false, level_since = NULL, probability = 0.01, decided_at = now(), due_at = now()"
    await service.rows_written(f"UPDATE risks SET {never} {of}")


def variants(operation: dict[str, Any]) -> Iterator[dict[str, str]]:
    """What it can be asked with: nothing, and each of its parameters with what could tell customers apart."""
    yield {}
    for one in operation.get("parameters", ()):
        if one["in"] != "query":
            continue
        for schema in (one["schema"], *one["schema"].get("anyOf", ())):
            values = {"boolean": ["true", "false"], "number": ["0", "0.3", "0.6"]}.get(schema.get("type", ""), [])
            for value in (*values, *schema.get("enum", ())):
                yield {one["name"]: str(value)}
        if one["name"] == "customer_id":
            yield {"customer_id": HELD_OUT}


async def answers(client: AsyncClient, app: FastAPI, ids: dict[str, str]) -> Answers:
    """Of everything that can be read, all of the answer; of what can be done, how it ends."""
    found: Answers = {}
    for operation, document in operations(app).items():
        method, _, path = operation.partition(" ")
        if operation in OF_NOBODY or any(name in path for name in NOT_OF_STAFF):
            continue
        if method != "GET":
            found[operation, ""] = (await asked(client, app, operation, ids, bodies={})).status_code
            continue
        for params in variants(document):
            answer = await client.get(path.format_map(ids), params=params)
            found[operation, str(params)] = said(answer)
    return found


def differing(one: Answers, other: Answers) -> set[str]:
    assert one.keys() == other.keys()
    return {place[0] for place in one if one[place] != other[place]}


@pytest.mark.parametrize("role", STAFF_ROLES)
async def test_whoever_treats_is_answered_of_a_held_out_customer_as_of_one_who_was_never_warned_of(
    app: FastAPI, service: Delivering, issuer: TestIssuer, ids: dict[str, str], role: str
) -> None:
    async with client_of(app, issuer, role, subject=STAFF_ROLES[role]) as client:
        before = await answers(client, app, ids)
        await never_warned(service)
        assert differing(before, await answers(client, app, ids)) == set()
    answered = {place[0] for place, one in before.items() if place[0].startswith("GET ") and one[0] == 200}
    assert answered >= {"GET /risks", "GET /risks/{customer_id}", "GET /lifecycle", "GET /alerts", "GET /tasks"}


async def test_the_same_walk_finds_who_is_held_out_with_the_eyes_of_who_watches_over_it(
    app: FastAPI, service: Delivering, issuer: TestIssuer, ids: dict[str, str]
) -> None:
    async with client_of(app, issuer, "compliance", subject="e-compliance") as client:
        before = await answers(client, app, ids)
        await never_warned(service)
        found = differing(before, await answers(client, app, ids))
    assert {"GET /alerts", "GET /risks", "GET /risks/{customer_id}", "GET /risks/{customer_id}/crossings"} <= found


@pytest.mark.parametrize("role", STAFF_ROLES)
async def test_everybody_is_in_the_list_of_risks_and_told_of_is_who_has_an_alert_in_the_queue(
    app: FastAPI, issuer: TestIssuer, ids: dict[str, str], role: str
) -> None:
    async with client_of(app, issuer, role, subject=STAFF_ROLES[role]) as client:
        assert await listed(client, "/risks") == await listed(client, "/lifecycle") == [TREATED, HELD_OUT]
        assert await listed(client, "/risks", raised="true") == await listed(client, "/risks", above="0") == [TREATED]
        assert await listed(client, "/risks", raised="false") == [HELD_OUT]
        for customer_id, is_told in ((TREATED, True), (HELD_OUT, False)):
            shown = (await client.get(f"/risks/{customer_id}")).json()
            assert shown["indicators"], "what a customer does is told of everybody"
            told = [shown[name] for name in ("level", "probability", "decided_at")]
            assert [one is not None for one in told] == [is_told] * 3
            assert bool(shown["horizons"]) == bool(shown["reasons"]) == is_told
            crossings = (await client.get(f"/risks/{customer_id}/crossings")).json()["items"]
            assert bool(crossings) == is_told


async def test_once_the_alert_is_closed_the_risk_is_told_no_more_and_how_it_was_crossed_still_is(
    app: FastAPI, issuer: TestIssuer, ids: dict[str, str]
) -> None:
    async with client_of(app, issuer, "rm", subject=MANAGER) as client:
        (alert,) = (await client.get("/alerts")).json()["items"]
        closed = await client.post(f"/alerts/{alert['alert_id']}/closure", json={"outcome": "lost"})
        assert closed.status_code == 201
        shown = (await client.get(f"/risks/{TREATED}")).json()
        assert (shown["level"], shown["probability"], shown["due_at"]) == (None, None, None)
        (crossing,) = (await client.get(f"/risks/{TREATED}/crossings")).json()["items"]
        assert crossing["direction"] == "up"


@pytest.mark.parametrize("role", STAFF_ROLES)
async def test_by_which_weights_a_risk_is_reckoned_is_not_told_to_who_could_reckon_it(
    app: FastAPI, issuer: TestIssuer, role: str
) -> None:
    async with client_of(app, issuer, role, subject=STAFF_ROLES[role]) as client:
        assert (await client.get("/risk-model")).status_code == 403
    async with client_of(app, issuer, "auditor", subject="e-8") as client:
        assert (await client.get("/risk-model")).status_code == 200
