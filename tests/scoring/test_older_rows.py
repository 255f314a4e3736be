"""A standing written by the first version of its table: after the migrations it is read, decided and kept whole.

And one that is written now: after a downgrade the code of before can read it.
"""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg

import scoring
from rapport.database import create_engine
from rapport.migrations import migrate
from scoring.standing.domain.evidence import values_of
from scoring.standing.domain.holdings import ProductsOfKind
from scoring.standing.domain.opening import Posting
from scoring.standing.domain.state import Standing, fold_posting
from scoring.standing.domain.tiering import decide_due, meet
from scoring.standing.facts import fold
from scoring.standing.store.book import fingerprint, save_decided
from scoring.standing.store.standings import load, save
from tests.scoring.facts import holdings, moment_of, salary
from tests.scoring.rules import PUBLISHED
from tests.support.stack import FreshDatabase

MIGRATIONS = Path(scoring.__file__).parents[1] / "migrations"
NOON = datetime(2025, 3, 3, 4, tzinfo=UTC)
SUMS = [
    f"{name}_{days}d" for name in ("credits", "debits", "own", "penalties", "overdrafts") for days in (7, 30, 90, 365)
]
OLD = {
    "customer_id": "c-1",
    "partition": 4,
    "transactions": 12,
    "reversals": 1,
    "foreign_currency_transactions": 2,
    "credits_minor": 900_000,
    "debits_minor": 150_000,
    "opening_minor": 50_000,
    "penalty_interests": 1,
    "overdrafts": 2,
    "sums_as_of": NOON,
    **dict.fromkeys(SUMS, 1.5),
    "active_days_from": date(2025, 2, 3),
    "active_days": b"\x05",
    "first_activity_at": NOON - timedelta(days=28),
    "last_activity_at": NOON,
    "first_days": "{}",
    "holdings": '{"wealth": [1, 700000], "loan": [1, 90000]}',
    "holdings_revision": 3,
    "holdings_as_of": NOON - timedelta(days=40),
    "tier": "middle",
    "tier_since": NOON - timedelta(days=20),
    "points": 150,
    "decided_at": NOON,
    "revision": 1,
    "due_at": NOON + timedelta(days=10),
}


async def test_a_row_older_than_its_table_loses_nothing_and_goes_on(
    fresh_database: Callable[..., FreshDatabase],
) -> None:
    url = fresh_database("scoring", migrated=False).owner_url
    await migrate(url, MIGRATIONS, to="scoring_0001")
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    places = ", ".join(f"${number}" for number in range(1, len(OLD) + 1))
    await connection.execute(f"INSERT INTO standings ({', '.join(OLD)}) VALUES ({places})", *OLD.values())
    await connection.close()
    await migrate(url, MIGRATIONS)

    engine = create_engine(url, application="test")
    try:
        async with engine.begin() as transaction:
            standing = (await load(transaction, ["c-1"]))["c-1"]
            assert (standing.transactions, standing.tier, standing.points, standing.revision) == (12, "middle", 150, 1)
            assert standing.due_at == OLD["due_at"]
            assert standing.holdings.by_kind == {
                "wealth": ProductsOfKind(1, 700_000),
                "loan": ProductsOfKind(1, 90_000),
            }
            assert (standing.penalty_interests, standing.overdrafts, standing.foreign_currency_transactions) == (
                1,
                2,
                2,
            )
            known = values_of(standing, NOON, PUBLISHED.bank, PUBLISHED.rates)
            assert known.monthly_assets == 800_000 + 700_000, "all of the balance, and of what was held, since before"
            assert known.active_days == 2
            payment = Posting("a", NOON + timedelta(days=1), 10_000, False, True, "card-purchase")
            meet(
                standing,
                PUBLISHED,
                NOON + timedelta(days=1),
                lambda one: fold_posting(one, payment, PUBLISHED.bank.zone),
            )
            await save(transaction, [standing], partition_of=lambda _: 4)
        async with engine.connect() as reading:
            kept = (await load(reading, ["c-1"]))["c-1"]
    finally:
        await engine.dispose()
    assert fingerprint(kept) == fingerprint(standing)
    assert (kept.transactions, kept.debits_minor, kept.decided_at) == (13, 160_000, NOON + timedelta(days=1))


async def test_after_a_downgrade_every_valuation_has_the_three_cells_that_the_code_of_before_knows(
    fresh_database: Callable[..., FreshDatabase],
) -> None:
    url = fresh_database("scoring").owner_url
    facts = [
        holdings(1, "100.00", customer_id="in-dollars", at=NOON, currency="USD"),
        holdings(2, "250.00", customer_id="in-dollars", at=NOON + timedelta(days=1)),
        holdings(3, "300.00", customer_id="in-dollars", at=NOON + timedelta(days=2), currency="USD"),
        holdings(1, "100.00", customer_id="in-yuan", at=NOON),
        salary(NOON, "in-nothing"),
    ]
    standings: dict[str, Standing] = {}
    for fact in facts:
        standing = standings.setdefault(fact.key, Standing(fact.key))
        meet(standing, PUBLISHED, moment_of(fact), partial(fold, fact=fact, bank=PUBLISHED.bank))
    engine = create_engine(url, application="test")
    try:
        async with engine.begin() as transaction:
            await save(transaction, list(standings.values()), partition_of=lambda _: 4)
    finally:
        await engine.dispose()
    day = NOON.date().toordinal()
    in_yuan, in_nothing = [[day, 1, 10_000]], list[list[int]]()
    with_dollars = [[day, 1, 0, [["USD", 10_000]]], [day + 1, 2, 25_000], [day + 2, 3, 0, [["USD", 30_000]]]]
    written = {"in-dollars": with_dollars, "in-nothing": in_nothing, "in-yuan": in_yuan}
    assert await valuations(url) == written
    await migrate(url, MIGRATIONS, to="scoring_0009", down=True)
    assert await valuations(url) == written | {"in-dollars": [one[:3] for one in with_dollars]}


async def test_a_due_time_and_what_silence_decided_go_into_the_row_and_out_of_it_again_unchanged(
    fresh_database: Callable[..., FreshDatabase],
) -> None:
    url = fresh_database("scoring").owner_url
    engine = create_engine(url, application="test")
    written = {}
    for number in range(3):
        standing = Standing(f"c-{number}")
        fact = salary(NOON + timedelta(days=number), standing.customer_id)
        meet(standing, PUBLISHED, moment_of(fact), partial(fold, fact=fact, bank=PUBLISHED.bank))
        written[standing.customer_id] = standing
    try:
        async with engine.begin() as transaction:
            await save(transaction, list(written.values()), partition_of=lambda _: 4)
            silent = written["c-1"]
            assert decide_due(silent, PUBLISHED, silent.due_at) == [], "it stays in its tier"
            await save_decided(transaction, [silent], [])
        due = {customer_id: (4, standing.due_at) for customer_id, standing in written.items()}
        await migrate(url, MIGRATIONS, to="scoring_0014", down=True)
        assert await due_times(url, "standings") == due
        await migrate(url, MIGRATIONS)
        assert await due_times(url, "due_times") == due
        async with engine.connect() as reading:
            kept = await load(reading, written)
    finally:
        await engine.dispose()
    assert {key: fingerprint(one) for key, one in kept.items()} == {
        key: fingerprint(one) for key, one in written.items()
    }


async def due_times(url: str, table: str) -> dict[str, tuple[int, datetime]]:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        rows = await connection.fetch(f"SELECT customer_id, partition, due_at FROM {table}")
    finally:
        await connection.close()
    return {customer_id: (partition, due_at) for customer_id, partition, due_at in rows}


async def valuations(url: str) -> dict[str, Any]:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        rows = await connection.fetch("SELECT customer_id, valuations FROM standings")
    finally:
        await connection.close()
    return {row["customer_id"]: json.loads(row["valuations"]) for row in rows}
