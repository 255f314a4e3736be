"""Each step of the relationship with a customer: a row, which the database refuses to alter or delete."""

from collections.abc import Sequence
from dataclasses import astuple, fields
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, RowMapping, Table, Text, Uuid, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.customer.domain import StatusStep
from customer_profile.tables import metadata
from rapport.privacy.catalogue.columns import entry

_at = DateTime(timezone=True)
_STATES = "'admission', 'active', 'restricted', 'exited'"

status_steps = Table(
    "status_steps",
    metadata,
    Column("step_id", Uuid, primary_key=True),
    Column("customer_id", Text, nullable=False),
    Column("from_state", Text),
    Column("to_state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("done_by", Text),
    Column("occurred_at", _at, nullable=False, info=entry("customer-relation")),
    Column("recorded_at", _at, nullable=False, info=entry("customer-relation")),
    CheckConstraint(f"from_state IN ({_STATES})", name="status_steps_from"),
    CheckConstraint(
        f"to_state IN ({_STATES}) AND (to_state IS DISTINCT FROM from_state OR reason = 'restriction-lifted')",
        name="status_steps_to",
    ),
    Index("status_steps_by_customer", "customer_id", "step_id"),
    info=entry("customer-relation"),
)

_COLUMNS = tuple(column.name for column in status_steps.columns)
_NAMES = tuple(field.name for field in fields(StatusStep))


def _step(row: RowMapping | Any) -> StatusStep:
    return StatusStep(**{name: row[column] for name, column in zip(_NAMES, _COLUMNS, strict=True)})


async def note_steps(connection: AsyncConnection, steps: Sequence[StatusStep]) -> None:
    """Write these steps in one statement."""
    if steps:
        rows = [dict(zip(_COLUMNS, astuple(step), strict=True)) for step in steps]
        await connection.execute(insert(status_steps).values(rows))


async def steps(
    connection: AsyncConnection, customer_id: str, *, to: str | None, after: UUID | None, limit: int
) -> list[StatusStep]:
    """The next steps of a customer in the order they were recorded: their ids sort by time."""
    wanted = select(status_steps).where(status_steps.c.customer_id == customer_id)
    if to is not None:
        wanted = wanted.where(status_steps.c.to_state == to)
    if after is not None:
        wanted = wanted.where(status_steps.c.step_id > after)
    rows = await connection.execute(wanted.order_by(status_steps.c.step_id).limit(limit))
    return [_step(row) for row in rows.mappings()]
