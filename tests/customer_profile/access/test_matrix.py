"""Every operation for every role, on an own customer and another's, answers as authorisation.md has it written."""

from functools import partial

import pytest
from fastapi import FastAPI

from rapport.web.scopes import ROLE_EXTENTS
from tests.customer_profile.access.bank import drop_policies, open_bank
from tests.customer_profile.access.made import open_bank_with_acts
from tests.support import matrix as support
from tests.support.delivering import Delivering
from tests.support.matrix import Bodies, Row, expected, unwritten, walked, written
from tests.support.sight import FOREIGN, SUBJECTS, client_of
from tests.support.tokens import TestIssuer

PHONE = {"identity": {"phone": "139 0013 9000"}, "channel": "branch"}
BODIES: Bodies = {
    # The example's paper can be on one file only, and its manager would take the customer away.
    "POST /customers": {"unit": "B1", "customer_since": "2021-04-12"},
    "PATCH /customers/{customer_id}": {"region": "R03"},
    "POST /customers/{customer_id}/status": {"to": "admission", "reason": "legal-order"},
    # The example's name is on the file already.
    "POST /customers/{customer_id}/corrections": PHONE,
    "POST /me/corrections": PHONE,
    # A person has one open export at a time; tests/customer_profile/export has what it holds for each role.
    "POST /exports": {"purpose": "none"},
}
"""What is asked where the example of the document would not do again and again, or not for every role."""
MATRIX = written("customer-profile")
asked = partial(support.asked, bodies=BODIES)


def test_every_operation_and_every_role_is_written_and_nothing_else(app: FastAPI) -> None:
    assert unwritten(app, MATRIX) == []


@pytest.mark.parametrize("secured", ["policies and queries", "queries alone"])
async def test_every_operation_answers_every_role_as_it_is_written(
    app: FastAPI, service: Delivering, issuer: TestIssuer, secured: str
) -> None:
    made = await open_bank_with_acts(service, app, issuer)
    if secured == "queries alone":
        await drop_policies(service)
    walk = await walked(app, issuer, MATRIX, made.ids, ROLE_EXTENTS, BODIES)
    assert walk.differing == {}
    assert walk.shown == []


async def test_a_cell_that_says_more_than_is_so_is_found(app: FastAPI, service: Delivering, issuer: TestIssuer) -> None:
    await open_bank(service)
    row = MATRIX["GET /customers/{customer_id}"]
    async with client_of(app, issuer, "rm", subject=SUBJECTS["rm"]) as client:
        status = (await asked(client, app, "GET /customers/{customer_id}", {"customer_id": FOREIGN})).status_code
    assert status == expected(row, "rm", names_foreign=True)
    assert status != expected(Row(200, row.cells | {"rm": "all"}), "rm", names_foreign=True)
    assert status != expected(Row(200, row.cells | {"rm": "no"}), "rm", names_foreign=True)
