"""How long a withdrawal of consent takes to have its effect: from the beginning of its POST until the customer's tier
is in the hands of people in scoring, the customer's open alert is closed in churn-alert, feedback's copy has the no.

One after the other, once every service has worked off its backlog, on shipped processes: customer-profile's api and
its worker, and a worker of each other service. Each customer had paid every other day for half a year and then no more.
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any, NamedTuple

import httpx
import uvloop
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.ground import CONSOLE, Ground, table, verdict
from deploy.local.ports import free_port
from deploy.local.processes import PROJECT
from rapport.clock import utc_now
from rapport.database import create_engine
from rapport.events.bank import TransactionRecorded
from simulator.publisher import publish
from simulator.wire import Record, Wire

WITHDRAWALS = 200
PAYMENTS = 90
"""Of each customer."""
PATIENCE = 120.0
"""Seconds after which a withdrawal, or what leads up to all of them, counts as lost."""
GOALS = {"p50": 500.0, "p99": 2000.0}
"""Milliseconds: within seconds is what is promised."""
DAY = timedelta(days=1)
NOTICED = "2026-02-01T00:00:00Z"
"""When every purpose had its first notice."""


class Effect(NamedTuple):
    """What stops in a service when consent to a purpose is withdrawn; `stopped`: SQL, true of a customer by then."""

    service: str
    purpose: str
    stopped: str
    ready: str
    """SQL: how many customers there are in whom it can be seen."""


_ALLOWED = "(purposes -> 'satisfaction-survey' ->> 'allowed')::boolean"
EFFECTS = (
    Effect(
        "scoring",
        "tiering",
        "SELECT consent_refused FROM standings WHERE customer_id = :customer",
        f"SELECT count(*) FROM standings WHERE NOT consent_refused AND transactions = {PAYMENTS}",
    ),
    Effect(
        "churn_alert",
        "churn-care",
        "SELECT outcome = 'consent-refused' FROM alerts WHERE customer_id = :customer",
        "SELECT count(*) FROM alerts WHERE status = 'opened'",
    ),
    Effect(
        "feedback",
        "satisfaction-survey",
        f"SELECT NOT {_ALLOWED} FROM consents WHERE customer_id = :customer",
        f"SELECT count(*) FROM consents WHERE {_ALLOWED}",
    ),
)


def run(ground: Ground) -> None:
    """Start the five, have every customer grant and fall silent, then let one after the other withdraw."""
    prefix, port = ground.topics(), free_port()
    limits = {"API__REQUESTS_PER_SECOND": "1000000", "API__BURST": "1000000"}
    profile = ground.service("customer_profile", prefix, API__PORT=str(port), OPERATIONS__PORT="0", **limits)
    others = {one.service: ground.service(one.service, prefix, OPERATIONS__PORT="0") for one in EFFECTS}
    started = [("customer_profile", "api", profile), ("customer_profile", "worker", profile)]
    started += [(name, "worker", env) for name, env in others.items()]
    processes = [subprocess.Popen([sys.executable, "-m", *names], env=env, cwd=PROJECT) for *names, env in started]
    headers = {"Authorization": f"Bearer {ground.stack.issuer.token(['service'])}"}
    client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers)
    urls = {name: env[f"{name.upper()}_DATABASE__URL"] for name, env in others.items()}
    try:
        found = uvloop.run(_measure(client, urls, Wire(prefix=prefix), ground.stack.bootstrap_servers))
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(20)
    for effect, (answered, effective) in found.items():
        _show(effect, sorted(answered), sorted(effective))


def _show(effect: Effect, answered: list[float], effective: list[float]) -> None:
    title = f"{effect.purpose} withdrawn until {effect.service} has stopped, ms ({len(effective)})"
    shown = table(title, "", "answered", "stopped", "", "")
    for name, share in (("p50", 0.50), ("p99", 0.99)):
        row, reached, *judged = verdict(name, _quantile(effective, share), GOALS[name], at_least=False)
        shown.add_row(row, f"{_quantile(answered, share):,.2f}", reached, *judged)
    shown.add_row("longest", f"{answered[-1] * 1000:,.2f}", f"{effective[-1] * 1000:,.2f}", "", "")
    CONSOLE.print(shown)


def _quantile(times: list[float], share: float) -> float:
    return times[min(int(len(times) * share), len(times) - 1)] * 1000


async def _measure(
    client: httpx.AsyncClient, urls: dict[str, str], wire: Wire, bootstrap: str
) -> dict[Effect, tuple[list[float], list[float]]]:
    """Of each effect the seconds until the POSTs are answered, and until it is there."""
    customers = [f"c-{number}" for number in range(WITHDRAWALS)]
    found = {}
    async with client as api:
        await _until_ready(api)
        for customer in customers:
            await _grant(api, customer)
        await publish(_lives(customers, wire), bootstrap)
        engines = {one: create_engine(urls[one.service], application="bench", pool_size=1) for one in EFFECTS}
        for effect, engine in engines.items():
            await _until_all(engine, effect)
        for effect, engine in engines.items():
            found[effect] = await _withdraw_all(api, engine, customers, effect)
            await engine.dispose()
    return found


async def _withdraw_all(
    api: httpx.AsyncClient, engine: AsyncEngine, customers: list[str], effect: Effect
) -> tuple[list[float], list[float]]:
    answered, effective = [], []
    for customer in customers:
        began = perf_counter()
        await _post(api, customer, {"purpose": effect.purpose, "act": "withdrawn"})
        answered.append(perf_counter() - began)
        while not await _value(engine, effect.stopped, customer=customer):
            if perf_counter() - began > PATIENCE:
                raise SystemExit(f"a withdrawal of {effect.purpose} had no effect within {PATIENCE:g} s")
            await asyncio.sleep(0.001)
        effective.append(perf_counter() - began)
    return answered, effective


async def _until_ready(api: httpx.AsyncClient) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                if (await api.get("/health/ready")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)


async def _grant(api: httpx.AsyncClient, customer: str) -> None:
    new = {"customer_id": customer, "unit": "B0001", "customer_since": "2020-01-01"}
    (await api.post("/customers", json=new)).raise_for_status()
    proof = {"notice_version": 1, "is_separate": True, "evidence_digest": "ab" * 32, "occurred_at": NOTICED}
    for effect in EFFECTS:
        await _post(api, customer, {"purpose": effect.purpose, "act": "granted", **proof})


async def _post(api: httpx.AsyncClient, customer: str, act: dict[str, object]) -> None:
    answer = await api.post(f"/customers/{customer}/consents", json={"channel": "mobile", **act})
    answer.raise_for_status()


def _lives(customers: list[str], wire: Wire) -> Iterator[Record]:
    """Payments of every other day, from 250 days ago to 70 days ago."""
    stamp = wire.stamp(TransactionRecorded, "core")
    first = utc_now() - 250 * DAY
    for number in range(PAYMENTS):
        at = first + 2 * number * DAY
        for customer in customers:
            paid = _payment(customer, f"t-{number}", at)
            yield wire.told(paid, stamp, identifier=f"{customer}-{number}", time_ms=int(at.timestamp() * 1000))


def _payment(customer: str, number: str, at: datetime) -> TransactionRecorded:
    return TransactionRecorded(
        source="core",
        transaction_no=number,
        account_id=f"a-{customer}",
        customer_id=customer,
        amount="35.00",
        currency="CNY",
        direction="debit",
        kind="card-purchase",
        initiator="customer",
        channel="card",
        counterparty_class="merchant",
        occurred_at=at.astimezone(UTC),
    )


async def _until_all(engine: AsyncEngine, effect: Effect) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            if await _value(engine, effect.ready) == WITHDRAWALS:
                return
            await asyncio.sleep(0.2)


async def _value(engine: AsyncEngine, sql: str, **values: str) -> Any:
    async with engine.connect() as connection:
        return (await connection.execute(text(sql), values)).scalar_one_or_none()
