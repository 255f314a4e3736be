"""Which versions were the challenger, how far each is, and what was counted of it last."""

from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Integer, RowMapping, Select, Table, Text, func, insert, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.privacy.catalogue.columns import entry
from scoring.challenger.domain.comparison import Comparison
from scoring.challenger.domain.contest import COUNTED_EVERY, Challenger
from scoring.scorecard.store import scorecards
from scoring.tables import MOMENT, metadata

challengers = Table(
    "challengers",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("entered_at", MOMENT, nullable=False),
    Column("begins_at", MOMENT, nullable=False),
    Column("customers_total", Integer, nullable=False),
    Column("customers_done", Integer, nullable=False),
    Column("begun_up_to", Text),
    Column("ended_at", MOMENT),
    Column("cleared_at", MOMENT),
    Column("counted_at", MOMENT),
    Column("comparison", JSONB(none_as_null=True)),
    info=entry("model-document"),
)

_CHALLENGER = select(*(challengers.c[one.name] for one in fields(Challenger)))
_IS_DRAFT = scorecards.table.c.effective_from.is_(None) & scorecards.table.c.withdrawn_at.is_(None)
# Who was approved or withdrawn meanwhile is none any more, whether or not a worker has noted it.
_RUNNING = _CHALLENGER.join(scorecards.table, scorecards.table.c.version == challengers.c.version).where(
    challengers.c.ended_at.is_(None), _IS_DRAFT
)

_COUNTING = select(func.pg_try_advisory_xact_lock(func.hashtext("challengers counted")))


async def find(connection: AsyncConnection, version: int) -> Challenger | None:
    """One that is or was the challenger."""
    row = (await connection.execute(_CHALLENGER.where(challengers.c.version == version))).mappings().one_or_none()
    return None if row is None else _challenger(row)


async def latest(connection: AsyncConnection) -> Challenger | None:
    """The one that was entered last, running or not."""
    statement = _CHALLENGER.order_by(challengers.c.entered_at.desc()).limit(1)
    row = (await connection.execute(statement)).mappings().one_or_none()
    return None if row is None else _challenger(row)


async def running(connection: AsyncConnection) -> Challenger | None:
    """The challenger, if there is one."""
    row = (await connection.execute(_RUNNING)).mappings().one_or_none()
    return None if row is None else _challenger(row)


async def claim_unbegun(connection: AsyncConnection, now: datetime) -> Challenger | None:
    """The challenger while it is still to be brought to customers, unless another worker is at it."""
    waiting = _RUNNING.where(challengers.c.begun_up_to.is_not(None), challengers.c.begins_at <= now)
    return await _claim(connection, waiting)


async def claim_uncounted(connection: AsyncConnection, now: datetime) -> Challenger | None:
    """The challenger if nobody has counted for a minute, unless another worker is at it.

    It is not held: counting a large book takes longer than who stops it can wait.
    """
    if not (await connection.execute(_COUNTING)).scalar_one():
        return None
    last = func.coalesce(challengers.c.counted_at, challengers.c.begins_at - COUNTED_EVERY)
    statement = _RUNNING.where(last <= now - COUNTED_EVERY)
    row = (await connection.execute(statement)).mappings().one_or_none()
    return None if row is None else _challenger(row)


async def claim_uncleared(connection: AsyncConnection, ended_by: datetime) -> int | None:
    """The version of a challenger that ended by then and whose shadows are still there."""
    left = select(challengers.c.version).where(challengers.c.ended_at <= ended_by, challengers.c.cleared_at.is_(None))
    held = left.limit(1).with_for_update(skip_locked=True)
    version: int | None = (await connection.execute(held)).scalar_one_or_none()
    return version


async def _claim(connection: AsyncConnection, statement: Select[Any]) -> Challenger | None:
    held = statement.with_for_update(skip_locked=True, of=challengers)
    row = (await connection.execute(held)).mappings().one_or_none()
    return None if row is None else _challenger(row)


def _challenger(row: RowMapping) -> Challenger:
    said = row["comparison"]
    return Challenger(**{**row, "comparison": None if said is None else Comparison(**said)})


async def add(connection: AsyncConnection, challenger: Challenger) -> None:
    """Store a new one."""
    await connection.execute(insert(challengers).values(asdict(challenger)))


async def change(connection: AsyncConnection, version: int, **cells: Any) -> None:
    """Note how far a challenger is."""
    await connection.execute(update(challengers).where(challengers.c.version == version).values(cells))


async def keep_comparison(connection: AsyncConnection, version: int, comparison: Comparison, at: datetime) -> None:
    """Replace what was counted before, unless the challenger was stopped meanwhile."""
    statement = update(challengers).where(challengers.c.version == version, challengers.c.ended_at.is_(None))
    await connection.execute(statement.values(comparison=asdict(comparison), counted_at=at))


async def note_ended(connection: AsyncConnection, now: datetime) -> None:
    """Whose version was approved or withdrawn is no longer the challenger."""
    is_draft = (
        select(scorecards.table.c.version)
        .where(scorecards.table.c.version == challengers.c.version, _IS_DRAFT)
        .exists()
    )
    statement = update(challengers).where(challengers.c.ended_at.is_(None), ~is_draft)
    await connection.execute(statement.values(ended_at=now))
