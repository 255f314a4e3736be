"""Holds on files: set by one person, released by two."""

from dataclasses import asdict, fields
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Index,
    RowMapping,
    Table,
    Text,
    Uuid,
    insert,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.retention.domain.agreeing import Hold
from customer_profile.tables import metadata
from rapport.privacy.catalogue.columns import entry

_at = DateTime(timezone=True)

legal_holds = Table(
    "legal_holds",
    metadata,
    Column("hold_id", Uuid, primary_key=True),
    Column("customer_id", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("until", Date, nullable=False),
    Column("set_by", Text, nullable=False),
    Column("set_at", _at, nullable=False),
    Column("release_asked_by", Text),
    Column("release_asked_at", _at),
    Column("released_by", Text),
    Column("released_at", _at),
    CheckConstraint("(released_by IS NULL) = (released_at IS NULL)", name="legal_holds_released"),
    CheckConstraint(
        "released_by IS NULL OR (release_asked_by IS NOT NULL AND released_by <> release_asked_by)",
        name="legal_holds_two_people",
    ),
    Index("legal_holds_by_customer", "customer_id", "hold_id"),
    info=entry("file-life"),
)

_HOLD = tuple(field.name for field in fields(Hold))


def _hold(row: RowMapping) -> Hold:
    return Hold(**{name: row[name] for name in _HOLD})


async def put(connection: AsyncConnection, hold: Hold) -> None:
    """Keep a new hold."""
    await connection.execute(insert(legal_holds), asdict(hold))


async def change(connection: AsyncConnection, hold: Hold) -> None:
    """Keep how far the release of a hold is."""
    names = ("release_asked_by", "release_asked_at", "released_by", "released_at")
    values = {name: getattr(hold, name) for name in names}
    await connection.execute(update(legal_holds).where(legal_holds.c.hold_id == hold.hold_id).values(values))


async def find(connection: AsyncConnection, hold_id: UUID, *, lock: bool = False) -> Hold | None:
    """One hold; `lock`: nobody else changes it until this transaction ends."""
    wanted = select(legal_holds).where(legal_holds.c.hold_id == hold_id)
    row = (await connection.execute(wanted.with_for_update() if lock else wanted)).mappings().one_or_none()
    return None if row is None else _hold(row)


async def page(connection: AsyncConnection, *, customer_id: str | None, after: UUID | None, limit: int) -> list[Hold]:
    """The next holds, the oldest first: their ids sort by time."""
    wanted = select(legal_holds)
    if customer_id is not None:
        wanted = wanted.where(legal_holds.c.customer_id == customer_id)
    if after is not None:
        wanted = wanted.where(legal_holds.c.hold_id > after)
    found = await connection.execute(wanted.order_by(legal_holds.c.hold_id).limit(limit))
    return [_hold(row) for row in found.mappings()]
