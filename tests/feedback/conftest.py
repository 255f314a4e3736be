"""What the tests of feedback share: an empty database, the service over it, and its API."""

import base64
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Literal

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from feedback.main import compose
from feedback.settings import Settings
from rapport.composition import Runtime
from rapport.database import create_engine
from rapport.messaging.observer import Observer
from rapport.serving import api_of
from tests.support.delivering import Delivering
from tests.support.stack import Databases, FreshDatabase
from tests.support.tokens import ISSUER, TestIssuer

# Deleting is faster than TRUNCATE, which makes new files, on tables of a few rows.
_DELETE_EVERYTHING = """
DO $$ DECLARE name text; BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename !~ '^(alembic|inbox_)' LOOP
    EXECUTE format('DELETE FROM %I', name);
  END LOOP;
END $$
"""


@pytest.fixture(scope="session")
def database(databases: Databases) -> Iterator[FreshDatabase]:
    """One for all these tests, emptied before each: a copy for every test would take most of their time."""
    made = databases.fresh("feedback")
    yield made
    databases.drop(made)


@pytest.fixture(scope="session")
def issuer() -> TestIssuer:
    return TestIssuer()


@pytest.fixture
async def make_settings(
    database: FreshDatabase, issuer: TestIssuer, tmp_path: Path
) -> Callable[[Literal["wall", "stream"]], Settings]:
    """Settings over the emptied database, in wall or stream time."""
    await _empty(database)
    key_file = tmp_path / "key"
    key_file.write_text("1:" + base64.b64encode(bytes(range(32))).decode())

    def make(mode: Literal["wall", "stream"]) -> Settings:
        return Settings.model_validate(
            {
                "database": {"url": database.url, "migration_url": database.owner_url},
                "kafka": {"bootstrap_servers": "127.0.0.1:1"},
                "auth": {"issuer": ISSUER, "jwks": str(issuer.write_jwks(tmp_path))},
                "encryption": {"key_file": key_file},
                "time": {"mode": mode},
                "api": {"burst": 1000, "requests_per_second": 1000},
            }
        )

    return make


async def _empty(database: FreshDatabase) -> None:
    engine = create_engine(database.owner_url, application="test", pool_size=1)
    async with engine.begin() as connection:
        await connection.execute(text(_DELETE_EVERYTHING))
    await engine.dispose()


async def _running(settings: Settings) -> AsyncIterator[Delivering]:
    delivering = Delivering(Runtime(compose(settings), settings, role="worker", observer=Observer()))
    await delivering.begin()
    yield delivering
    await delivering.runtime.close()


@pytest.fixture
async def service(make_settings: Callable[[Literal["wall", "stream"]], Settings]) -> AsyncIterator[Delivering]:
    """The service in wall time."""
    async for delivering in _running(make_settings("wall")):
        yield delivering


@pytest.fixture
async def replaying(make_settings: Callable[[Literal["wall", "stream"]], Settings]) -> AsyncIterator[Delivering]:
    """The service in stream time."""
    async for delivering in _running(make_settings("stream")):
        yield delivering


@pytest.fixture
def app(service: Delivering) -> FastAPI:
    return api_of(service.runtime)


@pytest.fixture
async def api(app: FastAPI, issuer: TestIssuer) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the service in wall time, with the token of a complaint officer."""
    transport = httpx.ASGITransport(app)
    headers = issuer.bearer("complaint_officer")
    async with httpx.AsyncClient(transport=transport, base_url="http://feedback", headers=headers) as client:
        yield client
