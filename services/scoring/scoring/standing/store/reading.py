"""What is asked of standings over REST: each answer is one statement, so it is of one moment."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import RowMapping, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from rapport.database import borrow
from scoring.standing.domain.state import Standing
from scoring.standing.store.cells import standing_of
from scoring.standing.store.due_times import LATEST, due_times
from scoring.standing.store.standings import STATE, WHOLE, latest, standings

# How an opening was learned is nobody's question but the hash's, and costs time to read.
_SHOWN = ["'{}'::jsonb" if cell == "s.first_days" else cell for cell in STATE]


def _find(columns: Sequence[str]) -> str:
    return f"""
SELECT {", ".join(columns)}, l.lag, l.known_at, c.position
FROM {WHOLE} LEFT JOIN stream_clocks c ON c.partition = s.partition CROSS JOIN LATERAL (
    SELECT coalesce(sum(greatest(o.log_end_offset - o.next_offset, 0)), 0)::bigint AS lag,
        min(o.advanced_at) AS known_at
    FROM consumer_offsets o WHERE o.topic = ANY($2::text[]) AND o.partition = s.partition
) l WHERE s.customer_id = $1
"""  # noqa: S608 - the names of our own columns


_FIND, _FIND_WHOLE = _find(_SHOWN), _find(STATE)


class Seen(NamedTuple):
    """A standing as found, and how far behind Kafka its partition is.

    `lag`: records of its topics not handled when the worker last looked, at `lag_known_at`. `position`: stream time.
    """

    standing: Standing
    lag: int
    lag_known_at: datetime | None
    position: datetime | None


async def find(engine: AsyncEngine, customer_id: str, topics: Sequence[str], *, is_whole: bool = False) -> Seen | None:
    """One customer's standing; without `is_whole` how the opening was learned is left out.

    The hottest read: straight through the driver it costs a third.
    """
    async with borrow(engine) as driver:
        row = await driver.fetchrow(_FIND_WHOLE if is_whole else _FIND, customer_id, topics)
    if row is None:
        return None
    cells = tuple(row)
    return Seen(standing_of(cells[: len(STATE)]), *cells[len(STATE) :])


_LISTED = (
    select(
        *(standings.c[name] for name in ("customer_id", "tier", "tier_since", "revision")),
        *(latest(name) for name in LATEST),
        standings.c.people_only,
        standings.c.override_until,
    )
    .outerjoin_from(standings, due_times, due_times.c.customer_id == standings.c.customer_id)
    .order_by(standings.c.customer_id)
)


async def page_of_standings(
    connection: AsyncConnection, *, tier: str | None, people_only: bool | None, after: str | None, limit: int
) -> Sequence[RowMapping]:
    """Standings as last decided, in order of customer id: those of one tier or all, by who may change it or all."""
    statement = _LISTED if tier is None else _LISTED.where(standings.c.tier == tier)
    if people_only is not None:
        statement = statement.where(standings.c.people_only if people_only else ~standings.c.people_only)
    if after is not None:
        statement = statement.where(standings.c.customer_id > after)
    return (await connection.execute(statement.limit(limit))).mappings().all()


async def exists(connection: AsyncConnection, customer_id: str) -> bool:
    """Is there a standing of this customer?"""
    statement = select(standings.c.customer_id).where(standings.c.customer_id == customer_id)
    return (await connection.execute(statement)).one_or_none() is not None
