"""Who may do what in a service, as its authorisation.md has it written, and how every operation is asked for it."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

from fastapi import FastAPI
from httpx import AsyncClient, Response

from rapport.row_security import Extent
from rapport.web.scopes import ROLE_SCOPES
from tests.support.sight import FOREIGN, OWN, SUBJECTS, client_of
from tests.support.tokens import TestIssuer

Bodies = Mapping[str, Mapping[str, Any]]
"""By operation: what is asked where the example of the document would not do again and again, or not for every role."""
Ids = Callable[[str, str, str], Mapping[str, str]]
"""Of an operation, a role and a customer: what the operation's path names."""
Place = tuple[str, str, str]
"""An operation, a role and a customer."""
_REMEDY = "authorisation.md of the service needs its line: | `METHOD /path` | status | and a cell for each role"
SERVICES = Path(__file__).parents[2] / "services"


class Row(NamedTuple):
    """One line: the status of an answer, and for each role whether it is given on `all`, the `own` or `no` customer."""

    status: int
    cells: dict[str, str]


class Walk(NamedTuple):
    """What was answered, what is written, who was shown another's customer, and in which list who is seen was not:
    by place.
    """

    found: dict[Place, int]
    wanted: dict[Place, int]
    shown: list[Place]
    missed: list[Place]

    @property
    def differing(self) -> dict[Place, int]:
        """What was answered otherwise than it is written."""
        return {place: status for place, status in self.found.items() if status != self.wanted[place]}


def written(service: str) -> dict[str, Row]:
    """The table of the service's document by operation."""
    text = (SERVICES / service / "authorisation.md").read_text(encoding="utf-8")
    lines = [[cell.strip() for cell in line.strip("| ").split("|")] for line in text.splitlines() if line[:1] == "|"]
    roles = lines[0][2:]
    return {
        operation.strip("`"): Row(int(status), dict(zip(roles, cells, strict=True)))
        for operation, status, *cells in lines[2:]
    }


def operations(app: FastAPI) -> dict[str, dict[str, Any]]:
    """Every operation of the document that needs a token, by method and path."""
    return {
        f"{method.upper()} {path}": operation
        for path, methods in app.openapi()["paths"].items()
        for method, operation in methods.items()
        if not path.startswith("/health/")
    }


def unwritten(app: FastAPI, matrix: Mapping[str, Row]) -> list[str]:
    """Lines that are not there, or of no operation, or not whole; and those that cannot tell own from foreign."""
    found = [f"{operation}: {_REMEDY}" for operation in operations(app).keys() ^ matrix.keys()]
    for operation, row in matrix.items():
        if row.cells.keys() != ROLE_SCOPES.keys() or not set(row.cells.values()) <= {"all", "own", "no"}:
            found.append(f"{operation}: {_REMEDY}")
        if row.status == HTTPStatus.NOT_FOUND and "own" in row.cells.values():
            found.append(f"{operation}: make what its path names, or own and foreign are answered alike")
    return found


def body_of(app: FastAPI, operation: str, bodies: Bodies) -> Any:
    """A good body: the document's own example, or what its fields have for one."""
    content = operations(app)[operation].get("requestBody", {}).get("content", {}).get("application/json")
    if operation in bodies or content is None:
        return bodies.get(operation)
    schema = app.openapi()["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
    for example in (*([schema["example"]] if "example" in schema else ()), *schema.get("examples", ())):
        return example
    return {name: part["examples"][0] for name, part in schema["properties"].items() if "examples" in part}


async def asked(
    client: AsyncClient, app: FastAPI, operation: str, ids: Mapping[str, str], *, bodies: Bodies
) -> Response:
    """The answer of the operation whose path, or whose body, names these."""
    method, _, path = operation.partition(" ")
    body = body_of(app, operation, bodies)
    if is_of_one(body):
        body = {**body, "customer_id": ids["customer_id"]}
    return await client.request(method, path.format_map(ids), json=body)


def is_of_one(body: Any) -> bool:
    """Whether a body says whom it is about."""
    return isinstance(body, Mapping) and "customer_id" in body


def expected(row: Row, role: str, *, names_foreign: bool, is_by_path: bool = False) -> int:
    """The status that the row says; `names_foreign`: of who names another's customer, or what is of one. To a token for
    one customer any other that the path names is refused, whoever that is.
    """
    cell = row.cells[role]
    if cell == "no" or (role == "channel" and is_by_path and names_foreign):
        return 403
    return 404 if cell == "own" and names_foreign else row.status


async def walked(
    app: FastAPI, issuer: TestIssuer, matrix: Mapping[str, Row], ids: Ids, extents: Mapping[str, Extent], bodies: Bodies
) -> Walk:
    """Every operation asked by every role, on the own customer and another's. Who does not see all customers is shown
    no other; who sees a customer finds the customer in every list of customers that the role may ask for.
    """
    walk = Walk({}, {}, [], [])
    for role, subject in SUBJECTS.items():
        async with client_of(app, issuer, role, subject=subject) as client:
            for operation, row in matrix.items():
                for customer_id in (OWN, FOREIGN):
                    place = (operation, role, customer_id)
                    answer = await asked(client, app, operation, ids(*place), bodies=bodies)
                    names_one = "{" in operation or is_of_one(body_of(app, operation, bodies))
                    walk.found[place] = answer.status_code
                    walk.wanted[place] = expected(
                        row,
                        role,
                        names_foreign=names_one and customer_id == FOREIGN,
                        is_by_path="{customer_id}" in operation,
                    )
                    sees_all = row.cells[role] != "no" and extents.get(role) == "all"
                    if not sees_all and FOREIGN in answer.text:
                        walk.shown.append(place)
                    is_list = operation.startswith("GET ") and not names_one and "own" in row.cells.values()
                    is_seen = row.cells[role] == "all" or (row.cells[role] == "own" and customer_id == OWN)
                    if is_list and is_seen and customer_id not in answer.text:
                        walk.missed.append(place)
    return walk
