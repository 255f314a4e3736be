"""The server says in one line why it cannot serve, and lets requests under way end."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from rapport.web.server import PortUnavailable, listen, serve
from tests.shared.web.apps import make_app
from tests.support.tokens import TestIssuer


def port_of(bound: socket.socket) -> int:
    return int(bound.getsockname()[1])


async def test_requests_under_way_end_and_new_ones_are_refused(issuer: TestIssuer) -> None:
    bound, stop = listen("127.0.0.1", 0, setting="TALLY_API__PORT"), asyncio.Event()
    address = f"http://127.0.0.1:{port_of(bound)}"
    serving = asyncio.create_task(serve(make_app(issuer), bound, stop=stop))
    async with httpx.AsyncClient(base_url=address, headers=issuer.bearer("rm")) as browser:
        first = await browser.get("/tallies/1")
        assert (first.status_code, first.json()) == (200, 1)
        assert "server" not in first.headers
        slow = asyncio.create_task(browser.get("/tallies/sleeps/0.5"))
        await asyncio.sleep(0.2)
        stop.set()
        assert (await slow).status_code == 200
    await asyncio.wait_for(serving, 5)
    with pytest.raises(httpx.ConnectError):
        await httpx.AsyncClient().get(f"{address}/health/live")


def test_a_port_in_use_is_one_line_with_the_remedy() -> None:
    taken = listen("127.0.0.1", 0, setting="X")
    with taken, pytest.raises(PortUnavailable) as refused:
        listen("127.0.0.1", port_of(taken), setting="TALLY_API__PORT")
    text = str(refused.value)
    assert "TALLY_API__PORT" in text
    assert "\n" not in text


@pytest.mark.parametrize("host", ["203.0.113.1", "no such host"])
def test_an_address_that_is_not_ours_is_one_line_too(host: str) -> None:
    with pytest.raises(PortUnavailable, match="cannot serve"):
        listen(host, 0, setting="TALLY_API__HOST")


async def test_an_app_that_cannot_start_is_an_error(issuer: TestIssuer) -> None:
    @asynccontextmanager
    async def broken(_: FastAPI) -> AsyncIterator[None]:
        raise OSError("no database")
        yield

    bound = listen("127.0.0.1", 0, setting="X")
    with pytest.raises(RuntimeError, match="could not start"):
        await serve(make_app(issuer, lifespan=broken), bound, stop=asyncio.Event())


async def test_forwarded_headers_of_a_caller_are_not_believed(issuer: TestIssuer) -> None:
    app = make_app(issuer)
    seen: list[tuple[str, str]] = []

    async def record(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            seen.append((scope["client"][0], scope["scheme"]))
        await app(scope, receive, send)

    bound, stop = listen("127.0.0.1", 0, setting="X"), asyncio.Event()
    serving = asyncio.create_task(serve(record, bound, stop=stop))
    async with httpx.AsyncClient() as browser:
        forged = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https", "Forwarded": "for=203.0.113.9"}
        await browser.get(f"http://127.0.0.1:{port_of(bound)}/health/live", headers=forged)
    stop.set()
    await serving
    assert seen == [("127.0.0.1", "http")]
