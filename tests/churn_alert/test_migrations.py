"""Migrations of a database in use: what was drawn comes back whole, and one that was broken off is run again."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError

import churn_alert
from churn_alert.alert.store.tables import alerts
from churn_alert.main import metadata
from rapport.database import create_engine
from rapport.migrations import differences, migrate, scripts_of
from tests.architecture.test_migrations import statements_of
from tests.support.delivering import NOON
from tests.support.stack import FreshDatabase

MIGRATIONS = Path(churn_alert.__file__).parents[1] / "migrations"
ONLINE_WORDS = {"CONCURRENTLY", "VALIDATE", "LOOP"}
ONLINE = [
    (one.revision, one.down_revision)
    for one in reversed(list(scripts_of(MIGRATIONS).walk_revisions()))
    if one.revision.startswith("churn_alert") and ONLINE_WORDS & set(statements_of(one).split())
]
DRAWN = ("playbook", "playbook_version", "experiment", "arm")


def alert(number: int, **drawn: Any) -> dict[str, Any]:
    said: dict[str, Any] = {"alert_id": UUID(int=number), "customer_id": f"c-{number}", "crossing_id": UUID(int=number)}
    said |= {"status": "opened", "severity": "low", "cause": "silence", "probability": 0.9, "threshold": 0.8}
    said |= {"indicators": [], "model_version": 2, "horizon_days": 30, "opened_at": datetime(2025, 1, 1, tzinfo=UTC)}
    return said | dict.fromkeys(DRAWN) | {"revision": 1, "escalation": 0} | drawn


async def drawn_in(url: str) -> dict[str, tuple[Any, ...]]:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        rows = await connection.fetch(f"SELECT customer_id, {', '.join(DRAWN)} FROM alerts")
        return {row[0]: tuple(row[1:]) for row in rows}
    finally:
        await connection.close()


async def test_arms_that_were_drawn_are_the_same_after_a_downgrade_and_an_upgrade(
    fresh_database: Callable[..., FreshDatabase],
) -> None:
    url = fresh_database("churn_alert").owner_url
    treated = {"playbook": "care-of-high", "playbook_version": 3, "experiment": "care-by-call", "arm": "treated"}
    rows = [alert(1, **treated), alert(2, **treated | {"arm": "held-out"}), alert(3), alert(4, **treated)]
    engine = create_engine(url, application="test")
    try:
        async with engine.begin() as connection:
            await connection.execute(insert(alerts), rows)
        before = await drawn_in(url)
        assert before["c-2"] == ("care-of-high", 3, "care-by-call", "held-out")
        await migrate(url, MIGRATIONS, to="churn_alert_0008", down=True)
        async with engine.begin() as connection:
            await connection.execute(alerts.delete().where(alerts.c.customer_id == "c-4"))
        await migrate(url, MIGRATIONS)
    finally:
        await engine.dispose()
    del before["c-4"]
    assert await drawn_in(url) == before, "and nothing is left of who was erased meanwhile"
    assert await differences(url, metadata) == [], "nor any table that was put aside"


@pytest.mark.parametrize(("revision", "before"), ONLINE, ids=[revision for revision, _ in ONLINE])
async def test_a_migration_that_was_broken_off_at_its_end_is_run_again(
    fresh_database: Callable[..., FreshDatabase], revision: str, before: str
) -> None:
    """All of it is there but the note that it ran: as if the last of its statements had been refused."""
    url = fresh_database("churn_alert", migrated=False).owner_url
    await migrate(url, MIGRATIONS)
    await migrate(url, MIGRATIONS, to=revision, down=True)
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        await connection.execute("UPDATE alembic_version SET version_num = $1 WHERE version_num = $2", before, revision)
    finally:
        await connection.close()
    await migrate(url, MIGRATIONS)
    assert await differences(url, metadata) == []


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        yield connection
    finally:
        await connection.close()


async def written(url: str, table: str, *rows: dict[str, Any]) -> None:
    """Rows as a process of an earlier release writes them: only the columns that are named."""
    async with connected(url) as connection:
        for row in rows:
            names, places = ", ".join(row), ", ".join(f"${place}" for place in range(1, len(row) + 1))
            await connection.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", *row.values())


def as_before(number: int, **drawn: Any) -> dict[str, Any]:
    """An alert without what came later."""
    said = alert(number, **drawn)
    del said["experiment"]
    return said | {"indicators": "[]"}


def intervention(node: str, **changes: Any) -> dict[str, Any]:
    said: dict[str, Any] = {
        "intervention_id": UUID(int=9),
        "customer_id": "c-1",
        "node": node,
        "playbook": "care-of-high",
    }
    said |= {"playbook_version": 3, "purpose": "churn-care", "experiment": "care-by-call", "arm": "treated"}
    said |= {"opened_at": datetime(2025, 1, 1, tzinfo=UTC), "status": "proposed", "reached": False, "revision": 1}
    return said | changes


async def test_alerts_of_before_get_the_experiment_of_their_intervention_or_else_the_name_of_their_playbook(
    fresh_database: Callable[..., FreshDatabase],
) -> None:
    """More of them than a page holds, and none that was not drawn."""
    url = fresh_database("churn_alert", migrated=False).owner_url
    await migrate(url, MIGRATIONS, to="churn_alert_0023")
    treated = {"playbook": "care-of-high", "playbook_version": 3, "arm": "treated"}
    await written(url, "alerts", as_before(1, **treated), as_before(2, **treated), as_before(3))
    async with connected(url) as connection:
        await connection.execute(
            "INSERT INTO alerts SELECT (jsonb_populate_record(a, jsonb_build_object('alert_id', gen_random_uuid(), "
            "'customer_id', 'm-' || n, 'crossing_id', gen_random_uuid()))).* "
            "FROM alerts a, generate_series(1, 11000) n WHERE a.customer_id = 'c-2'"
        )
    await written(url, "interventions", intervention("churn-warning", alert_id=UUID(int=1)))
    await migrate(url, MIGRATIONS)
    found = await drawn_in(url)
    assert [found[f"c-{number}"][2] for number in (1, 2, 3)] == ["care-by-call", "care-of-high", None]
    assert {found[f"m-{number}"][2] for number in range(1, 11001)} == {"care-of-high"}
    assert await differences(url, metadata) == []


async def test_while_alerts_of_before_are_filled_others_are_written(
    fresh_database: Callable[..., FreshDatabase],
) -> None:
    """The filling is halted in its midst; a worker of the release before opens an alert meanwhile."""
    url = fresh_database("churn_alert", migrated=False).owner_url
    await migrate(url, MIGRATIONS, to="churn_alert_0023")
    treated = {"playbook": "care-of-high", "playbook_version": 3, "arm": "treated"}
    await written(url, "alerts", as_before(1, **treated))
    async with connected(url) as holder:
        await holder.execute(
            "CREATE FUNCTION halted() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN PERFORM pg_advisory_xact_lock(7); RETURN NEW; END $$; "
            "CREATE TRIGGER halted BEFORE UPDATE ON alerts FOR EACH ROW EXECUTE FUNCTION halted()"
        )
        await holder.execute("SELECT pg_advisory_lock(7)")
        migrating = asyncio.create_task(migrate(url, MIGRATIONS, to="churn_alert_0024"))
        async with connected(url) as worker:
            while not await worker.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted AND objid = 7"):
                assert not migrating.done()
                await asyncio.sleep(0.05)
        await written(url, "alerts", as_before(2, **treated))
        assert not migrating.done()
    await migrating
    assert {one[2] for one in (await drawn_in(url)).values()} == {"care-of-high"}


async def test_what_began_at_a_node_that_the_schema_before_does_not_know_is_not_deleted_on_the_way_back(
    fresh_database: Callable[..., FreshDatabase],
) -> None:
    url = fresh_database("churn_alert").owner_url
    await written(url, "interventions", intervention("anniversary"))
    with pytest.raises(DBAPIError, match="no place for anniversary 1, begun by now: keep this schema"):
        await migrate(url, MIGRATIONS, to="churn_alert_0030", down=True)
    async with connected(url) as connection:
        assert await connection.fetchval("SELECT node FROM interventions") == "anniversary"
        await connection.execute("UPDATE interventions SET node = 'churn-warning'")
    await migrate(url, MIGRATIONS, to="churn_alert_0030", down=True)
    async with connected(url) as connection:
        assert await connection.fetchval("SELECT count(*) FROM interventions") == 1


@pytest.mark.parametrize(
    ("table", "row", "before"),
    [
        ("events_ahead", {"event_id": UUID(int=1), "event_type": "t", "told_at": NOON, "document": "{}"}, "0032"),
        ("asked_occasions", {"node": "first-salary", "since": NOON, "cause": "c"}, "0033"),
    ],
    ids=["events", "occasions"],
)
async def test_what_waits_for_its_time_is_not_deleted_on_the_way_back(
    fresh_database: Callable[..., FreshDatabase], table: str, row: dict[str, Any], before: str
) -> None:
    url = fresh_database("churn_alert").owner_url
    await written(url, table, row | {"customer_id": "c-1", "partition": 0, "due_at": NOON})
    with pytest.raises(DBAPIError, match=f"{table}: the schema before has no place for 1 .*keep this schema"):
        await migrate(url, MIGRATIONS, to=f"churn_alert_{before}", down=True)
    async with connected(url) as connection:
        assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 1
        await connection.execute(f"DELETE FROM {table}")
    await migrate(url, MIGRATIONS, to=f"churn_alert_{before}", down=True)


async def test_leads_of_before_fall_due_by_the_days_they_had(fresh_database: Callable[..., FreshDatabase]) -> None:
    url = fresh_database("churn_alert", migrated=False).owner_url
    await migrate(url, MIGRATIONS, to="churn_alert_0026")
    day = date(2025, 3, 3)
    state = {"customer_id": "c-1", "partition": 5, "last_day": day, "days": b"", "counterparties": "{}"}
    await written(url, "activity_states", state | {"is_natural": True, "profile_revision": 0, "in_force": "{}"})
    at = datetime(2025, 3, 3, tzinfo=UTC)
    lead: dict[str, Any] = {"key": "k", "rule": "large-cash", "kind": "large", "day": day, "count": 1, "minor": 1}
    lead |= {"currency": "CNY", "rules_version": 1, "detected_at": at, "is_true": True, "revision": 1}
    leads = [("open", "c-1"), ("dismissed", "c-1"), ("open", "c-unknown")]
    for number, (stands, customer) in enumerate(leads):
        said = {"lead_id": UUID(int=number), "customer_id": customer, "state": stands, "due_on": date(2025, 3, 10)}
        await written(url, "abnormal_activities", lead | said)
    await migrate(url, MIGRATIONS)
    async with connected(url) as connection:
        found = await connection.fetch("SELECT partition, due_at FROM abnormal_activities ORDER BY lead_id")
    assert [tuple(one) for one in found] == [(5, datetime(2025, 3, 11, tzinfo=UTC)), (None, None), (None, None)]
