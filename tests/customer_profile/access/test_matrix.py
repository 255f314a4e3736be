"""Every operation for every role, on an own customer and another's, answers as authorisation.md has it written."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response

from rapport.web.scopes import ROLE_EXTENTS, ROLE_SCOPES
from tests.customer_profile.access.bank import FOREIGN, OWN, SUBJECTS, client_of, drop_policies, open_bank
from tests.customer_profile.access.made import open_bank_with_acts
from tests.support.delivering import Delivering
from tests.support.tokens import TestIssuer

WRITTEN = Path(__file__).parents[3] / "services" / "customer-profile" / "authorisation.md"
REMEDY = f"add a line to {WRITTEN.name} of the service: | `METHOD /path` | status | and a cell for each role"
PHONE = {"identity": {"phone": "139 0013 9000"}, "channel": "branch"}
BODIES: dict[str, dict[str, Any]] = {
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


class Row(NamedTuple):
    """One line: the status of an answer, and for each role whether it is given on `all`, the `own` or `no` customer."""

    status: int
    cells: dict[str, str]


def written(text: str) -> dict[str, Row]:
    """The table of the document by operation."""
    lines = [[cell.strip() for cell in line.strip("| ").split("|")] for line in text.splitlines() if line[:1] == "|"]
    roles = lines[0][2:]
    return {
        operation.strip("`"): Row(int(status), dict(zip(roles, cells, strict=True)))
        for operation, status, *cells in lines[2:]
    }


MATRIX = written(WRITTEN.read_text(encoding="utf-8"))


def operations(app: FastAPI) -> dict[str, dict[str, Any]]:
    """Every operation of the document that needs a token, by method and path."""
    return {
        f"{method.upper()} {path}": operation
        for path, methods in app.openapi()["paths"].items()
        for method, operation in methods.items()
        if not path.startswith("/health/")
    }


def test_every_operation_and_every_role_is_written_and_nothing_else(app: FastAPI) -> None:
    assert set(operations(app)) == set(MATRIX), REMEDY
    for operation, row in MATRIX.items():
        assert set(row.cells) == set(ROLE_SCOPES), operation
        assert set(row.cells.values()) <= {"all", "own", "no"}, operation
        assert row.status != 404, (
            f"{operation}: made.py makes what its path names, or own and foreign are answered alike"
        )


def body_of(app: FastAPI, operation: str) -> Any:
    """A good body: the document's own example."""
    content = operations(app)[operation].get("requestBody", {}).get("content", {}).get("application/json")
    if operation in BODIES or content is None:
        return BODIES.get(operation)
    return app.openapi()["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]["examples"][0]


async def asked(client: AsyncClient, app: FastAPI, operation: str, ids: Mapping[str, str]) -> Response:
    """The answer of the operation whose path names these."""
    method, _, path = operation.partition(" ")
    return await client.request(method, path.format_map(ids), json=body_of(app, operation))


def expected(row: Row, role: str, operation: str, customer_id: str) -> int:
    """The status that the row says."""
    if row.cells[role] == "no":
        return 403
    is_hidden = row.cells[role] == "own" and customer_id == FOREIGN and "{" in operation
    return 404 if is_hidden else row.status


@pytest.mark.parametrize("secured", ["policies and queries", "queries alone"])
async def test_every_operation_answers_every_role_as_it_is_written(
    app: FastAPI, service: Delivering, issuer: TestIssuer, secured: str
) -> None:
    made = await open_bank_with_acts(service, app, issuer)
    if secured == "queries alone":
        await drop_policies(service)
    found, wanted, shown = {}, {}, []
    for role, subject in SUBJECTS.items():
        async with client_of(app, issuer, role, subject=subject) as client:
            for operation, row in MATRIX.items():
                for customer_id in (OWN, FOREIGN):
                    place = (operation, role, customer_id)
                    answer = await asked(client, app, operation, made.ids(operation, role, customer_id))
                    found[place] = answer.status_code
                    wanted[place] = expected(row, role, operation, customer_id)
                    sees_all = row.cells[role] != "no" and ROLE_EXTENTS.get(role) == "all"
                    if not sees_all and FOREIGN in answer.text:
                        shown.append(place)
    assert {place: status for place, status in found.items() if status != wanted[place]} == {}
    assert shown == []


async def test_a_cell_that_says_more_than_is_so_is_found(app: FastAPI, service: Delivering, issuer: TestIssuer) -> None:
    await open_bank(service)
    row = MATRIX["GET /customers/{customer_id}"]
    async with client_of(app, issuer, "rm", subject=SUBJECTS["rm"]) as client:
        status = (await asked(client, app, "GET /customers/{customer_id}", {"customer_id": FOREIGN})).status_code
    assert status == expected(row, "rm", "GET /customers/{customer_id}", FOREIGN)
    assert status != expected(Row(200, row.cells | {"rm": "all"}), "rm", "GET /customers/{customer_id}", FOREIGN)
    assert status != expected(Row(200, row.cells | {"rm": "no"}), "rm", "GET /customers/{customer_id}", FOREIGN)
