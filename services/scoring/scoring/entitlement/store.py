"""How far attribute and activity of the whole book are noted: one run a bank's day and policy."""

from datetime import datetime

from sqlalchemy import Column, Integer, RowMapping, Table, Text, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.database import upsert_many
from rapport.privacy.catalogue.columns import entry
from scoring.tables import MOMENT, metadata

class_runs = Table(
    "class_runs",
    metadata,
    Column("due_at", MOMENT, primary_key=True),
    Column("policy_version", Integer, primary_key=True),
    Column("noted_up_to", Text, nullable=False),
    Column("finished_at", MOMENT),
    info=entry("book-figures"),
)


async def last_run(connection: AsyncConnection) -> tuple[datetime, int] | None:
    """The moment and the policy of the latest run over the book, finished or not."""
    runs = class_runs.c
    latest = select(runs.due_at, runs.policy_version).order_by(runs.due_at.desc(), runs.policy_version.desc()).limit(1)
    row = (await connection.execute(latest)).one_or_none()
    return None if row is None else (row.due_at, row.policy_version)


async def claim_run(connection: AsyncConnection) -> RowMapping | None:
    """A run that is not over and that no other worker is at, the oldest first; held until the transaction ends."""
    unfinished = select(class_runs).where(class_runs.c.finished_at.is_(None)).order_by(class_runs.c.due_at).limit(1)
    return (await connection.execute(unfinished.with_for_update(skip_locked=True))).mappings().one_or_none()


async def save_run(
    connection: AsyncConnection, due_at: datetime, policy_version: int, noted_up_to: str, finished_at: datetime | None
) -> None:
    """Write a run back, a new one too."""
    row = {"due_at": due_at, "policy_version": policy_version, "noted_up_to": noted_up_to, "finished_at": finished_at}
    await upsert_many(connection, class_runs, [row])


async def drop_run(connection: AsyncConnection, due_at: datetime, policy_version: int) -> None:
    """Forget a run, so that none of this day is the latest for its sake."""
    runs = class_runs.c
    await connection.execute(delete(class_runs).where(runs.due_at == due_at, runs.policy_version == policy_version))
