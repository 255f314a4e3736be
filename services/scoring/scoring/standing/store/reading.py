"""What is asked of standings over REST: each answer is one statement, so it is of one moment."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import RowMapping, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.messaging.tables import consumer_offsets, stream_clocks
from scoring.standing.domain.state import Standing
from scoring.standing.store.standings import STATE, standing_of, standings

_offset = consumer_offsets.c
_MINE = (_offset.partition == standings.c.partition) & (
    _offset.topic == any_(bindparam("topics", type_=ARRAY(TEXT)))
)
_SHOW = select(
    *STATE,
    select(func.coalesce(func.sum(func.greatest(_offset.log_end_offset - _offset.next_offset, 0)), 0))
    .where(_MINE)
    .scalar_subquery(),
    select(func.min(_offset.advanced_at)).where(_MINE).scalar_subquery(),
    select(stream_clocks.c.position).where(stream_clocks.c.partition == standings.c.partition).scalar_subquery(),
).where(standings.c.customer_id == bindparam("customer_id"))


class Seen:
    """A standing as found, and how far behind Kafka its partition is.

    `lag`: records of its topics not handled when the worker last looked, at `lag_known_at`. `position`: stream time.
    """

    __slots__ = ("lag", "lag_known_at", "position", "standing")

    def __init__(self, row: Sequence[Any]) -> None:
        self.standing: Standing = standing_of(row)
        lag, self.lag_known_at, self.position = row[len(STATE) :]
        self.lag = int(lag)


async def find(connection: AsyncConnection, customer_id: str, topics: Sequence[str]) -> Seen | None:
    """One customer's standing."""
    row = (await connection.execute(_SHOW, {"customer_id": customer_id, "topics": list(topics)})).one_or_none()
    return Seen(row) if row is not None else None


_LISTED = select(
    *(standings.c[name] for name in ("customer_id", "tier", "tier_since", "points", "decided_at", "revision"))
).order_by(standings.c.customer_id)


async def page_of_standings(
    connection: AsyncConnection, *, tier: str | None, after: str | None, limit: int
) -> Sequence[RowMapping]:
    """Standings as last decided, in order of customer id, those of one tier or all."""
    statement = _LISTED if tier is None else _LISTED.where(standings.c.tier == tier)
    if after is not None:
        statement = statement.where(standings.c.customer_id > after)
    return (await connection.execute(statement.limit(limit))).mappings().all()


async def exists(connection: AsyncConnection, customer_id: str) -> bool:
    """Is there a standing of this customer?"""
    statement = select(standings.c.customer_id).where(standings.c.customer_id == customer_id)
    return (await connection.execute(statement)).one_or_none() is not None
