"""A day or a moment that no calendar of the bank has is refused or finds nothing; never is it a server's fault."""

from collections.abc import Iterator
from typing import Any

import httpx
from fastapi import FastAPI

from rapport.web.scopes import ROLE_SCOPES
from tests.services.test_lists import NAMED, UUID
from tests.support.serving import Subject
from tests.support.tokens import TestIssuer

PARAMETERS = {"customer_profile": 9, "scoring": 0, "churn_alert": 21, "feedback": 1}
ODD: dict[str, tuple[str, ...]] = {
    "date": ("0001-01-01", "1899-12-31", "1900-01-01", "2999-12-31", "9999-12-31", "-0001-01-01", "infinity", "0"),
    "date-time": (
        *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999-14:00", "1900-01-01T00:00:00Z", "2026-03-02"),
        *("2999-12-31T23:59:59Z", "infinity", "0", "1e300"),
    ),
}


def days(document: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Every parameter of a query that is a day or a moment: the path filled in, its name, which of the two it is."""
    for path, methods in document["paths"].items():
        for operation in methods.values():
            parameters = operation.get("parameters", [])
            places = {
                one["name"]: NAMED.get(one["name"], str(UUID(int=7))) for one in parameters if one["in"] == "path"
            }
            for one in parameters:
                schema = one["schema"]
                forms = {part.get("format") for part in (schema, *schema.get("anyOf", ()))}
                for form in forms & ODD.keys():
                    yield path.format_map(places), one["name"], form


async def test_an_odd_day_or_moment_is_never_a_servers_fault(
    app: FastAPI, issuer: TestIssuer, subject: Subject
) -> None:
    document = app.openapi()
    found = list(days(document))
    assert len(found) == PARAMETERS[subject.package]
    transport, everybody = httpx.ASGITransport(app), issuer.bearer(*ROLE_SCOPES)
    async with httpx.AsyncClient(transport=transport, base_url="http://service", headers=everybody) as client:
        if subject.package == "customer_profile":
            example = document["components"]["schemas"]["NewCustomer"]["examples"][0]
            assert (await client.post("/customers", json=example | {"customer_id": "c-1"})).status_code == 201
        for path, name, form in found:
            for value in ODD[form]:
                answer = await client.get(path, params={name: value})
                assert answer.status_code in {200, 404, 422}, (path, name, value)
