"""A database that is away, slow or full is 503 with Retry-After; a fault of ours stays 500."""

import asyncio
import time

import pytest
from fastapi import APIRouter, FastAPI, Request
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from rapport.errors import sqlstate
from rapport.settings import ApiSettings
from rapport.telemetry.metrics import Metrics
from rapport.web import create_app, read
from rapport.web.availability import is_unavailable
from rapport.web.health import Check
from tests.shared.web.apps import backend, client
from tests.support.tokens import TestIssuer


def _app(issuer: TestIssuer, engine: AsyncEngine, **checks: Check) -> FastAPI:
    router = APIRouter()

    @router.get("/sql")
    async def run(request: Request, statement: str) -> str:
        async with read(request) as connection:
            return str((await connection.execute(text(statement))).scalar_one())

    return create_app(
        title="Tally",
        backend=backend(issuer, engine),
        settings=ApiSettings(),
        routers=[router],
        problems={},
        checks=checks,
        metrics=Metrics("tally"),
    )


@pytest.mark.parametrize(
    ("statement", "status"),
    [
        ("SELECT 1", 200),
        ("SELECT pg_sleep(4)", 503),
        ("SELECT pg_terminate_backend(pg_backend_pid())", 503),
        ("SELECT pg_cancel_backend(pg_backend_pid()), pg_sleep(1)", 503),
        ("SELECT 1/0", 500),
        ("SELECT * FROM none", 500),
    ],
)
async def test_each_fault_has_its_status(statement: str, status: int, engine: AsyncEngine, issuer: TestIssuer) -> None:
    async with client(_app(issuer, engine)) as browser:
        answer = await browser.get("/sql", params={"statement": statement})
        assert answer.status_code == status
        assert ("retry-after" in answer.headers) is (status == 503)
        # The pool has thrown away what was broken.
        assert (await browser.get("/sql", params={"statement": "SELECT 2"})).json() == "2"


async def test_a_full_pool_is_503_within_the_time_limit(engine: AsyncEngine, issuer: TestIssuer) -> None:
    small = create_async_engine(engine.url, pool_size=1, max_overflow=0, pool_timeout=0.5)
    async with client(_app(issuer, small)) as browser, small.connect():
        began = time.monotonic()
        answer = await browser.get("/sql", params={"statement": "SELECT 1"})
    await small.dispose()
    assert answer.status_code == 503
    assert time.monotonic() - began < 5


async def test_a_database_that_is_away_is_503_and_readiness_names_it(issuer: TestIssuer) -> None:
    away = create_async_engine("postgresql+asyncpg://nobody:none@127.0.0.1:1/none")
    async with client(_app(issuer, away)) as browser:
        answer = await browser.get("/sql", params={"statement": "SELECT 1"})
        ready, live = await browser.get("/health/ready"), await browser.get("/health/live")
    assert (answer.status_code, ready.status_code, live.status_code) == (503, 503, 200)
    assert ready.json()["errors"] == [{"check": "database", "reason": "fails with ConnectionRefusedError"}]


async def test_a_wrong_password_is_not_ready_and_says_no_password(engine: AsyncEngine, issuer: TestIssuer) -> None:
    wrong = create_async_engine(engine.url.set(password="wrong-secret"))
    async with client(_app(issuer, wrong)) as browser:
        ready = await browser.get("/health/ready")
    assert ready.status_code == 503
    assert "secret" not in ready.text


async def test_readiness_asks_every_check_each_time_and_waits_for_none(engine: AsyncEngine, issuer: TestIssuer) -> None:
    fault: str | None = "consumer: starting"

    async def worker() -> str | None:
        return fault

    async def stuck() -> str | None:
        await asyncio.sleep(60)
        return None

    async def broken() -> str | None:
        raise RuntimeError("13812341234")

    async with client(_app(issuer, engine, worker=worker)) as browser:
        before = await browser.get("/health/ready")
        fault = None
        after = await browser.get("/health/ready")
    assert before.json()["errors"] == [{"check": "worker", "reason": "consumer: starting"}]
    assert (after.status_code, after.json()["checks"]) == (200, ["database", "worker"])
    async with client(_app(issuer, engine, stuck=stuck, broken=broken)) as browser:
        async with asyncio.timeout(4):
            both = await browser.get("/health/ready")
    assert {error["check"]: error["reason"] for error in both.json()["errors"]} == {
        "stuck": "does not answer in time",
        "broken": "fails with RuntimeError",
    }


def test_what_is_not_of_a_database_has_no_code() -> None:
    assert sqlstate(ValueError()) is None
    assert not is_unavailable(ValueError())
    assert is_unavailable(TimeoutError())
