"""How fast a worker is, of scoring and of churn-alert, beside the floor and one ORM transaction an event; in turn.

The half-year ends now and each record is published when it happened, so each is decided as in life. Published a year
late at one go, everybody would have been silent for a year at each event.
"""

import asyncio
from collections.abc import Sequence

from benchmarks.floor import TABLES
from benchmarks.ground import CONSOLE, Ground, middle, table, verdict
from benchmarks.load import CREATED, SPAN, fill
from rapport.clock import utc_now

ROUNDS = 3
COUNT = 120_000
NAIVE_COUNT = 1_500
CUSTOMERS = 5_000
SERVICES = ("scoring", "churn-alert")


def run(ground: Ground, services: Sequence[str] = SERVICES) -> None:
    """Fill a topic for each service, let each candidate read one whole, print the ratios."""
    prefixes = {service: ground.topics_of(_package(service), settings=CREATED) for service in services}
    start = utc_now() - SPAN
    for prefix in prefixes.values():
        asyncio.run(fill(ground.stack.bootstrap_servers, prefix, COUNT, CUSTOMERS, start=start))
    plain = prefixes[services[0]]
    speeds: dict[str, list[float]] = {name: [] for name in ("floor", "naive", *services)}
    for turn in range(ROUNDS):
        CONSOLE.print(f"throughput: round {turn + 1} of {ROUNDS}", highlight=False)
        speeds["floor"].append(COUNT / _floor(ground, plain))
        for service, prefix in prefixes.items():
            package = _package(service)
            environment = ground.service(package, prefix)
            speeds[service].append(COUNT / ground.run("ours", package, str(COUNT), environment=environment))
        speeds["naive"].append(NAIVE_COUNT / _naive(ground, plain))
    _print(speeds, services)


def _package(service: str) -> str:
    return service.replace("-", "_")


def _floor(ground: Ground, prefix: str) -> float:
    name = ground.database()
    ground.stack.run_sql(TABLES, database=name)
    dsn = ground.stack.admin_url(name).replace("+asyncpg", "")
    return ground.run("floor", dsn, ground.stack.bootstrap_servers, prefix, str(COUNT))


def _naive(ground: Ground, prefix: str) -> float:
    name = ground.database()
    ground.stack.run_sql(
        "CREATE TABLE naive_inbox (event_id text PRIMARY KEY);"
        "CREATE TABLE naive_tallies (customer_id text PRIMARY KEY, count bigint NOT NULL, total bigint NOT NULL);",
        database=name,
    )
    return ground.run("naive", ground.stack.admin_url(name), ground.stack.bootstrap_servers, prefix, str(NAIVE_COUNT))


def _print(speeds: dict[str, list[float]], services: Sequence[str]) -> None:
    shown = table("throughput of one worker, events/s", "candidate", "median", "rounds")
    for name, rounds in speeds.items():
        shown.add_row(name, f"{middle(rounds):,.0f}", " ".join(f"{speed:,.0f}" for speed in rounds))
    CONSOLE.print(shown)
    ratios = table("ratios, pair by pair", "", "median", "goal", "")
    for service in services:
        for beside, goal in (("floor", 0.40), ("naive", 30)):
            pairs = [ours / theirs for ours, theirs in zip(speeds[service], speeds[beside], strict=True)]
            ratios.add_row(*verdict(f"{service} worker / {beside}", middle(pairs), goal))
    CONSOLE.print(ratios)
