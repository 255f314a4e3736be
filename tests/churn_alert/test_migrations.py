"""Migrations of a database in use: what was drawn comes back whole, and one that was broken off is run again."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import insert

import churn_alert
from churn_alert.alert.store.tables import alerts
from churn_alert.main import metadata
from rapport.database import create_engine
from rapport.migrations import differences, migrate, scripts_of
from tests.architecture.test_migrations import statements_of
from tests.support.stack import FreshDatabase

MIGRATIONS = Path(churn_alert.__file__).parents[1] / "migrations"
ONLINE = [
    (one.revision, one.down_revision)
    for one in reversed(list(scripts_of(MIGRATIONS).walk_revisions()))
    if one.revision.startswith("churn_alert") and {"CONCURRENTLY", "VALIDATE"} & set(statements_of(one).split())
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
