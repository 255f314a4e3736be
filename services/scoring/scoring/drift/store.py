"""Snapshots of the book in PostgreSQL: one for a version and a moment, kept for ever."""

from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import datetime

from sqlalchemy import Column, Index, Integer, Table, Text, func, select, text, tuple_
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.database import upsert_many
from rapport.privacy.catalogue.columns import entry
from scoring.drift.domain import LEAST_CUSTOMERS, Snapshot
from scoring.tables import MOMENT, metadata

snapshots = Table(
    "book_snapshots",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("due_at", MOMENT, primary_key=True),
    Column("customers", Integer, nullable=False),
    Column("counted_up_to", Text, nullable=False),
    Column("finished_at", MOMENT),
    Column("features", JSONB, nullable=False),
    Column("points", JSONB, nullable=False),
    Column("tiers", JSONB, nullable=False),
    Index("book_snapshots_by_time", "due_at", "version"),
    info=entry("book-figures"),
)

_SNAPSHOT = select(*(snapshots.c[one.name] for one in fields(Snapshot)))
_FINISHED = _SNAPSHOT.where(snapshots.c.finished_at.is_not(None))
_BEHIND = text("SELECT coalesce(max(log_end_offset - next_offset), 0) FROM consumer_offsets")


async def begin(connection: AsyncConnection, snapshot: Snapshot) -> bool:
    """Store a snapshot that nobody has counted yet; False where there is one for this version and moment."""
    statement = insert(snapshots).values(asdict(snapshot)).on_conflict_do_nothing()
    return (await connection.execute(statement)).rowcount == 1


async def claim(connection: AsyncConnection) -> Snapshot | None:
    """A snapshot that is not finished and that no other worker is at, the oldest first; held until the end."""
    unfinished = _SNAPSHOT.where(snapshots.c.finished_at.is_(None)).order_by(snapshots.c.due_at).limit(1)
    row = (await connection.execute(unfinished.with_for_update(skip_locked=True))).mappings().one_or_none()
    return None if row is None else Snapshot(**row)


async def save(connection: AsyncConnection, snapshot: Snapshot) -> None:
    """Write a snapshot back."""
    await upsert_many(connection, snapshots, [asdict(snapshot)])


async def latest_moment(connection: AsyncConnection) -> datetime | None:
    """The moment of the latest snapshot, finished or not."""
    found: datetime | None = (await connection.execute(select(func.max(snapshots.c.due_at)))).scalar_one()
    return found


async def is_finished(connection: AsyncConnection, due_at: datetime) -> bool:
    """Is every snapshot for this moment counted to its end?"""
    unfinished = select(snapshots.c.version).where(snapshots.c.due_at == due_at, snapshots.c.finished_at.is_(None))
    return (await connection.execute(unfinished)).first() is None


async def records_behind(connection: AsyncConnection) -> int:
    """By how many records the partition furthest behind Kafka was, when the worker last looked."""
    count: int = (await connection.execute(_BEHIND)).scalar_one()
    return count


async def page(
    connection: AsyncConnection, *, version: int | None, before: tuple[datetime, int] | None, limit: int
) -> list[Snapshot]:
    """Finished snapshots, of one version or all, the latest first, older than `before`, a moment and a version."""
    place = tuple_(snapshots.c.due_at, snapshots.c.version)
    statement = _FINISHED.order_by(snapshots.c.due_at.desc(), snapshots.c.version.desc()).limit(limit)
    if version is not None:
        statement = statement.where(snapshots.c.version == version)
    if before is not None:
        statement = statement.where(place < before)
    return [Snapshot(**row) for row in (await connection.execute(statement)).mappings()]


async def references(connection: AsyncConnection, versions: Iterable[int]) -> dict[int, Snapshot]:
    """Of each of these versions its first snapshot of enough customers, if it has one."""
    first = (
        select(snapshots.c.version, func.min(snapshots.c.due_at).label("due_at"))
        .where(snapshots.c.version.in_(set(versions)), snapshots.c.finished_at.is_not(None))
        .where(snapshots.c.customers >= LEAST_CUSTOMERS)
        .group_by(snapshots.c.version)
        .subquery()
    )
    is_first = (snapshots.c.version == first.c.version) & (snapshots.c.due_at == first.c.due_at)
    rows = (await connection.execute(_SNAPSHOT.join(first, is_first))).mappings()
    return {row["version"]: Snapshot(**row) for row in rows}
