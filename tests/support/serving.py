"""Each service as its tests have it: over a database of its own, in wall or stream time, with its API.

A folder of tests says which service it is about by a fixture `subject`; the fixtures here do the rest.
"""

import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from rapport.composition import Composition, Runtime
from rapport.messaging.observer import Observer
from rapport.serving import api_of
from rapport.settings import ServiceSettings
from tests.support.delivering import Delivering
from tests.support.stack import FreshDatabase
from tests.support.tokens import ISSUER, TestIssuer

Start = Callable[..., Awaitable[Delivering]]
"""Starts the service in a time mode, each time over a database of its own."""
HOLD_OUT_KEY = sha256(b"hold-out 181").digest()
"""By it c-1 is treated in every delivered experiment, and c-17 held out of `care-of-warned`."""
NOWHERE = FreshDatabase("nothing", "postgresql+asyncpg://nowhere", "postgresql+asyncpg://nowhere")


@dataclass(frozen=True, slots=True)
class Subject:
    """A service under test. `mode`: the time it is tested in. `roles`: whose token a client of its API has."""

    package: str
    roles: tuple[str, ...]
    mode: str = "wall"
    who: str = "employee-1"
    has_docs: bool = False

    def compose(self, settings: ServiceSettings) -> Composition:
        """The service as its `main.py` puts it together."""
        return import_module(f"{self.package}.main").compose(settings)

    def settings(self, database: FreshDatabase, folder: Path, *, mode: str, **groups: Any) -> ServiceSettings:
        """Settings over this database; `folder` holds the key and the issuer's public keys."""
        return import_module(f"{self.package}.settings").Settings.model_validate(
            {
                "database": {"url": database.url, "migration_url": database.owner_url},
                "kafka": {"bootstrap_servers": "127.0.0.1:1"},
                "auth": {"issuer": ISSUER, "jwks": str(folder / "jwks.json")},
                "encryption": {"key_file": folder / "key"},
                "look_up": {"key_file": folder / "look-up-key"},
                "hold_out": {"key_file": folder / "hold-out-key"},
                "time": {"mode": mode},
                "api": {"docs": self.has_docs, "burst": 1000, "requests_per_second": 1000},
                **groups,
            }
        )

    def runtime(self, settings: ServiceSettings, *, role: str = "worker") -> Runtime:
        """The service's working parts; nothing is connected yet."""
        return Runtime(self.compose(settings), settings, role=role, observer=Observer())


SUBJECTS = {
    subject.package: subject
    for subject in (
        Subject("customer_profile", ("data_admin",), who="e-7", has_docs=True),
        # Support sees everybody's customers and may do no more than these: who sees whom is tested in `access`.
        Subject("scoring", ("rm", "support")),
        Subject("churn_alert", ("rm", "support"), mode="stream"),
        Subject("feedback", ("complaint_officer",)),
    )
}


@pytest.fixture(scope="session")
def issuer() -> TestIssuer:
    """Who signs the tokens of this session."""
    return TestIssuer()


@pytest.fixture
def key_folder(issuer: TestIssuer, tmp_path: Path) -> Path:
    """The files that settings name."""
    (tmp_path / "key").write_text("1:" + base64.b64encode(bytes(range(32))).decode())
    (tmp_path / "look-up-key").write_text("1:" + base64.b64encode(bytes(range(1, 33))).decode())
    (tmp_path / "hold-out-key").write_text("1:" + base64.b64encode(HOLD_OUT_KEY).decode())
    issuer.write_jwks(tmp_path)
    return tmp_path


@pytest.fixture
def empty_database(fresh_database: Callable[..., FreshDatabase], subject: Subject) -> Callable[[], FreshDatabase]:
    """A migrated database without rows, another one each time."""
    return partial(fresh_database, subject.package)


@pytest.fixture
def make_settings(
    subject: Subject, empty_database: Callable[[], FreshDatabase], key_folder: Path
) -> Callable[..., ServiceSettings]:
    """`make_settings("stream", currency="CZK")`: over an empty database, the keywords as settings of the bank."""

    def make(mode: str = subject.mode, **bank: Any) -> ServiceSettings:
        return subject.settings(empty_database(), key_folder, mode=mode, **({"bank": bank} if bank else {}))

    return make


@pytest.fixture
async def running(subject: Subject, make_settings: Callable[..., ServiceSettings]) -> AsyncIterator[Start]:
    """See `Start`."""
    started: list[Delivering] = []

    async def start(mode: str = subject.mode, **bank: Any) -> Delivering:
        delivering = Delivering(subject.runtime(make_settings(mode, **bank)))
        started.append(delivering)
        await delivering.begin()
        return delivering

    yield start
    for delivering in started:
        await delivering.runtime.close()


@pytest.fixture
async def service(running: Start) -> Delivering:
    """The service in the time it is tested in."""
    return await running()


@pytest.fixture
async def replaying(running: Start) -> Delivering:
    """The service in stream time."""
    return await running("stream")


@pytest.fixture
def app(service: Delivering) -> FastAPI:
    """The API of `service`."""
    return api_of(service.runtime)


@pytest.fixture
async def api(app: FastAPI, subject: Subject, issuer: TestIssuer) -> AsyncIterator[httpx.AsyncClient]:
    """A client of it, with a token of the subject's roles."""
    headers = issuer.bearer(*subject.roles, subject=subject.who)
    address = f"http://{subject.package.replace('_', '-')}"
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=address, headers=headers) as client:
        yield client
