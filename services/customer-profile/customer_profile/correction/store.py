"""Requests for corrections: what is asked lies sealed while a request is open; one that has ended never changes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    DateTime,
    Index,
    RowMapping,
    Table,
    Text,
    Uuid,
    insert,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.correction.domain import Correction, State
from customer_profile.customer.store import in_sight, profiles
from customer_profile.tables import metadata
from rapport.privacy.catalogue.columns import Sealed, entry
from rapport.row_security import ALL, Sight

_at = DateTime(timezone=True)
_TRAIL = entry("correction-trail")
_ASKED = entry("correction-asked", "full-name", "id-type", "id-number", "phone", "email", "address", "demographics")

corrections = Table(
    "corrections",
    metadata,
    Column("correction_id", Uuid, primary_key=True),
    Column("customer_id", Text, nullable=False),
    Column("fields", ARRAY(Text), nullable=False),
    Column("asked", Sealed("correction_id"), info=_ASKED),
    Column("evidence_digest", Text),
    Column("channel", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", _at, nullable=False),
    Column("due_at", _at, nullable=False, info=_TRAIL),
    Column("state", Text, nullable=False),
    Column("decided_by", Text),
    Column("decided_at", _at, info=_TRAIL),
    Column("ground", Text),
    CheckConstraint("state IN ('open', 'approved', 'refused', 'withdrawn', 'superseded')", name="corrections_state"),
    CheckConstraint("(state = 'open') = (asked IS NOT NULL)", name="corrections_asked_while_open"),
    CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="corrections_ended"),
    CheckConstraint("(state = 'refused') = (ground IS NOT NULL)", name="corrections_refused_on_a_ground"),
    CheckConstraint("state NOT IN ('approved', 'refused') OR decided_by <> asked_by", name="corrections_four_eyes"),
    Index("corrections_by_due", "state", "due_at", "correction_id"),
    Index("corrections_by_customer", "customer_id", "due_at", "correction_id"),
    info=_TRAIL,
)

_NAMES = tuple(field.name for field in fields(Correction))


def correction_of(row: Mapping[str, Any] | RowMapping) -> Correction:
    """A row without what was asked."""
    cells = {name: row[name] for name in _NAMES}
    return Correction(**cells | {"fields": tuple(cells["fields"])})


def _in_sight(sight: Sight) -> ColumnElement[bool]:
    return corrections.c.customer_id.in_(select(profiles.c.customer_id).where(in_sight(sight)))


async def add(connection: AsyncConnection, correction: Correction, asked: bytes) -> None:
    """A new request, and the values it asks for, sealed."""
    await connection.execute(insert(corrections).values(**asdict(correction), asked=asked))


async def find(connection: AsyncConnection, correction_id: UUID, *, sight: Sight = ALL) -> RowMapping | None:
    """One request about a customer in sight, with what it asks for, which is none once it has ended."""
    wanted = select(corrections).where(corrections.c.correction_id == correction_id, _in_sight(sight))
    return (await connection.execute(wanted)).mappings().one_or_none()


async def open_of(connection: AsyncConnection, customer_ids: Collection[str]) -> Sequence[RowMapping]:
    """The open requests of these customers, who are locked."""
    wanted = select(corrections).where(corrections.c.customer_id.in_(customer_ids), corrections.c.state == "open")
    return (await connection.execute(wanted)).mappings().all()


async def end(
    connection: AsyncConnection,
    correction_ids: Collection[UUID],
    *,
    state: State,
    by: str,
    at: datetime,
    ground: str | None = None,
) -> None:
    """Close these requests; the values they asked for are forgotten."""
    decided = {"state": state, "decided_by": by, "decided_at": at, "ground": ground, "asked": None}
    await connection.execute(update(corrections).where(corrections.c.correction_id.in_(correction_ids)).values(decided))


async def page(
    connection: AsyncConnection,
    *,
    sight: Sight,
    state: str | None,
    customer_id: str | None,
    due_before: datetime | None,
    after: tuple[datetime, UUID] | None,
    limit: int | None,
) -> Sequence[RowMapping]:
    """The next requests about customers in sight, the first due first."""
    wanted = select(corrections).where(_in_sight(sight))
    for column, value in ((corrections.c.state, state), (corrections.c.customer_id, customer_id)):
        if value is not None:
            wanted = wanted.where(column == value)
    if due_before is not None:
        wanted = wanted.where(corrections.c.due_at < due_before)
    place = tuple_(corrections.c.due_at, corrections.c.correction_id)
    if after is not None:
        wanted = wanted.where(place > after)
    ordered = wanted.order_by(corrections.c.due_at, corrections.c.correction_id).limit(limit)
    return (await connection.execute(ordered)).mappings().all()
