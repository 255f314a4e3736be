"""The ledger of files' lives, which the database refuses to alter; and who is archived or gone by it."""

from collections.abc import Collection, Sequence
from dataclasses import fields
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Integer, Table, Text, Uuid, insert, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.customer.domain.life import FileStep
from customer_profile.tables import metadata
from rapport.database import fetch
from rapport.privacy.catalogue.columns import entry

_at = DateTime(timezone=True)
_LIFE = entry("file-life")
_STEPS = "'collected', 'restricted', 'exited', 'resumed', 'archived', 'destroyed'"

file_steps = Table(
    "file_steps",
    metadata,
    Column("step_id", Uuid, primary_key=True),
    Column("customer_id", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("by", Text),
    Column("rule", Text),
    Column("policy_version", Integer, nullable=False),
    Column("batch_id", Uuid),
    Column("counts", JSONB),
    Column("digest", Text),
    Column("occurred_at", _at, nullable=False, info=_LIFE),
    Column("recorded_at", _at, nullable=False, info=_LIFE),
    CheckConstraint(f"step IN ({_STEPS})", name="file_steps_step"),
    CheckConstraint(
        "(step IN ('archived', 'destroyed')) = (digest IS NOT NULL AND counts IS NOT NULL AND rule IS NOT NULL)",
        name="file_steps_proof",
    ),
    Index("file_steps_by_customer", "customer_id", "step_id"),
    Index("file_steps_destroyed", "customer_id", unique=True, postgresql_where=text("step = 'destroyed'")),
    info=_LIFE,
)

_NAMES = tuple(field.name for field in fields(FileStep))
_GONE = "SELECT customer_id FROM file_steps WHERE step = 'destroyed' AND customer_id = ANY($1::text[])"
_ARCHIVED = "SELECT customer_id FROM profiles WHERE archived_at IS NOT NULL AND customer_id = ANY($1::text[])"


async def note_life(connection: AsyncConnection, steps: Sequence[FileStep]) -> None:
    """Write these steps in one statement; those that end a file with their digest."""
    if steps:
        rows = [
            {name: getattr(step, name) for name in _NAMES}
            | {"digest": step.digest if step.counts is not None else None}
            for step in steps
        ]
        await connection.execute(insert(file_steps).values(rows))


async def life(connection: AsyncConnection, customer_id: str, *, after: UUID | None, limit: int) -> list[FileStep]:
    """The next steps of a file in the order they were recorded: their ids sort by time."""
    wanted = select(*(file_steps.c[name] for name in _NAMES)).where(file_steps.c.customer_id == customer_id)
    if after is not None:
        wanted = wanted.where(file_steps.c.step_id > after)
    found = await connection.execute(wanted.order_by(file_steps.c.step_id).limit(limit))
    return [FileStep(**row) for row in found.mappings()]


async def end_of(connection: AsyncConnection, customer_id: str) -> FileStep | None:
    """The step by which this customer's file was destroyed, if it was."""
    wanted = select(*(file_steps.c[name] for name in _NAMES))
    wanted = wanted.where(file_steps.c.customer_id == customer_id, file_steps.c.step == "destroyed")
    row = (await connection.execute(wanted)).mappings().one_or_none()
    return None if row is None else FileStep(**row)


async def gone(connection: AsyncConnection, customer_ids: Collection[str]) -> set[str]:
    """Those of these customers whose file was destroyed."""
    return await _among(connection, _GONE, customer_ids)


async def archived(connection: AsyncConnection, customer_ids: Collection[str]) -> set[str]:
    """Those of these customers whose file lies there for the law alone."""
    return await _among(connection, _ARCHIVED, customer_ids)


async def _among(connection: AsyncConnection, statement: str, customer_ids: Collection[str]) -> set[str]:
    if not customer_ids:
        return set()
    return {row["customer_id"] for row in await fetch(connection, statement, sorted(customer_ids))}
