"""How fast a standing is read over REST with its evidence, token and lag, beside one bare row of the same table."""

import asyncio
import subprocess
import sys
from time import perf_counter, sleep

import httpx
import uvloop

from benchmarks.ground import CONSOLE, Ground, middle, table, verdict
from benchmarks.load import fill
from deploy.local.ports import free_port
from deploy.local.processes import PROJECT

CUSTOMERS = 500
EVENTS = 20_000
CONNECTIONS = 16
SECONDS = 4.0
ROUNDS = 3


def run(ground: Ground) -> None:
    """Fill standings, serve both ways, ask in turn."""
    prefix = ground.topics_of("scoring")
    asyncio.run(fill(ground.stack.bootstrap_servers, prefix, EVENTS, CUSTOMERS))
    api, bare, inner = free_port(), free_port(), free_port()
    environment = ground.scoring(
        prefix,
        API__PORT=str(api),
        OPERATIONS__PORT=str(inner),
        API__REQUESTS_PER_SECOND="1000000",
        API__BURST="1000000",
    )
    ground.run("ours", "scoring", str(EVENTS), environment=environment)
    dsn = environment["SCORING_DATABASE__URL"].replace("+asyncpg", "")
    servers = [
        subprocess.Popen([sys.executable, "-m", "scoring", "api"], env=environment, cwd=PROJECT),
        subprocess.Popen([sys.executable, "-m", "benchmarks.bare", dsn, str(bare)], cwd=PROJECT),
    ]
    token = ground.stack.issuer.token(["auditor"])
    try:
        rates: dict[int, list[float]] = {api: [], bare: []}
        for port in (api, bare):
            _wait(port, token)
        for _ in range(ROUNDS):
            for port, measured in rates.items():
                measured.append(uvloop.run(_ask(port, token)))
    finally:
        for server in servers:
            server.terminate()
            server.wait(20)
    pairs = [ours / floor for ours, floor in zip(rates[api], rates[bare], strict=True)]
    shown = table("GET of a standing, requests/s of one process", "", "median", "goal", "")
    shown.add_row("bare FastAPI + asyncpg", f"{middle(rates[bare]):,.0f}", "", "")
    shown.add_row("ours", f"{middle(rates[api]):,.0f}", "", "")
    shown.add_row(*verdict("ours / bare", middle(pairs), 0.7))
    CONSOLE.print(shown)


def _wait(port: int, token: str) -> None:
    for _ in range(200):
        try:
            answer = httpx.get(
                f"http://127.0.0.1:{port}/standings/c-000001", headers={"Authorization": f"Bearer {token}"}
            )
            if answer.status_code == 200:
                return
        except httpx.HTTPError:
            pass
        sleep(0.1)
    raise SystemExit(f"nothing answers on port {port}")


async def _ask(port: int, token: str) -> float:
    """Requests a second over some kept-alive connections; with a client of our own: httpx is the slower side."""
    until = perf_counter() + SECONDS
    counts = await asyncio.gather(*(_connection(port, token, number, until) for number in range(CONNECTIONS)))
    return sum(counts) / SECONDS


async def _connection(port: int, token: str, number: int, until: float) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    done = 0
    while perf_counter() < until:
        customer = (number * 131 + done * 17) % CUSTOMERS
        writer.write(
            f"GET /standings/c-{customer:06} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"an answer that is not 200: {head[:60]!r}")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        done += 1
    writer.close()
    return done
