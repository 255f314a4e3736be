"""Every operation for every role, on an own customer and another's, answers as authorisation.md has it written."""

from collections.abc import Mapping

import pytest
from fastapi import FastAPI

from rapport.web.scopes import TOKEN_EXTENTS
from tests.churn_alert.access.conftest import Alerts, Entries, Leads, Tasks
from tests.support.delivering import Delivering
from tests.support.matrix import Ids, Place, unwritten, walked, written
from tests.support.sight import FOREIGN, MANAGER, OWN, managed, tell
from tests.support.tokens import TestIssuer

MATRIX = written("churn-alert")
BY_BODY = {"POST /product-pitches"}
OF_CUSTOMERS = {operation for operation, row in MATRIX.items() if "own" in row.cells.values()}


def is_of_one(operation: str) -> bool:
    """Whether who asks names a customer, or what is of one."""
    return "{" in operation or operation in BY_BODY


@pytest.fixture
async def ids(service: Delivering, alerts: Alerts, leads: Leads, entries: Entries, tasks: Tasks) -> Ids:
    ((dead_letter_id,),) = await service.rows("SELECT dead_letter_id FROM dead_letters")

    def named(_operation: str, _role: str, customer_id: str) -> Mapping[str, str]:
        alert_id = alerts[customer_id].rpartition("/")[2]
        named = {"customer_id": customer_id, "alert_id": alert_id, "dead_letter_id": str(dead_letter_id)}
        named |= {"lead_id": leads[customer_id], "entry_id": entries[customer_id]}
        return named | {"playbook": "care-of-all"} | tasks[customer_id]

    return named


def test_every_operation_and_every_role_is_written_and_nothing_else(app: FastAPI) -> None:
    assert unwritten(app, MATRIX) == []


async def test_every_operation_answers_every_role_as_it_is_written(app: FastAPI, issuer: TestIssuer, ids: Ids) -> None:
    walk = await walked(app, issuer, MATRIX, ids, TOKEN_EXTENTS, {})
    assert walk.differing == {}
    assert walk.shown == []
    assert walk.missed == [], "a list that shows nobody anything would hide nothing either"


async def test_an_operation_that_shows_another_managers_customer_is_found(
    app: FastAPI, service: Delivering, issuer: TestIssuer, ids: Ids
) -> None:
    await tell(service, managed(FOREIGN, MANAGER, revision=2))
    walk = await walked(app, issuer, MATRIX, ids, TOKEN_EXTENTS, {})
    named: set[Place] = {
        (operation, role, FOREIGN)
        for operation, row in MATRIX.items()
        for role, cell in row.cells.items()
        if cell == "own" and is_of_one(operation)
    }
    assert walk.differing.keys() == named
    listed = {operation for operation in OF_CUSTOMERS if not is_of_one(operation)}
    assert {place[0] for place in walk.shown if place[2] == OWN} == listed
