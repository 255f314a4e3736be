"""What came out, read from each service's own database and told in tables and words; returns whether all adds up."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from demo.children import Served
from demo.figures import COUNTS, Figures
from demo.judge import Truth, Verdict, judge
from demo.whole import Token, tell_whole
from deploy.local.stack import Stack
from feedback.case.domain.summary import summary_in_words
from feedback.case.store.figures import summary
from rapport.database import create_engine


@dataclass(frozen=True, slots=True)
class Ran:
    """One finished run: where its databases are, who served it, who makes tokens for it, who really declined."""

    stack: Stack
    served: Mapping[str, Served]
    token: Token
    truth: Mapping[str, Truth] | None


def read_truth(path: Path) -> dict[str, Truth]:
    """The truth file of the simulated bank, which no service reads."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {
        row["customer_id"]: Truth(
            date.fromisoformat(row["declines_from"]), date.fromisoformat(row["gone_on"]) if row["gone_on"] else None
        )
        for row in rows
    }


async def tell(console: Console, ran: Ran, services: Sequence[Figures]) -> bool:
    """Print what came out. True when every topic of every service balances."""
    console.rule("what came out")
    await _tiers(console, ran)
    await _alerts(console, ran)
    await _cases(console, ran)
    await _dead_letters(console, ran)
    balances = accounting(console, services)
    await _decisions(console, ran)
    async with httpx.AsyncClient(base_url=ran.served["customer_profile"].api, timeout=5) as client:
        at_risk = [row.customer_id for row in await rows(ran, "churn_alert", _AT_RISK)]
        await tell_whole(console, client, ran.token, at_risk)
    return balances


async def rows(ran: Ran, package: str, sql: str) -> list[Any]:
    """What one service's database answers, asked as that service."""
    engine = create_engine(ran.stack.database_url(package), application="demo", pool_size=1)
    async with engine.connect() as connection:
        found = list((await connection.execute(text(sql))).all())
    await engine.dispose()
    return found


async def _tiers(console: Console, ran: Ran) -> None:
    found = {row.tier: row.customers for row in await rows(ran, "scoring", _TIERS)}
    changes = (await rows(ran, "scoring", "SELECT count(*) AS n FROM decisions WHERE old_tier IS NOT NULL"))[0].n
    total = sum(found.values()) or 1
    shown = ", ".join(
        f"{tier} {found.get(tier, 0)} ({found.get(tier, 0) / total:.0%})" for tier in ("high", "middle", "low")
    )
    console.print(f"[bold]customers by tier[/]  {shown}; {changes:,} changes of tier in the period")


_TIERS = "SELECT tier, count(*) AS customers FROM standings GROUP BY tier"
_AT_RISK = "SELECT customer_id FROM alerts ORDER BY opened_at DESC, customer_id LIMIT 20"
_ALERTS = "SELECT customer_id, opened_at FROM alerts ORDER BY opened_at"


async def _alerts(console: Console, ran: Ran) -> None:
    opened = [(row.customer_id, row.opened_at.date()) for row in await rows(ran, "churn_alert", _ALERTS)]
    if ran.truth is None:
        words = f"{len(opened):,} opened; there is no truth file, so nobody can say who really declined"
        console.print(f"[bold]churn alerts[/]       {words}")
        console.print("[bold]names[/]              none in these files; customers are known by their tokens alone")
        return
    console.print(f"[bold]churn alerts[/]       {verdict_in_words(judge(opened, ran.truth))}")


def verdict_in_words(verdict: Verdict) -> str:
    """Alerts beside the truth, in one line."""
    words = (
        f"{verdict.alerts:,} opened; of {verdict.declines} customers who really declined {verdict.caught} were alerted"
    )
    if verdict.precision is not None and verdict.recall is not None:
        words += f"; precision {verdict.precision:.0%}, recall {verdict.recall:.0%}"
    if verdict.median_lead_days is not None:
        words += f", median lead time {verdict.median_lead_days:.0f} days before the customer is gone"
    return words


async def _cases(console: Console, ran: Ran) -> None:
    engine = create_engine(ran.stack.database_url("feedback"), application="demo", pool_size=1)
    async with engine.connect() as connection:
        lines = await summary(connection)
    await engine.dispose()
    if not lines:
        console.print("[bold]cases[/]              none: this bank's files hold no feedback")
        return
    console.print(
        "[bold]cases by priority[/]  nobody answers in the demo, so every clock older than 24 hours has run out"
    )
    for line in lines:
        console.print(f"                   {summary_in_words(line)}", soft_wrap=True)


async def _dead_letters(console: Console, ran: Ran) -> None:
    sql = 'SELECT topic, partition, "offset", reason FROM dead_letters ORDER BY topic, partition, "offset" LIMIT 5'
    for package, served in ran.served.items():
        for row in await rows(ran, package, sql):
            where = f"{row.topic}/{row.partition}@{row.offset}"
            console.print(f"[bold]dead letter[/]        {served.name}: {where}: {row.reason}", soft_wrap=True)


def accounting(console: Console, services: Sequence[Figures]) -> bool:
    """Print what became of every record, no name cut, in 80 columns too. True when every topic balances."""
    table = Table(
        box=None,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        title="received = applied + duplicate + skipped + dead letter + parked",
    )
    table.add_column("service and topic", overflow="fold")
    for name in COUNTS:
        table.add_column(_HEADINGS.get(name, name), justify="right", no_wrap=True)
    table.add_column("")
    for one in services:
        table.add_row(one.name)
        for topic in one.topics:
            counts = [f"{getattr(topic, name):,}" for name in COUNTS]
            table.add_row(f"  {topic.topic}", *counts, "=" if topic.balances else "[red]≠[/]")
    console.print(table)
    unbalanced = [f"{one.name}: {topic.topic}" for one in services for topic in one.topics if not topic.balances]
    for name in unbalanced:
        console.print(f"[bold red]does not balance[/]   {name}")
    return not unbalanced


_HEADINGS = {"duplicate": "dupli-\ncate", "dead_lettered": "dead-\nletter"}


async def _decisions(console: Console, ran: Ran) -> None:
    console.print("[bold]three decisions, as the API explains them[/]")
    for package, sql, path in _EXPLAINED:
        for row in await rows(ran, package, sql):
            said = await _explained(ran, package, path.format(row[1]))
            if said:
                console.print(f"  {row[0]}: {said}", soft_wrap=True, highlight=False)


_MOVED = "SELECT customer_id, customer_id FROM decisions WHERE old_tier IS NOT NULL"
_EXPLAINED = (
    (
        "scoring",
        f"{_MOVED} AND tier = 'high' ORDER BY decided_at DESC LIMIT 1",
        "/standings/{}/history?limit=1",
    ),
    (
        "scoring",
        f"{_MOVED} AND tier <> 'high' ORDER BY decided_at DESC LIMIT 1",
        "/standings/{}/history?limit=1",
    ),
    (
        "churn_alert",
        "SELECT customer_id, alert_id FROM alerts WHERE status <> 'closed' ORDER BY opened_at DESC LIMIT 1",
        "/alerts/{}",
    ),
)


async def _explained(ran: Ran, package: str, path: str) -> str:
    async with httpx.AsyncClient(base_url=ran.served[package].api, timeout=5) as client:
        answer = await client.get(path, headers={"Authorization": f"Bearer {ran.token('auditor', None)}"})
    body = answer.json()
    one = body["items"][0] if "items" in body else body
    return str(one.get("explanation", ""))
