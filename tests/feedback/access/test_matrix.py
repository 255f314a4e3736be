"""Every operation for every role, on an own customer and another's, answers as authorisation.md has it written."""

from collections.abc import Mapping

import pytest
from fastapi import FastAPI

from rapport.clock import utc_now
from rapport.web.scopes import ROLE_EXTENTS
from tests.feedback.said import HOUR, hear, submitted
from tests.support.delivering import Delivering
from tests.support.grouping import merge
from tests.support.matrix import Ids, Place, unwritten, walked, written
from tests.support.sight import (
    FOREIGN,
    LEAD,
    MANAGER,
    OTHER_MANAGER,
    OWN,
    UNKNOWN,
    client_of,
    listed,
    managed,
    said,
    tell,
    tell_who_manages,
)
from tests.support.tokens import TestIssuer

MATRIX = written("feedback")
OF_CUSTOMERS = {operation for operation, row in MATRIX.items() if "own" in row.cells.values()}
FIGURES = "GET /cases/summary"
"""Names nobody: what it counts is tested below."""


@pytest.fixture
async def ids(service: Delivering) -> Ids:
    """Of each customer a complaint, and praise, which is owed no answer: whatever is done to it is 409, each time."""
    await tell_who_manages(service)
    for one in (OWN, FOREIGN):
        await hear(service, submitted(one, submitted_at=utc_now() - HOUR))
        await hear(service, submitted(one, kind="praise", submitted_at=utc_now() - HOUR))
    # What a bad record is, of nobody here.
    await service.deliver(service.feed.record(managed("c-1", None), data={"revision": "none"}))
    ((dead_letter_id,),) = await service.rows("SELECT dead_letter_id FROM dead_letters")
    rows = await service.rows("SELECT customer_id, case_id FROM cases WHERE kind = 'praise'")
    praise = {row.customer_id: str(row.case_id) for row in rows}

    def named(_operation: str, _role: str, customer_id: str) -> Mapping[str, str]:
        return {"customer_id": customer_id, "case_id": praise[customer_id], "dead_letter_id": str(dead_letter_id)}

    return named


def test_every_operation_and_every_role_is_written_and_nothing_else(app: FastAPI) -> None:
    assert unwritten(app, MATRIX) == []


async def test_every_operation_answers_every_role_as_it_is_written(app: FastAPI, issuer: TestIssuer, ids: Ids) -> None:
    walk = await walked(app, issuer, MATRIX, ids, ROLE_EXTENTS, {})
    assert walk.differing == {}
    assert walk.shown == []
    missed = [place for place in walk.missed if place[0] != FIGURES]
    assert missed == [], "a list that shows nobody anything would hide nothing either"


async def test_an_operation_that_shows_another_managers_customer_is_found(
    app: FastAPI, service: Delivering, issuer: TestIssuer, ids: Ids
) -> None:
    await tell(service, managed(FOREIGN, MANAGER, revision=2))
    walk = await walked(app, issuer, MATRIX, ids, ROLE_EXTENTS, {})
    named: set[Place] = {
        (operation, role, FOREIGN)
        for operation in OF_CUSTOMERS
        for role in ("rm", "team_lead")
        if MATRIX[operation].cells[role] == "own" and ("{" in operation or operation == "POST /feedback")
    }
    assert walk.differing.keys() == named
    assert {place[0] for place in walk.shown if place[2] == OWN} == {"GET /cases"}


async def test_what_is_anothers_is_answered_like_what_is_not_there_and_counted_nowhere(
    app: FastAPI, issuer: TestIssuer, ids: Ids
) -> None:
    async with (
        client_of(app, issuer, "rm", subject=MANAGER) as client,
        client_of(app, issuer, "auditor", subject="e-8") as auditor,
    ):
        foreign = await client.get(f"/cases/{ids('', '', FOREIGN)['case_id']}")
        unknown = await client.get("/cases/0195515f-5a00-8a3b-9c41-7d1c6f0a2b93")
        assert foreign.status_code == 404
        assert said(foreign) == said(unknown)
        body = {"channel": "branch", "kind": "complaint", "text": "again"}
        refused = [await client.post("/feedback", json=body | {"customer_id": one}) for one in (FOREIGN, UNKNOWN)]
        assert refused[0].status_code == 404
        assert said(refused[0]) == said(refused[1])
        assert await listed(client, "/cases", customer_id=FOREIGN) == []
        counts = [sum(line["cases"] for line in (await one.get("/cases/summary")).json()) for one in (client, auditor)]
        assert counts == [1, 2]


async def test_a_case_changes_hands_with_its_customer_and_of_a_person_each_manager_sees_the_own_files(
    app: FastAPI, issuer: TestIssuer, service: Delivering, ids: Ids
) -> None:
    assert ids("", "", OWN)
    async with (
        client_of(app, issuer, "rm", subject=MANAGER) as former,
        client_of(app, issuer, "rm", subject=OTHER_MANAGER) as later,
        client_of(app, issuer, "team_lead", subject=LEAD) as lead,
    ):
        await service.deliver(*map(service.feed.record, merge(1, OWN, FOREIGN)))
        assert await listed(former, "/cases", customer_id=OWN) == [OWN]
        assert await listed(later, "/cases", customer_id=FOREIGN) == [FOREIGN]
        assert await listed(later, "/cases", customer_id=OWN) == []
        await tell(service, managed(OWN, OTHER_MANAGER, revision=2))
        assert (await listed(former, "/cases"), await listed(lead, "/cases")) == ([], [])
        assert sorted(await listed(later, "/cases", customer_id=OWN)) == [FOREIGN, OWN]
