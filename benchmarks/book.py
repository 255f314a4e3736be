"""A million customers decided again, from PostgreSQL and to it: what it costs that a scorecard comes into force.

Two workers share the partitions, as they would in a cluster. The floor reads the same rows page by page and writes the
same columns back, with no lock, no rule and nothing told.
"""

import asyncio
import subprocess
import sys

import asyncpg

from benchmarks.ground import CONSOLE, Ground, table, verdict
from benchmarks.load import fill
from deploy.local.processes import PROJECT
from rapport.messaging.partitions import partition_of

CUSTOMERS = 1_000_000
TEMPLATES = 5_000
EVENTS = 100_000
WORKERS = 2
GOAL_SECONDS = 60.0


def run(ground: Ground, customers: int = CUSTOMERS) -> None:
    """Copy standings that a worker made until there are enough, have all of them due, and wait until none is."""
    prefix = ground.topics_of("scoring")
    asyncio.run(fill(ground.stack.bootstrap_servers, prefix, EVENTS, TEMPLATES))
    environment = ground.scoring(prefix, DATABASE__STATEMENT_TIMEOUT_MS="60000")
    ground.run("ours", "scoring", str(EVENTS), environment=environment)
    dsn = environment["SCORING_DATABASE__MIGRATION_URL"].replace("+asyncpg", "")
    CONSOLE.print(f"book: {customers:,} customers are being copied", highlight=False)
    asyncio.run(_copy(dsn, customers))
    seconds = {}
    for name in ("floor", "ours"):
        asyncio.run(_have_all_due(dsn))
        CONSOLE.print(f"book: {name}", highlight=False)
        seconds[name] = _timed(name, environment)
        _demand_done(dsn, name)
    shown = table(f"{customers:,} customers decided again, {WORKERS} processes", "", "seconds", "customers/s", "")
    for name, taken in seconds.items():
        shown.add_row(name, f"{taken:,.1f}", f"{customers / taken:,.0f}", "")
    shown.add_row("ours / floor", f"{seconds['ours'] / seconds['floor']:,.1f}", "", "")
    shown.add_row(*verdict("seconds", seconds["ours"], GOAL_SECONDS, at_least=False))
    CONSOLE.print(shown)


async def _copy(dsn: str, customers: int) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        known = [row[0] for row in await connection.fetch("SELECT customer_id FROM standings ORDER BY customer_id")]
        columns = await connection.fetch(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'standings' "
            "AND column_name NOT IN ('customer_id', 'partition') ORDER BY ordinal_position"
        )
        names = ", ".join(row[0] for row in columns)
        await connection.execute("CREATE TEMPORARY TABLE copies (template text, customer_id text, partition smallint)")
        ids = [(known[n % len(known)], f"{known[n % len(known)]}-{n}") for n in range(customers - len(known))]
        await connection.copy_records_to_table(
            "copies", records=[(template, one, partition_of(one)) for template, one in ids]
        )
        await connection.execute(
            "INSERT INTO customers (customer_id, partition) SELECT customer_id, partition FROM copies"
        )
        await connection.execute(
            f"INSERT INTO standings (customer_id, partition, {names}) "
            f"SELECT c.customer_id, c.partition, {names} FROM standings t JOIN copies c ON c.template = t.customer_id"
        )
        await connection.execute(
            "INSERT INTO due_times (customer_id, partition, due_at, points, decided_at) "
            "SELECT c.customer_id, c.partition, due_at, points, decided_at FROM due_times t "
            "JOIN copies c ON c.template = t.customer_id"
        )
    finally:
        await connection.close()


async def _have_all_due(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        # Neither begins with what the other left: what was written once for everybody is there twice.
        await connection.execute("VACUUM FULL due_times")
        await connection.execute(
            "UPDATE due_times d SET due_at = coalesce(d.decided_at, s.decided_at) + interval '1 millisecond' "
            "FROM standings s WHERE s.customer_id = d.customer_id"
        )
        await connection.execute("VACUUM ANALYZE standings, due_times")
    finally:
        await connection.close()


def _timed(name: str, environment: dict[str, str]) -> float:
    command = [sys.executable, "-m", "benchmarks.redeciding", name, str(WORKERS)]
    working = [
        subprocess.Popen([*command, str(number)], env=environment, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
        for number in range(WORKERS)
    ]
    printed = [one.communicate()[0] for one in working]
    if any(one.returncode for one in working):
        raise SystemExit("benchmarks.redeciding failed")
    return max(float(text.strip().splitlines()[-1]) for text in printed)


def _demand_done(dsn: str, name: str) -> None:
    async def count() -> int:
        connection = await asyncpg.connect(dsn)
        try:
            left: int = await connection.fetchval("SELECT count(*) FROM due_times WHERE due_at <= now()")
            return left
        finally:
            await connection.close()

    if left := asyncio.run(count()):
        raise SystemExit(f"{name} left {left} customers due")
