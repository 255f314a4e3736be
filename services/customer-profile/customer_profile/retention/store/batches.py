"""Batches of what is due and the files in them: who agreed to each, and what became of each file."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    RowMapping,
    Table,
    Text,
    Uuid,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.retention.domain.agreeing import Batch, Outcome, State
from customer_profile.retention.domain.due import Due
from customer_profile.tables import metadata
from rapport.privacy.catalogue.columns import entry

_at = DateTime(timezone=True)
_LIFE = entry("file-life")

retention_batches = Table(
    "retention_batches",
    metadata,
    Column("batch_id", Uuid, primary_key=True),
    Column("due_on", Date, nullable=False),
    Column("policy_version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("proposed_at", _at, nullable=False),
    Column("confirmed_by", Text),
    Column("confirmed_at", _at),
    Column("decided_by", Text),
    Column("decided_at", _at, info=_LIFE),
    CheckConstraint("state IN ('open', 'confirmed', 'approved', 'refused')", name="retention_batches_state"),
    CheckConstraint(
        "state <> 'approved' OR (confirmed_by IS NOT NULL AND decided_by IS NOT NULL AND decided_by <> confirmed_by)",
        name="retention_batches_two_people",
    ),
    info=_LIFE,
)

retention_items = Table(
    "retention_items",
    metadata,
    Column("batch_id", Uuid, primary_key=True),
    Column("customer_id", Text, primary_key=True),
    Column("action", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("since", Date, nullable=False),
    Column("outcome", Text),
    Column("done_at", _at),
    CheckConstraint("action IN ('archive', 'destroy')", name="retention_items_action"),
    CheckConstraint("outcome IN ('archived', 'destroyed', 'not-due')", name="retention_items_outcome"),
    CheckConstraint("(outcome IS NULL) = (done_at IS NULL)", name="retention_items_done"),
    Index("retention_items_by_customer", "customer_id", "batch_id"),
    info=_LIFE,
)

_LOCK = 0x7265746169  # "retai"
_WAITING = text(
    "SELECT customer_id FROM retention_items i JOIN retention_batches b USING (batch_id) "
    "WHERE customer_id = ANY(CAST(:ids AS text[])) AND outcome IS NULL AND state <> 'refused'"
)


async def lock_proposing(connection: AsyncConnection) -> None:
    """One run proposes at a time, or a file would be in two batches."""
    await connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))


async def waiting(connection: AsyncConnection, customer_ids: Collection[str]) -> set[str]:
    """Those of these files that are in a batch already, of which it is open what becomes of them."""
    return set((await connection.execute(_WAITING, {"ids": sorted(customer_ids)})).scalars())


async def propose(connection: AsyncConnection, batch: Batch, items: Sequence[Due]) -> None:
    """Keep a new batch with its files."""
    await connection.execute(insert(retention_batches), asdict(batch))
    await connection.execute(insert(retention_items), [{"batch_id": batch.batch_id, **one._asdict()} for one in items])


async def find(connection: AsyncConnection, batch_id: UUID, *, lock: bool = False) -> Batch | None:
    """One batch; `lock`: nobody else decides on it until this transaction ends."""
    wanted = select(retention_batches).where(retention_batches.c.batch_id == batch_id)
    row = (await connection.execute(wanted.with_for_update() if lock else wanted)).mappings().one_or_none()
    return None if row is None else Batch(**row)


async def decide(connection: AsyncConnection, batch: Batch) -> None:
    """Keep what was decided on a batch."""
    names = ("state", "confirmed_by", "confirmed_at", "decided_by", "decided_at")
    values = {name: getattr(batch, name) for name in names}
    await connection.execute(
        update(retention_batches).where(retention_batches.c.batch_id == batch.batch_id).values(values)
    )


async def page(connection: AsyncConnection, *, state: State | None, after: UUID | None, limit: int) -> list[Batch]:
    """The next batches, the oldest first: their ids sort by time."""
    wanted = select(retention_batches)
    if state is not None:
        wanted = wanted.where(retention_batches.c.state == state)
    if after is not None:
        wanted = wanted.where(retention_batches.c.batch_id > after)
    found = await connection.execute(wanted.order_by(retention_batches.c.batch_id).limit(limit))
    return [Batch(**row) for row in found.mappings()]


async def summary(connection: AsyncConnection, batch_ids: Collection[UUID]) -> Sequence[RowMapping]:
    """How many files of each batch: by action, rule and outcome."""
    c = retention_items.c
    parts = (c.batch_id, c.action, c.rule, c.outcome)
    wanted = select(*parts, func.count().label("files")).where(c.batch_id.in_(batch_ids)).group_by(*parts)
    return (await connection.execute(wanted.order_by(*parts))).mappings().all()


async def left(connection: AsyncConnection, batch_id: UUID, *, limit: int | None = None) -> list[Due]:
    """The next files of a batch of which nothing has become yet, in order of the customer's token."""
    c = retention_items.c
    wanted = select(c.customer_id, c.action, c.rule, c.since).where(c.batch_id == batch_id, c.outcome.is_(None))
    return [Due(*row) for row in await connection.execute(wanted.order_by(c.customer_id).limit(limit))]


async def note_outcomes(
    connection: AsyncConnection, batch_id: UUID, outcomes: Mapping[str, Outcome], at: datetime
) -> None:
    """What became of these files of a batch, in one statement for each outcome."""
    c = retention_items.c
    for outcome in sorted(set(outcomes.values())):
        these = [customer_id for customer_id, became in outcomes.items() if became == outcome]
        values: dict[str, Any] = {"outcome": outcome, "done_at": at}
        await connection.execute(
            update(retention_items).where(c.batch_id == batch_id, c.customer_id.in_(these)).values(values)
        )
