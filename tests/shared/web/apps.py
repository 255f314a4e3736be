"""A small service for tests of the web layer: one operation for each way a request can end."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import httpx
from fastapi import APIRouter, Depends, FastAPI
from pydantic import Field
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from rapport.errors import DomainError
from rapport.messaging.service import Service
from rapport.messaging.transaction import Transactions
from rapport.privacy.encryption import MasterKeys, ServiceCipher
from rapport.settings import ApiSettings
from rapport.web import Authenticator, Backend, Body, Page, Paging, Principal, create_app, require
from rapport.web.keys import IssuerKeys
from tests.support.tokens import AUDIENCE, ISSUER, TestIssuer

NOWHERE = "postgresql+asyncpg://nobody:none@127.0.0.1:1/none"


class TallyTooHigh(DomainError):
    """The tally is at its limit."""


class TallyMissing(DomainError):
    """There is no such tally."""


PROBLEMS = {TallyTooHigh: (409, "The tally is at its limit"), TallyMissing: (404, "No such tally")}
Reader = Annotated[Principal, Depends(require("alerts:read"))]
Writer = Annotated[Principal, Depends(require("alerts:write"))]


class DatabaseError(Exception):
    """As asyncpg raises: a SQLSTATE, and a text that quotes the row."""

    def __init__(self, sqlstate: str, text: str) -> None:
        super().__init__(text)
        self.sqlstate = sqlstate


def _wrapped(sqlstate: str, text: str = "") -> DBAPIError:
    return DBAPIError("INSERT INTO t VALUES ($1)", {"phone": text}, DatabaseError(sqlstate, text))


FAILURES: dict[str, Callable[[str], BaseException]] = {
    "own": RuntimeError,
    "value": ValueError,
    "missing": lambda _: TallyMissing("there is no such tally"),
    "conflict": lambda _: TallyTooHigh("the tally is at its limit"),
    "unique": lambda text: _wrapped("23505", f"Key (phone)=({text}) already exists"),
    "restart": lambda text: _wrapped("57P01", text),
    "statement-timeout": lambda text: _wrapped("57014", text),
    "deadlock": lambda text: _wrapped("40P01", text),
    "connection": lambda text: ConnectionRefusedError(111, text),
    "pool": PoolTimeout,
    "operational": lambda text: OperationalError("SELECT 1", {}, DatabaseError("08006", text)),
}


class Order(Body):
    """A request with one rule of each kind."""

    name: str = Field(min_length=1, max_length=20)
    amount: float = Field(gt=0)
    kind: Annotated[str, Field(pattern="^[a-z]+$")] = "x"


def routes() -> APIRouter:
    """The operations of the small service."""
    router = APIRouter(prefix="/tallies", tags=["tallies"])

    @router.get("")
    async def list_tallies(_: Reader, paging: Annotated[Paging, Depends(Paging.by(int, str))]) -> Page[int]:
        start = paging.after[0] + 1 if paging.after else 0
        rows = list(range(start, min(start + paging.limit + 1, 10)))
        return paging.page(rows, item=lambda row: row, key=lambda row: (row, "k"))

    @router.get("/{number}")
    async def show_tally(number: int, _: Reader) -> int:
        return number

    @router.post("", status_code=201)
    async def make_order(order: Order, _: Writer) -> str:
        return order.name

    @router.post("/failures/{kind}")
    async def fail(kind: str, order: Order, _: Writer) -> None:
        raise FAILURES[kind](order.name)

    @router.get("/sleeps/{seconds}")
    async def sleep(seconds: float, _: Reader) -> None:
        await asyncio.sleep(seconds)

    return router


def authenticator(issuer: TestIssuer) -> Authenticator:
    """Accepts the tokens of the test issuer."""

    async def fetch() -> bytes:
        return json.dumps(issuer.jwks()).encode()

    return Authenticator(issuer=ISSUER, audience=AUDIENCE, keys=IssuerKeys(fetch))


def backend(issuer: TestIssuer, engine: AsyncEngine | None = None) -> Backend:
    """A backend; without an engine its database is away."""
    cipher = ServiceCipher("tally", MasterKeys({1: b"k" * 32}))
    engine = engine or create_async_engine(NOWHERE)
    service = Service(name="tally", hears={}, partitions=24, topic_prefix="", is_stream_time=False, seal=cipher)
    return Backend(
        service="tally",
        engine=engine,
        transactions=Transactions(engine, service),
        authenticator=authenticator(issuer),
        cipher=cipher,
    )


def make_app(issuer: TestIssuer, **options: Any) -> FastAPI:
    """The small service's API."""
    settings = options.pop("settings", ApiSettings(burst=10_000, requests_per_second=10_000))
    routers = options.pop("routers", [routes()])
    behind = options.pop("backend", None) or backend(issuer)
    problems = options.pop("problems", PROBLEMS)
    return create_app(title="Tally", backend=behind, settings=settings, routers=routers, problems=problems, **options)


def client(app: FastAPI, **headers: str) -> httpx.AsyncClient:
    """A client of an app, without a network."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://tally", headers=headers)


Send = Callable[[dict[str, Any]], Awaitable[None]]
