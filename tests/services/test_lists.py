"""Every list of every service refuses a cursor that no list gave, or gives a page; never is it a server's fault."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from itertools import product
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI

from rapport.web.scopes import ROLE_SCOPES
from tests.support.serving import Subject
from tests.support.tokens import TestIssuer

LISTS = {"customer_profile": 19, "scoring": 15, "churn_alert": 11, "feedback": 2}
"""The dead letters of each among them."""
NAMED = {"customer_id": "c-1", "version": "1"}
"""What a path names; everything else in one is an id."""
KEYS: list[Any] = [
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999-14:00", "2025-03-01T12:00:00", "infinity"),
    *("2025-03-01T12:00:00Z", str(UUID(int=7)), "x", "\x00", "\ud800", "١" * 32),
    *(0, -1, 2**31, 2**63, -(2**63), 2**200, 1.5, None, True, [], {}),
]


def packed(*keys: Any) -> str:
    return urlsafe_b64encode(json.dumps(keys).encode()).rstrip(b"=").decode()


HOSTILE = [*map(packed, KEYS), *(packed(*pair) for pair in product(KEYS, repeat=2)), packed(1, 2, 3)]
NEVER_OURS = [
    *("", "x", "!", "é", "W1tbW1tb", "A" * 600),
    *map(packed, [1.5, None, True, "\x00", "\ud800", 2**200, [], {}]),
    *("bnVsbA", "e30", "OTk", packed(), packed(1, 2, 3)),
]
"""Not base64, not JSON, no list, no keys, too many, and what no column can be compared with."""


def lists(document: dict[str, Any]) -> Iterator[str]:
    """The paths of all operations that take a cursor, filled in."""
    for path, methods in document["paths"].items():
        for operation in methods.values():
            names = {one["name"]: one["in"] for one in operation.get("parameters", [])}
            if "cursor" in names:
                filled = {name: NAMED.get(name, str(UUID(int=7))) for name, where in names.items() if where == "path"}
                yield path.format_map(filled)


async def test_a_cursor_that_no_list_gave_is_never_a_servers_fault(
    app: FastAPI, issuer: TestIssuer, subject: Subject
) -> None:
    document = app.openapi()
    found = list(lists(document))
    assert len(found) == LISTS[subject.package]
    transport, everybody = httpx.ASGITransport(app), issuer.bearer(*ROLE_SCOPES)
    own = issuer.bearer("channel", customer_id=NAMED["customer_id"])
    async with httpx.AsyncClient(transport=transport, base_url="http://service", headers=everybody) as client:
        if subject.package == "customer_profile":  # of a customer who is not recorded it lists nothing at all
            example = document["components"]["schemas"]["NewCustomer"]["examples"][0]
            assert (await client.post("/customers", json=example | {"customer_id": "c-1"})).status_code == 201
        for path in found:
            client.headers.update(own if path.startswith("/me/") else everybody)
            for cursor in HOSTILE:
                answer = await client.get(path, params={"cursor": cursor})
                # One list's hostile cursor is another's good one: any text may be a customer's token.
                assert answer.status_code in {200, 404, 422}, (path, cursor)
                if answer.status_code == 422:
                    assert [error["field"] for error in answer.json()["errors"]] == ["cursor"], (path, cursor)
            for cursor in NEVER_OURS:
                answer = await client.get(path, params={"cursor": cursor})
                assert answer.status_code == 422, (path, cursor)
                assert answer.headers["content-type"] == "application/problem+json"
