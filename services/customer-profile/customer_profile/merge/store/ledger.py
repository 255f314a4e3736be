"""The ledger of acts, which only grows, and who is one person by it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    RowMapping,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    insert,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.merge.domain.acts import Act
from customer_profile.tables import metadata
from rapport.person.store import copies
from rapport.privacy.catalogue.columns import entry

_at = DateTime(timezone=True)
_LOCK = 0x6D65726765  # "merge"

merge_acts = Table(
    "merge_acts",
    metadata,
    Column("act_id", Uuid, primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("survivor", Text, nullable=False),
    Column("merged", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("evidence_kind", Text),
    Column("evidence_digest", Text),
    Column("proposed_by", Text),
    Column("decided_by", Text),
    Column("at", _at, nullable=False),
    Column("recorded_at", _at, nullable=False),
    UniqueConstraint("revision", name="merge_acts_revision"),
    CheckConstraint("kind IN ('merge', 'unmerge')", name="merge_acts_kind"),
    CheckConstraint("survivor <> merged", name="merge_acts_two_files"),
    CheckConstraint("decided_by <> proposed_by", name="merge_acts_two_people"),
    Index("merge_acts_by_survivor", "survivor"),
    Index("merge_acts_by_merged", "merged"),
    info=entry("one-customer"),
)

merged_files = copies(metadata)
_ACT = [merge_acts.c[field.name] for field in fields(Act)]


async def lock_acts(connection: AsyncConnection) -> None:
    """One act after the other until this transaction ends: each is numbered, and judged by all before it."""
    await connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))


async def acts_on(connection: AsyncConnection, files: Collection[str]) -> list[Act]:
    """Every act that names one of these files."""
    named = or_(merge_acts.c.survivor.in_(files), merge_acts.c.merged.in_(files))
    return [Act(**row) for row in (await connection.execute(select(*_ACT).where(named))).mappings()]


async def find(connection: AsyncConnection, act_id: UUID) -> Act | None:
    """One act, whoever's word it is."""
    row = (await connection.execute(select(*_ACT).where(merge_acts.c.act_id == act_id))).mappings().one_or_none()
    return None if row is None else Act(**row)


async def last_revision(connection: AsyncConnection) -> int:
    """The number of the last act, 0 before the first."""
    found: int = (await connection.execute(select(func.coalesce(func.max(merge_acts.c.revision), 0)))).scalar_one()
    return found


async def enter(connection: AsyncConnection, act: Act, **how: Any) -> None:
    """Write an act; `how` it came about: the other columns."""
    await connection.execute(insert(merge_acts), {**asdict(act), **how})


async def acts_of(connection: AsyncConnection, revisions: Collection[int]) -> Mapping[int, RowMapping]:
    """The acts of these numbers."""
    found = await connection.execute(select(merge_acts).where(merge_acts.c.revision.in_(revisions)))
    return {row["revision"]: row for row in found.mappings()}


async def touched_by(connection: AsyncConnection, revisions: Collection[int]) -> Sequence[RowMapping]:
    """The files whose last act is one of these, sorted."""
    wanted = select(merged_files).where(merged_files.c.revision.in_(revisions))
    return (await connection.execute(wanted.order_by(merged_files.c.customer_id))).mappings().all()


async def files_after(connection: AsyncConnection, after: str, limit: int) -> Sequence[RowMapping]:
    """The next files that were ever touched, in order of their id."""
    wanted = select(merged_files).where(merged_files.c.customer_id > after)
    return (await connection.execute(wanted.order_by(merged_files.c.customer_id).limit(limit))).mappings().all()
