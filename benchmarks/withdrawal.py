"""How long a withdrawal of consent takes to have its effect in another service: from the beginning of its POST until
scoring's own copy no longer allows the purpose. One after the other, nothing else going on, on three shipped processes:
customer-profile's api and its worker, and a worker of scoring.
"""

import asyncio
import subprocess
import sys
from time import perf_counter

import httpx
import uvloop
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.ground import CONSOLE, Ground, table, verdict
from deploy.local.ports import free_port
from deploy.local.processes import PROJECT
from rapport.consent.store import refusing, versions_of
from rapport.database import create_engine

WITHDRAWALS = 200
PURPOSE = "marketing-sms"
PATIENCE = 30.0
"""Seconds after which a withdrawal counts as lost."""
GOALS = {"p50": 500.0, "p99": 2000.0}
"""Milliseconds: within seconds is what is promised."""


def run(ground: Ground) -> None:
    """Start the three, have every customer grant, then let one after the other withdraw."""
    prefix = ground.topics()
    port = free_port()
    limits = {"API__REQUESTS_PER_SECOND": "1000000", "API__BURST": "1000000"}
    profile = ground.service("customer_profile", prefix, API__PORT=str(port), OPERATIONS__PORT="0", **limits)
    scoring = ground.scoring(prefix, OPERATIONS__PORT="0")
    started = [("customer_profile", "api", profile), ("customer_profile", "worker", profile)]
    started += [("scoring", "worker", scoring)]
    processes = [subprocess.Popen([sys.executable, "-m", *names], env=env, cwd=PROJECT) for *names, env in started]
    headers = {"Authorization": f"Bearer {ground.stack.issuer.token(['service'])}"}
    client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers)
    try:
        answered, effective = uvloop.run(_measure(client, scoring["SCORING_DATABASE__URL"]))
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(20)
    _show(sorted(answered), sorted(effective))


def _show(answered: list[float], effective: list[float]) -> None:
    shown = table(
        f"a withdrawal until another service heeds it, ms ({len(effective)})", "", "answered", "heeded", "", ""
    )
    for name, share in (("p50", 0.50), ("p99", 0.99)):
        row, reached, *judged = verdict(name, _quantile(effective, share), GOALS[name], at_least=False)
        shown.add_row(row, f"{_quantile(answered, share):,.2f}", reached, *judged)
    shown.add_row("longest", f"{answered[-1] * 1000:,.2f}", f"{effective[-1] * 1000:,.2f}", "", "")
    CONSOLE.print(shown)


def _quantile(times: list[float], share: float) -> float:
    return times[min(int(len(times) * share), len(times) - 1)] * 1000


async def _measure(client: httpx.AsyncClient, url: str) -> tuple[list[float], list[float]]:
    """Seconds until the POST is answered, and until the copy heeds it, of each withdrawal."""
    answered, effective = [], []
    engine = create_engine(url, application="bench", pool_size=1)
    async with client as api:
        await _until_ready(api)
        customers = [f"c-{number}" for number in range(WITHDRAWALS)]
        for customer in customers:
            await _grant(api, customer)
        await _until_allowed(engine, customers)
        for customer in customers:
            began = perf_counter()
            await _post(api, f"/customers/{customer}/consents", {"act": "withdrawn", "channel": "mobile"})
            answered.append(perf_counter() - began)
            while not await _refused(engine, customer):
                if perf_counter() - began > PATIENCE:
                    raise SystemExit(f"a withdrawal had no effect within {PATIENCE:g} s")
                await asyncio.sleep(0.001)
            effective.append(perf_counter() - began)
    await engine.dispose()
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
    grant = {"act": "granted", "channel": "mobile", "notice_version": 1, "evidence_digest": "ab" * 32}
    await _post(api, f"/customers/{customer}/consents", grant)


async def _post(api: httpx.AsyncClient, path: str, act: dict[str, object]) -> None:
    (await api.post(path, json={"purpose": PURPOSE, **act})).raise_for_status()


async def _until_allowed(engine: AsyncEngine, customers: list[str]) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            if len(await _granted(engine, customers)) == len(customers):
                return
            await asyncio.sleep(0.05)


async def _granted(engine: AsyncEngine, customers: list[str]) -> dict[str, int]:
    async with engine.connect() as connection:
        return await versions_of(connection, customers)


async def _refused(engine: AsyncEngine, customer: str) -> bool:
    async with engine.connect() as connection:
        return bool(await refusing(connection, [customer], PURPOSE))
