"""What the tests of churn-alert share: the service over an empty database of its own, and its API."""

import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from churn_alert.main import compose
from churn_alert.settings import Settings
from rapport.composition import Runtime
from rapport.messaging.observer import Observer
from rapport.serving import api_of
from tests.support.delivering import Delivering
from tests.support.stack import FreshDatabase
from tests.support.tokens import ISSUER, TestIssuer

Start = Callable[..., Awaitable[Delivering]]


@pytest.fixture(scope="session")
def issuer() -> TestIssuer:
    return TestIssuer()


@pytest.fixture
def make_settings(
    fresh_database: Callable[..., FreshDatabase], issuer: TestIssuer, tmp_path: Path
) -> Callable[..., Settings]:
    """Settings over a fresh database, in wall or stream time."""
    key_file = tmp_path / "key"
    key_file.write_text("1:" + base64.b64encode(bytes(range(32))).decode())
    auth = {"issuer": ISSUER, "jwks": str(issuer.write_jwks(tmp_path))}

    def make(mode: str = "stream", **bank: Any) -> Settings:
        database = fresh_database("churn_alert")
        return Settings.model_validate(
            {
                "database": {"url": database.url, "migration_url": database.owner_url},
                "kafka": {"bootstrap_servers": "127.0.0.1:1"},
                "auth": auth,
                "encryption": {"key_file": key_file},
                "time": {"mode": mode},
                "api": {"burst": 1000, "requests_per_second": 1000},
                "bank": bank,
            }
        )

    return make


@pytest.fixture
async def running(make_settings: Callable[..., Settings]) -> AsyncIterator[Start]:
    """Starts the service in a time mode, each time over a database of its own."""
    started: list[Delivering] = []

    async def start(mode: str = "stream", **bank: Any) -> Delivering:
        settings = make_settings(mode, **bank)
        delivering = Delivering(Runtime(compose(settings), settings, role="worker", observer=Observer()))
        started.append(delivering)
        await delivering.begin()
        return delivering

    yield start
    for delivering in started:
        await delivering.runtime.close()


@pytest.fixture
async def service(running: Start) -> Delivering:
    """The service in stream time: the customers' clock is that of their events."""
    return await running("stream")


@pytest.fixture
def app(service: Delivering) -> FastAPI:
    return api_of(service.runtime)


@pytest.fixture
async def api(app: FastAPI, issuer: TestIssuer) -> AsyncIterator[httpx.AsyncClient]:
    """A client with the token of a customer manager."""
    transport = httpx.ASGITransport(app)
    headers = issuer.bearer("rm")
    async with httpx.AsyncClient(transport=transport, base_url="http://churn-alert", headers=headers) as client:
        yield client
