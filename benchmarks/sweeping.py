"""A million customers of churn-alert due at once, by silence alone: how many a minute two workers' sweepers handle.

Their states are those of customers who did things for months and then nothing, so a share of them crosses the threshold
and opens an alert, as told beside; of all others it is reckoned when they will.
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from random import Random
from zoneinfo import ZoneInfo

import asyncpg

from benchmarks.ground import CONSOLE, Ground, table
from churn_alert.risk.documents import read_document
from churn_alert.risk.domain.behaviour import Bank, Posting, Risk, fold_posting, fold_use
from churn_alert.risk.domain.crossing import Rules, decide, settle
from churn_alert.risk.normal_ranges import read_ranges
from churn_alert.risk.store.risks import save
from deploy.local.processes import PROJECT
from rapport.clock import utc_now
from rapport.database import create_engine
from rapport.messaging.partitions import partition_of

CUSTOMERS = 1_000_000
TEMPLATES = 2_000
WORKERS = 2
DAY = timedelta(days=1)


def run(ground: Ground, customers: int = CUSTOMERS) -> None:
    """Copy states until there are enough, have all of them due, and wait until none is."""
    environment = ground.service("churn_alert", ground.topics(), DATABASE__STATEMENT_TIMEOUT_MS="120000")
    dsn = environment["CHURN_ALERT_DATABASE__MIGRATION_URL"]
    CONSOLE.print(f"sweeping: {customers:,} customers are being made", highlight=False)
    asyncio.run(_fill(dsn, customers))
    seconds = _timed(environment)
    crossed, left = asyncio.run(_seen(dsn.replace("+asyncpg", "")))
    if left:
        raise SystemExit(f"the sweepers left {left} customers due")
    shown = table(f"{customers:,} customers due by silence, {WORKERS} processes", "", "")
    shown.add_row("seconds", f"{seconds:,.1f}")
    shown.add_row("due rows a minute", f"{customers / seconds * 60:,.0f}")
    shown.add_row("of them crossed, with an alert", f"{crossed / customers:.1%}")
    CONSOLE.print(shown)


def live(risk: Risk, random: Random, at: datetime, ends: datetime, *, pace: float, zone: tzinfo) -> None:
    """Card payments and logins from a moment to another, `pace` of them a day."""
    while at < ends:
        if random.random() < 0.7:
            posting = Posting(at, random.randint(100, 90_000), is_credit=False, is_own=True, counterparty="merchant")
            fold_posting(risk, posting, zone)
        else:
            fold_use(risk, at, zone)
        at += random.expovariate(pace) * DAY


def _templates(now: datetime) -> Iterator[Risk]:
    bank = Bank("CNY", ZoneInfo("Asia/Shanghai"))
    rules = Rules(bank, read_document().model(), read_ranges().ranges())
    for number in range(TEMPLATES):
        random, risk = Random(number), Risk(f"c-{number}")
        at, ends = now - random.uniform(180, 300) * DAY, now - random.uniform(2, 40) * DAY
        pace = random.choice([0.2, 0.5, 1.0])
        live(risk, random, at, ends, pace=pace, zone=bank.zone)
        # As if nobody had looked since: an event decides, and silence is due.
        risk.is_settled = False
        decide(risk, rules, ends)
        risk.is_raised, risk.level_since = False, None
        settle(risk, rules)
        yield risk


async def _fill(dsn: str, customers: int) -> None:
    engine = create_engine(dsn, application="sweeping", statement_timeout_ms=600_000)
    async with engine.begin() as connection:
        for risk in _templates(utc_now()):
            await save(connection, [risk], partition_of=partition_of)
    await engine.dispose()
    driver = await asyncpg.connect(dsn.replace("+asyncpg", ""))
    try:
        columns = await driver.fetch(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'risks' "
            "AND column_name NOT IN ('customer_id', 'partition', 'due_at') ORDER BY ordinal_position"
        )
        names = ", ".join(row[0] for row in columns)
        ids = [(f"c-{n % TEMPLATES}", f"c-{n % TEMPLATES}-{n}") for n in range(customers - TEMPLATES)]
        await driver.execute("CREATE TEMPORARY TABLE copies (template text, customer_id text, partition smallint)")
        await driver.copy_records_to_table("copies", records=[(of, one, partition_of(one)) for of, one in ids])
        await driver.execute(
            f"INSERT INTO risks (customer_id, partition, due_at, {names}) SELECT c.customer_id, c.partition, "
            f"t.due_at, {', '.join(f't.{row[0]}' for row in columns)} FROM risks t "
            "JOIN copies c ON c.template = t.customer_id"
        )
        await driver.execute(
            "INSERT INTO customers (customer_id, partition) SELECT customer_id, partition FROM risks "
            "ON CONFLICT DO NOTHING"
        )
        await driver.execute("UPDATE risks SET due_at = now() - interval '1 minute'")
        await driver.execute("VACUUM ANALYZE risks, customers")
    finally:
        await driver.close()


def _timed(environment: dict[str, str]) -> float:
    command = [sys.executable, "-m", "benchmarks.due", str(WORKERS)]
    working = [
        subprocess.Popen([*command, str(number)], env=environment, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
        for number in range(WORKERS)
    ]
    printed = [one.communicate()[0] for one in working]
    if any(one.returncode for one in working):
        raise SystemExit("benchmarks.due failed")
    return max(float(text.strip().splitlines()[-1]) for text in printed)


async def _seen(dsn: str) -> tuple[int, int]:
    driver = await asyncpg.connect(dsn)
    try:
        crossed: int = await driver.fetchval("SELECT count(*) FROM alerts")
        left: int = await driver.fetchval("SELECT count(*) FROM risks WHERE due_at <= now()")
        return crossed, left
    finally:
        await driver.close()
