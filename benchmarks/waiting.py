"""How long people wait for what is told of a whole book: proof, tasks, alerts, stages; beside one bare statement over
the same rows.
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter, sleep

import httpx

from benchmarks import warned
from benchmarks.ground import CONSOLE, Ground, middle, table, verdict
from deploy.local.ports import free_port
from deploy.local.processes import PROJECT

CUSTOMERS = 200_000
ALERTS = 100_000
ROUNDS = 9
_MANAGER, _LEAD = "e-7", "e-8"
# What is asked, as whom, and the bare statement that reads the same rows.
READS = (
    ("GET /proof", "analyst", None, "/proof", "proof"),
    ("the same as a lead", "team_lead", _LEAD, "/proof", "proof"),
    ("GET /proof/page", "analyst", None, "/proof/page", "proof"),
    ("GET /tasks", "auditor", None, "/tasks", "tasks"),
    ("the same as a manager", "rm", _MANAGER, "/tasks", "tasks"),
    ("GET /alerts", "auditor", None, "/alerts", "alerts"),
    ("the same as a manager", "rm", _MANAGER, "/alerts", "alerts"),
    ("GET /lifecycle/funnel", "auditor", None, "/lifecycle/funnel", "funnel"),
    ("GET /lifecycle/dwell", "auditor", None, "/lifecycle/dwell", "dwell"),
)
GOAL_MS = 300.0


def run(ground: Ground, customers: int = CUSTOMERS) -> None:
    """Write the book, serve it both ways, ask in turn."""
    environment = ground.service(
        "churn_alert",
        ground.topics_of("churn_alert"),
        DATABASE__STATEMENT_TIMEOUT_MS="60000",
        API__REQUESTS_PER_SECOND="1000000",
        API__BURST="1000000",
    )
    alerts = customers * ALERTS // CUSTOMERS
    CONSOLE.print(f"waiting: {customers:,} customers and {alerts:,} alerts are being written", highlight=False)
    asyncio.run(warned.fill(environment["CHURN_ALERT_DATABASE__MIGRATION_URL"], customers, alerts))
    seconds = ground.run("noting", environment=environment)
    waited = _asked(ground, environment)
    shown = table(f"{customers:,} customers, {alerts:,} alerts: median ms", "", "ours", "bare", "ours / bare")
    for (name, *_), (ours, bare) in zip(READS, waited, strict=True):
        shown.add_row(name, f"{ours:,.0f}", f"{bare:,.0f}", f"{ours / bare:,.1f}")
    shown.add_row(*verdict("GET /proof, ms", waited[0][0], GOAL_MS, at_least=False))
    shown.add_row("noting of recency, once through, s", f"{seconds:,.1f}", "", "")
    CONSOLE.print(shown)


def _asked(ground: Ground, environment: dict[str, str]) -> list[tuple[float, float]]:
    with _served(environment) as (ours, bare):
        tokens = [ground.stack.issuer.token([role], subject=subject) for _, role, subject, _, _ in READS]
        waited: list[tuple[list[float], list[float]]] = [([], []) for _ in READS]
        for number in range(ROUNDS + 1):
            for (_, _, _, path, floor), token, (mine, theirs) in zip(READS, tokens, waited, strict=True):
                found = _milliseconds(f"{ours}{path}", token), _milliseconds(f"{bare}/{floor}", token)
                if number:  # the first warms up
                    mine.append(found[0])
                    theirs.append(found[1])
    return [(middle(mine), middle(theirs)) for mine, theirs in waited]


def _milliseconds(url: str, token: str) -> float:
    began = perf_counter()
    answer = httpx.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=60)
    if answer.status_code != 200:
        raise SystemExit(f"{url}: an answer that is not 200: {answer.text[:200]}")
    return (perf_counter() - began) * 1000.0


@contextmanager
def _served(environment: dict[str, str]) -> Iterator[tuple[str, str]]:
    api, bare, inner = free_port(), free_port(), free_port()
    own = environment | {"CHURN_ALERT_API__PORT": str(api), "CHURN_ALERT_OPERATIONS__PORT": str(inner)}
    dsn = environment["CHURN_ALERT_DATABASE__URL"].replace("+asyncpg", "")
    servers = [
        subprocess.Popen([sys.executable, "-m", "churn_alert", "api"], env=own, cwd=PROJECT),
        subprocess.Popen([sys.executable, "-m", "benchmarks.bare_book", dsn, str(bare)], cwd=PROJECT),
    ]
    try:
        for port in (api, bare):
            _wait(port)
        yield f"http://127.0.0.1:{api}", f"http://127.0.0.1:{bare}"
    finally:
        for server in servers:
            server.terminate()
            server.wait(20)


def _wait(port: int) -> None:
    for _ in range(300):
        try:
            httpx.get(f"http://127.0.0.1:{port}/openapi.json")
        except httpx.HTTPError:
            sleep(0.1)
        else:
            return
    raise SystemExit(f"nothing answers on port {port}")
