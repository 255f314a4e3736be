"""The trail of unmaskings: one row an act, which the database refuses to alter or delete."""

from collections.abc import Sequence
from dataclasses import astuple
from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, Column, DateTime, Index, Integer, RowMapping, Table, Text, Uuid, false, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.limits import hold_to
from customer_profile.tables import metadata
from customer_profile.unmasking.domain import Unmasking
from rapport.privacy.catalogue.columns import entry

unmaskings = Table(
    "unmaskings",
    metadata,
    Column("unmasking_id", Uuid, primary_key=True),
    Column("customer_id", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Column("policy_version", Integer),
    Column("refused", Boolean, nullable=False, server_default=false()),
    Index("unmaskings_by_caller", "asked_by", "asked_at"),
    info=entry("unmasking-trail"),
)


async def note(connection: AsyncConnection, *done: Unmasking) -> None:
    """Who saw which field of whom, and why; never what it holds."""
    if done:
        await connection.execute(
            insert(unmaskings), [dict(zip(unmaskings.c.keys(), astuple(one), strict=True)) for one in done]
        )


async def demand_few(connection: AsyncConnection, *, by: str, at_most: int, is_copy: bool, now: datetime) -> None:
    """Raises TooOften where the caller has seen so many fields, or had so many copies, in the last minute.

    The rows of a copy are of one moment; one without identity has none.
    """
    trail = unmaskings.c
    mine = (trail.asked_by == by, ~trail.refused, (trail.purpose == "own-copy") == is_copy)
    await hold_to(connection, at_most, trail.asked_at, *mine, caller=by, now=now)


async def page(connection: AsyncConnection, *, after: UUID | None, limit: int) -> Sequence[RowMapping]:
    """The next unmaskings, the oldest first: their ids sort by time."""
    wanted = select(unmaskings)
    if after is not None:
        wanted = wanted.where(unmaskings.c.unmasking_id > after)
    return (await connection.execute(wanted.order_by(unmaskings.c.unmasking_id).limit(limit))).mappings().all()
