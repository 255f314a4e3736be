"""The ledger is a book that SQL can add up: each fact once, and nothing that must have no effect."""

import csv
import json
import sqlite3
from collections import Counter
from pathlib import Path

from simulator.bank import Bank, Plan
from simulator.ledger import COLUMNS, Ledger
from simulator.malformed import FATES
from simulator.trouble import DUPLICATE, Trouble
from simulator.wire import Record, header

PLAN = Plan(seed=2, customers=60, months=2)


def test_sums_from_the_ledger_are_those_of_the_balances(tmp_path: Path) -> None:
    records = list(Trouble(duplicates=0.2, late=0.02, seed=4).added_to(Bank(PLAN).records()))
    with Ledger(tmp_path / "ledger.csv") as ledger:
        ledger.book(records)
    opened: dict[str, int] = {}
    latest: dict[str, tuple[int, int]] = {}
    for record in records:
        fact = json.loads(record.value)
        if header(record, "ce_type") == b"account-changed.v1" and fact["status"] == "open":
            opened[fact["account_id"]] = cents(fact["balance"])
        elif header(record, "ce_type") == b"transaction-recorded.v1":
            stands = latest.get(fact["account_id"], (0, 0))
            latest[fact["account_id"]] = max(stands, (record.time_ms, cents(fact["balance_after"])))
    moved = database(tmp_path / "ledger.csv").execute(
        "SELECT account_id, sum(CASE direction WHEN 'credit' THEN amount_minor ELSE -amount_minor END) "
        "FROM ledger WHERE event = 'transaction-recorded.v1' GROUP BY account_id"
    )
    found = {account: opened[account] + change for account, change in moved}
    assert found == {account: balance for account, (_, balance) in latest.items()}


def test_each_fact_about_a_customer_is_booked_once(tmp_path: Path) -> None:
    records = list(Trouble(duplicates=0.5, malformed=0.05).added_to(Bank(PLAN).records()))
    with Ledger(tmp_path / "ledger.csv") as ledger:
        for start in range(0, len(records), 1000):
            ledger.book(records[start : start + 1000])
    booked = database(tmp_path / "ledger.csv").execute("SELECT source, event_id FROM ledger").fetchall()
    applied = {None} | {kind for kind, fate in FATES.items() if fate == "applied"}
    expected = [
        (text(r, "ce_source"), text(r, "ce_id"))
        for r in records
        if r.trouble != DUPLICATE and r.trouble in applied and "customer_id" in json.loads(r.value)
    ]
    assert len(booked) == len(set(booked))
    assert Counter(booked) == Counter(expected)


def database(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute(f"CREATE TABLE ledger ({', '.join(COLUMNS)})")
    with path.open(newline="") as file:
        rows = [[cell or None for cell in row] for row in csv.reader(file)]
    assert tuple(rows[0]) == COLUMNS
    connection.executemany(f"INSERT INTO ledger VALUES ({', '.join('?' * len(COLUMNS))})", rows[1:])
    return connection


def text(record: Record, name: str) -> str:
    return (header(record, name) or b"").decode()


def cents(text: str) -> int:
    return int(text.replace(".", ""))
