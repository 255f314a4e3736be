"""What holds for each request, whatever the operation does."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import FastAPI

from rapport.telemetry.metrics import Metrics
from rapport.web.edge import Edge
from tests.shared.web.apps import client, make_app
from tests.support.tokens import TestIssuer


async def test_every_answer_has_a_request_id_and_the_security_headers(app: FastAPI, issuer: TestIssuer) -> None:
    async with client(app, **issuer.bearer("rm")) as browser:
        paths = ["/tallies/1", "/tallies/x", "/nowhere", "/health/live", "/health/ready"]
        answers = [await browser.get(path) for path in paths]
        answers.append(await browser.post("/tallies/failures/own", json={"name": "a", "amount": 1}))
        answers.append(await browser.post("/tallies", content=b" " * 2_000_000))
    assert [answer.status_code for answer in answers] == [200, 422, 404, 200, 503, 500, 413]
    for answer in answers:
        uuid.UUID(answer.headers["x-request-id"])
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert "max-age" in answer.headers["strict-transport-security"]
    assert len({answer.headers["x-request-id"] for answer in answers}) == len(answers)


@pytest.mark.parametrize(
    ("given", "is_kept"),
    [
        ("0195d2f0-3c00-7000-8000-000000000001", True),
        ("0195d2f03c0070008000000000000001", True),
        ("13812341234", False),
        ("110109199003071234", False),
        ("x" * 36, False),
        ("a\nb", False),
        ("", False),
    ],
)
async def test_a_request_id_is_kept_only_if_it_can_be_nothing_else(given: str, is_kept: bool, app: FastAPI) -> None:
    sent = {"type": "http", "method": "GET", "path": "/health/live", "query_string": b"", "scheme": "http"}
    scope = {**sent, "headers": [(b"x-request-id", given.encode())], "server": ("tally", 80)}
    messages: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        messages.append(message)

    await app(scope, receive, send)
    returned = dict(messages[0]["headers"])[b"x-request-id"].decode()
    assert (returned == given) is is_kept


async def test_a_body_without_a_length_is_cut_off_at_a_mebibyte(app: FastAPI, issuer: TestIssuer) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(1000):
            sent += 64 * 1024
            yield b" " * 64 * 1024

    headers = {"Content-Type": "application/json"}
    async with client(app, **issuer.bearer("rm")) as browser:
        answer = await browser.post("/tallies", content=endless(), headers=headers)
    assert answer.status_code == 413
    assert answer.json()["title"] == "Content Too Large"


async def test_a_body_of_exactly_a_mebibyte_is_read(app: FastAPI, issuer: TestIssuer) -> None:
    body = b'{"name": "Anna", "amount": 1}'.ljust(1024 * 1024)
    async with client(app, **issuer.bearer("rm"), **{"Content-Type": "application/json"}) as browser:
        assert (await browser.post("/tallies", content=body)).status_code == 201
        assert (await browser.post("/tallies", content=body + b" ")).status_code == 413


@pytest.mark.parametrize("length", ["-1", "1e3", "9" * 5000, "²"])
async def test_a_length_that_is_none_is_refused(length: str, app: FastAPI, issuer: TestIssuer) -> None:
    headers = [(b"content-length", length.encode()), (b"authorization", issuer.bearer("rm")["Authorization"].encode())]
    async with client(app) as browser:
        answer = await browser.post("/tallies", headers=headers, content=b"")
    assert answer.status_code in {400, 413}


async def test_nothing_hangs(issuer: TestIssuer) -> None:
    inner = make_app(issuer)
    inner.user_middleware.clear()
    inner.add_middleware(Edge, metrics=Metrics("tally"), time_limit=0.1)
    async with client(inner, **issuer.bearer("rm")) as browser:
        answer = await browser.get("/tallies/sleeps/30")
    assert answer.status_code == 503
    assert "retry-after" in answer.headers


@pytest.mark.parametrize(("pauses", "arrives"), [([0.1] * 5, True), ([0.1, 5.0], False)])
async def test_an_answer_in_pieces_has_the_limit_for_each_and_one_that_stops_is_cut_off(
    pauses: list[float], *, arrives: bool
) -> None:
    async def inner(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for pause in pauses:
            await asyncio.sleep(pause)
            await send({"type": "http.response.body", "body": b"x", "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}
    await Edge(inner, metrics=Metrics("tally"), time_limit=0.3)(scope, receive, send)
    assert sum(pauses) > 0.3
    assert (sent[-1]["more_body"] is False) == arrives


async def test_requests_are_counted_by_route_and_never_by_path(issuer: TestIssuer) -> None:
    metrics = Metrics("tally")
    async with client(make_app(issuer, metrics=metrics), **issuer.bearer("rm")) as browser:
        for number in range(5):
            await browser.get(f"/tallies/{number}")
        await browser.get("/13812341234")
        await browser.request("PHONE13812341234", "/tallies")
    text = metrics.render().decode()
    assert 'method="GET",route="/tallies/{number}",service="tally",status="200"} 5.0' in text
    assert "13812341234" not in text
