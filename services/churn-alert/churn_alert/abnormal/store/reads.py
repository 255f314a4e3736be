"""Who read leads: appended before anything is shown, so that there is no answer without its line."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, Integer, RowMapping, Table, Text, Uuid, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.abnormal.store.tables import abnormal_activities
from churn_alert.tables import metadata
from rapport.ids import new_id
from rapport.privacy.catalogue.columns import entry
from rapport.privacy.catalogue.ending import part_of

abnormal_activity_reads = Table(
    "abnormal_activity_reads",
    metadata,
    Column("read_id", Uuid, primary_key=True),
    Column("lead_id", Uuid),
    Column("leads", Integer, nullable=False),
    Column("read_by", Text, nullable=False),
    Column("read_at", DateTime(timezone=True), nullable=False),
    Index("abnormal_activity_reads_by_lead", "lead_id", "read_id"),
    # That a list was read names nobody and stays.
    info=entry("abnormal-activity") | part_of(abnormal_activities),
)


async def note(connection: AsyncConnection, *, by: str, at: datetime, leads: int, lead_id: UUID | None = None) -> None:
    """Somebody is about to see a lead, or so many of them in a list."""
    row = {"read_id": new_id(), "lead_id": lead_id, "leads": leads, "read_by": by, "read_at": at}
    await connection.execute(insert(abnormal_activity_reads), row)


async def page(
    connection: AsyncConnection, *, lead_id: UUID | None, after: UUID | None, limit: int
) -> Sequence[RowMapping]:
    """Who read, the first first: ids sort by time."""
    reads = abnormal_activity_reads
    statement = select(reads)
    if lead_id is not None:
        statement = statement.where(reads.c.lead_id == lead_id)
    if after is not None:
        statement = statement.where(reads.c.read_id > after)
    return (await connection.execute(statement.order_by(reads.c.read_id).limit(limit))).mappings().all()
