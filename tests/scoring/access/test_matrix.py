"""Every operation for every role, on an own customer and another's, answers as authorisation.md has it written."""

from fastapi import FastAPI

from rapport.web.scopes import TOKEN_EXTENTS
from tests.scoring.access.conftest import REFUSED, UPHELD, WANTED, Made
from tests.support.matrix import Bodies, unwritten, walked, written
from tests.support.sight import FOREIGN, MANAGER, OWN, managed, tell
from tests.support.tokens import TestIssuer

MATRIX = written("scoring")
OF_CUSTOMERS = {operation for operation, row in MATRIX.items() if "own" in row.cells.values()}
BODIES: Bodies = {
    "POST /standings/{customer_id}/overrides": WANTED,
    "POST /overrides/{override_id}/reject": REFUSED,
    "POST /overrides/{override_id}/revoke": REFUSED,
    "POST /standings/{customer_id}/appeals": {"revision": 1},
    "POST /appeals/{appeal_id}/answer": UPHELD,
}


def test_every_operation_and_every_role_is_written_and_nothing_else(app: FastAPI) -> None:
    assert unwritten(app, MATRIX) == []


async def test_every_operation_answers_every_role_as_it_is_written(made: Made, issuer: TestIssuer) -> None:
    walk = await walked(made.app, issuer, MATRIX, made.ids, TOKEN_EXTENTS, BODIES)
    assert walk.differing == {}
    assert walk.shown == []
    assert walk.missed == [], "a list that shows nobody anything would hide nothing either"


async def test_an_operation_that_shows_another_managers_customer_is_found(made: Made, issuer: TestIssuer) -> None:
    await tell(made.service, managed(FOREIGN, MANAGER, revision=2))
    walk = await walked(made.app, issuer, MATRIX, made.ids, TOKEN_EXTENTS, BODIES)
    named = {
        (operation, role, FOREIGN)
        for operation, row in MATRIX.items()
        for role in ("rm", "team_lead")
        if row.cells[role] == "own" and "{" in operation
    }
    assert walk.differing.keys() == named
    listed = {operation for operation in OF_CUSTOMERS if "{" not in operation}
    assert {place[0] for place in walk.shown if place[2] == OWN} == listed
