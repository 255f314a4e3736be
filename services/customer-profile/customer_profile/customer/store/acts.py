"""Who did what with customers' files: corrections and look-ups. Both tables only grow; the database sees to it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, Column, DateTime, Index, RowMapping, Table, Text, Uuid, false, insert, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.customer.domain import LookUp
from customer_profile.tables import metadata
from rapport.privacy.catalogue.columns import entry

_at = DateTime(timezone=True)

customer_changes = Table(
    "customer_changes",
    metadata,
    Column("change_id", Uuid, primary_key=True),
    Column("customer_id", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("fields", ARRAY(Text), nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("changed_at", _at, nullable=False),
    Index("customer_changes_by_customer", "customer_id", "change_id"),
    info=entry("correction-trail"),
)

look_ups = Table(
    "look_ups",
    metadata,
    Column("look_up_id", Uuid, primary_key=True),
    Column("field", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("found", Boolean, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", _at, nullable=False),
    Column("refused", Boolean, nullable=False, server_default=false()),
    Index("look_ups_by_caller", "asked_by", "asked_at"),
    info=entry("look-up-trail"),
)


async def note_change(
    connection: AsyncConnection,
    *,
    change_id: UUID,
    customer_id: str,
    action: str,
    fields: Sequence[str],
    by: str,
    at: datetime,
) -> None:
    """Who set which fields of a file, and when; never to what. The database refuses to alter or delete such a row."""
    values = {"change_id": change_id, "customer_id": customer_id, "action": action}
    await connection.execute(
        insert(customer_changes), {**values, "fields": list(fields), "changed_by": by, "changed_at": at}
    )


async def changes(
    connection: AsyncConnection, customer_id: str, *, action: str | None, after: UUID | None, limit: int
) -> Sequence[RowMapping]:
    """The next changes of a file, the oldest first: their ids sort by time."""
    wanted = select(customer_changes).where(customer_changes.c.customer_id == customer_id)
    if action is not None:
        wanted = wanted.where(customer_changes.c.action == action)
    if after is not None:
        wanted = wanted.where(customer_changes.c.change_id > after)
    return (await connection.execute(wanted.order_by(customer_changes.c.change_id).limit(limit))).mappings().all()


async def note_look_up(connection: AsyncConnection, looked: LookUp) -> None:
    """Who looked, by which field and to what end, and whether somebody was found; neither for whom nor whom."""
    values = {"look_up_id": looked.id, "field": looked.field, "purpose": looked.purpose}
    who = {"asked_by": looked.asked_by, "asked_at": looked.asked_at}
    await connection.execute(
        insert(look_ups), {**values, **who, "found": bool(looked.customers), "refused": looked.refused}
    )


async def page_of_look_ups(connection: AsyncConnection, *, after: UUID | None, limit: int) -> Sequence[RowMapping]:
    """The next look-ups, the oldest first: their ids sort by time."""
    wanted = select(look_ups)
    if after is not None:
        wanted = wanted.where(look_ups.c.look_up_id > after)
    return (await connection.execute(wanted.order_by(look_ups.c.look_up_id).limit(limit))).mappings().all()
