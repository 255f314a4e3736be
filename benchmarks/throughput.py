"""How fast a worker of scoring is, beside the floor and one ORM transaction an event; rounds in turn."""

import asyncio

from benchmarks.floor import TABLES
from benchmarks.ground import CONSOLE, Ground, middle, table, verdict
from benchmarks.load import fill

ROUNDS = 3
COUNT = 120_000
NAIVE_COUNT = 1_500
CUSTOMERS = 5_000


def run(ground: Ground) -> None:
    """Fill one topic, let each candidate read it whole, print the ratios."""
    prefix = ground.topics_of("scoring")
    asyncio.run(fill(ground.stack.bootstrap_servers, prefix, COUNT, CUSTOMERS))
    speeds: dict[str, list[float]] = {"floor": [], "ours": [], "naive": []}
    for turn in range(ROUNDS):
        CONSOLE.print(f"throughput: round {turn + 1} of {ROUNDS}", highlight=False)
        speeds["floor"].append(COUNT / _floor(ground, prefix))
        speeds["ours"].append(COUNT / ground.run("ours", str(COUNT), environment=ground.scoring(prefix)))
        speeds["naive"].append(NAIVE_COUNT / _naive(ground, prefix))
    _print(speeds)


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


def _print(speeds: dict[str, list[float]]) -> None:
    shown = table("throughput of one worker, events/s", "candidate", "median", "rounds")
    for name, rounds in speeds.items():
        shown.add_row(name, f"{middle(rounds):,.0f}", " ".join(f"{speed:,.0f}" for speed in rounds))
    CONSOLE.print(shown)
    pairs = [ours / floor for ours, floor in zip(speeds["ours"], speeds["floor"], strict=True)]
    over_naive = [ours / naive for ours, naive in zip(speeds["ours"], speeds["naive"], strict=True)]
    ratios = table("ratios, pair by pair", "", "median", "goal", "")
    ratios.add_row(*verdict("scoring worker / floor", middle(pairs), 0.40))
    ratios.add_row(*verdict("scoring worker / naive", middle(over_naive), 30))
    CONSOLE.print(ratios)
