"""Exports asked for, and each time one was handed out: what was said once is never altered. Never what was in it."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
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
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.export.domain import Export, HandOut
from customer_profile.tables import metadata
from rapport.privacy.catalogue.columns import entry

_at = DateTime(timezone=True)
_TRAIL = entry("export-trail")

exports = Table(
    "exports",
    metadata,
    Column("export_id", Uuid, primary_key=True),
    Column("purpose", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("filters", JSONB, nullable=False),
    Column("extent", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", _at, nullable=False),
    Column("expires_at", _at, nullable=False),
    Column("state", Text, nullable=False),
    Column("decided_by", Text),
    Column("decided_at", _at, info=_TRAIL),
    Column("policy_version", Integer),
    CheckConstraint("state IN ('asked', 'approved', 'refused', 'handed-out')", name="exports_state"),
    CheckConstraint("(state = 'asked') = (decided_at IS NULL)", name="exports_decided"),
    CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", name="exports_decided_by_somebody"),
    CheckConstraint("decided_by <> asked_by", name="exports_four_eyes"),
    Index("exports_by_asker", "asked_by", "export_id"),
    info=_TRAIL,
)
export_hand_outs = Table(
    "export_hand_outs",
    metadata,
    Column("hand_out_id", Uuid, primary_key=True),
    Column("export_id", Uuid, nullable=False),
    Column("format", Text, nullable=False),
    Column("taken_by", Text, nullable=False),
    Column("began_at", _at, nullable=False),
    Column("ended_at", _at),
    Column("row_count", BigInteger),
    Column("digest", Text),
    Column("is_whole", Boolean),
    CheckConstraint(
        "num_nulls(ended_at, row_count, digest, is_whole) IN (0, 4)", name="export_hand_outs_counted_when_ended"
    ),
    Index("export_hand_outs_by_export", "export_id", "hand_out_id"),
    info=_TRAIL,
)
_NAMES = tuple(field.name for field in fields(Export))


def _export(row: RowMapping) -> Export:
    return Export(**{name: row[name] for name in _NAMES})


async def add(connection: AsyncConnection, export: Export) -> None:
    """A new one."""
    await connection.execute(insert(exports).values(asdict(export)))


async def open_of(connection: AsyncConnection, asked_by: str, now: datetime) -> list[Export]:
    """What of one person is open, who can ask for no other until this transaction ends."""
    await connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"exports {asked_by}", 0))))
    wanted = select(exports).where(exports.c.asked_by == asked_by, exports.c.state.in_(("asked", "approved")))
    found = map(_export, (await connection.execute(wanted.order_by(exports.c.export_id))).mappings())
    return [export for export in found if export.is_open_at(now)]


async def find(connection: AsyncConnection, export_id: UUID) -> Export | None:
    """One, held by this transaction."""
    wanted = select(exports).where(exports.c.export_id == export_id).with_for_update()
    row = (await connection.execute(wanted)).mappings().one_or_none()
    return None if row is None else _export(row)


async def save(connection: AsyncConnection, export: Export) -> None:
    """What became of it."""
    names = ("state", "decided_by", "decided_at", "expires_at", "policy_version")
    became = {name: getattr(export, name) for name in names}
    await connection.execute(update(exports).where(exports.c.export_id == export.export_id).values(became))


async def page(
    connection: AsyncConnection, *, asked_by: str | None, state: str | None, after: UUID | None, limit: int
) -> list[Export]:
    """The next exports, the oldest first; of one person alone where that one is named."""
    wanted = select(exports)
    for column, value in ((exports.c.asked_by, asked_by), (exports.c.state, state)):
        if value is not None:
            wanted = wanted.where(column == value)
    if after is not None:
        wanted = wanted.where(exports.c.export_id > after)
    return [
        _export(row) for row in (await connection.execute(wanted.order_by(exports.c.export_id).limit(limit))).mappings()
    ]


async def begin(connection: AsyncConnection, hand_out: HandOut) -> None:
    """Note that it begins, before the first row leaves."""
    await connection.execute(insert(export_hand_outs).values(asdict(hand_out)))


async def under_way(connection: AsyncConnection, export_id: UUID, *, since: datetime) -> datetime | None:
    """When a hand-out began, at this moment or later, of which no end is noted yet; the export is held."""
    c = export_hand_outs.c
    wanted = select(func.max(c.began_at)).where(c.export_id == export_id, c.ended_at.is_(None), c.began_at >= since)
    began_at: datetime | None = (await connection.execute(wanted)).scalar_one()
    return began_at


async def end(connection: AsyncConnection, hand_out: HandOut) -> None:
    """Note how it ended."""
    ended: dict[str, Any] = {name: getattr(hand_out, name) for name in ("ended_at", "row_count", "digest", "is_whole")}
    mine = export_hand_outs.c.hand_out_id == hand_out.hand_out_id
    await connection.execute(update(export_hand_outs).where(mine).values(ended))


async def hand_outs_of(connection: AsyncConnection, export_ids: Collection[UUID]) -> Sequence[HandOut]:
    """Each time one of these was taken, the oldest first."""
    wanted = select(export_hand_outs).where(export_hand_outs.c.export_id.in_(export_ids))
    rows = await connection.execute(wanted.order_by(export_hand_outs.c.hand_out_id))
    return [HandOut(**row) for row in rows.mappings()]
