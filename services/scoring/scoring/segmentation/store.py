"""Memberships in PostgreSQL, one query and one upsert a batch; and how far a new model is brought to the whole book."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import BigInteger, Column, Index, Integer, RowMapping, SmallInteger, Table, Text, select
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.database import execute, fetch, select_many, upsert_many
from rapport.events.base import Event
from rapport.events.scoring import SegmentChanged
from rapport.privacy.catalogue.columns import entry
from scoring.segmentation.domain import Membership
from scoring.tables import MOMENT, metadata

customer_segments = Table(
    "customer_segments",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("partition", SmallInteger, nullable=False),
    Column("due_at", MOMENT, nullable=False),
    Column("segment", Text),
    Column("old_segment", Text),
    Column("since", MOMENT),
    Column("segments_version", Integer),
    Column("revision", BigInteger, nullable=False),
    Index("customer_segments_by_due_time", "partition", "due_at"),
    info=entry("customer-segment"),
)

segment_runs = Table(
    "segment_runs",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("told_up_to", Text, nullable=False),
    Column("finished_at", MOMENT),
    info=entry("book-figures"),
)

_FIELDS = tuple(field.name for field in fields(Membership))
_KNOWN_EVERYWHERE = timedelta(seconds=30)
"""Every process has taken a model up by then, so that none places anybody by the former one afterwards."""
_BEGIN = (
    "INSERT INTO segment_runs (version, told_up_to) "
    "SELECT version, '' FROM segment_models WHERE made_at <= $1 ORDER BY version DESC LIMIT 1 ON CONFLICT DO NOTHING"
)
_CLAIM = (
    "SELECT version, told_up_to FROM segment_runs WHERE finished_at IS NULL "
    "AND version = (SELECT max(version) FROM segment_runs) FOR UPDATE SKIP LOCKED"
)


class Run(NamedTuple):
    """A version that is brought to the book, and how far it is, a customer's id."""

    version: int
    told_up_to: str


async def load(connection: AsyncConnection, customer_ids: Collection[str]) -> dict[str, Membership]:
    """What is known of these customers."""
    rows = await select_many(connection, customer_segments, sorted(customer_ids))
    return {row["customer_id"]: Membership(**{name: row[name] for name in _FIELDS}) for row in rows}


async def save(
    connection: AsyncConnection, changed: Sequence[Membership], *, partition_of: Callable[[str], int]
) -> None:
    """Write them, new ones too."""
    rows = [asdict(one) | {"partition": partition_of(one.customer_id)} for one in changed]
    await upsert_many(connection, customer_segments, rows)


async def claim_run(connection: AsyncConnection, now: datetime) -> Run | None:
    """The latest version, where the book does not have it yet and no other worker is at it; held until the transaction
    ends. A version that a later one overtook is brought to nobody any more."""
    await execute(connection, _BEGIN, now - _KNOWN_EVERYWHERE)
    return next((Run(*row) for row in await fetch(connection, _CLAIM)), None)


async def save_run(connection: AsyncConnection, run: Run, *, finished_at: datetime | None) -> None:
    """Write a run back."""
    await upsert_many(connection, segment_runs, [run._asdict() | {"finished_at": finished_at}])


def fact_of(known: Membership) -> SegmentChanged:
    """A membership with a segment, as others hear of it."""
    return SegmentChanged.model_validate({name: getattr(known, name) for name in SegmentChanged.model_fields})


async def read_states(connection: AsyncConnection, after: str, limit: int) -> list[tuple[Event, datetime]]:
    """The present segment of every customer after `after` who is in one, as it was told: for telling it again."""
    of = customer_segments.c
    statement = select(customer_segments).where(of.segment.is_not(None), of.customer_id > after)
    rows: Sequence[RowMapping] = (
        (await connection.execute(statement.order_by(of.customer_id).limit(limit))).mappings().all()
    )
    return [(fact_of(Membership(**{name: row[name] for name in _FIELDS})), row["since"]) for row in rows]
