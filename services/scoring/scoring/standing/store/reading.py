"""What is asked of standings over REST: each answer is one statement, so it is of one moment."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from asyncpg import Record
from sqlalchemy import RowMapping, literal_column, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from rapport.database import borrow, fetch
from rapport.person.store import persons_of
from rapport.row_security import Sight
from rapport.sight.store import in_sight
from scoring.standing.domain.state import Standing
from scoring.standing.store.cells import standing_of
from scoring.standing.store.due_times import LATEST, due_times
from scoring.standing.store.persons import NOT_MERGED, load_persons
from scoring.standing.store.standings import FOR_PEOPLE, STATE, WHOLE, latest, standings

# How an opening was learned is nobody's question but the hash's, and costs time to read.
_SHOWN = ["'{}'::jsonb" if cell == "s.first_days" else cell for cell in STATE]


def _find(columns: Sequence[str]) -> str:
    return f"""
SELECT {", ".join(columns)}, l.lag, l.known_at, c.position,
    EXISTS (SELECT FROM merged_files m WHERE m.customer_id = s.customer_id)
FROM {WHOLE} LEFT JOIN stream_clocks c ON c.partition = s.partition CROSS JOIN LATERAL (
    SELECT coalesce(sum(greatest(o.log_end_offset - o.next_offset, 0)), 0)::bigint AS lag,
        min(o.advanced_at) AS known_at
    FROM consumer_offsets o WHERE o.topic = ANY($2::text[]) AND o.partition = s.partition
) l WHERE s.customer_id = $1
"""  # noqa: S608 - the names of our own columns


_FIND, _FIND_WHOLE = _find(_SHOWN), _find(STATE)


class Seen(NamedTuple):
    """A standing as found, and how far behind Kafka its partition is.

    `files`: of a person of several all of them, whose standing is the survivor's.
    `lag`: records of its topics not handled when the worker last looked, at `lag_known_at`. `position`: stream time.
    """

    standing: Standing
    lag: int
    lag_known_at: datetime | None
    position: datetime | None
    asked: str | None = None
    files: tuple[str, ...] = ()

    @property
    def customer_id(self) -> str:
        """The file that was asked for."""
        return self.asked or self.standing.customer_id

    @property
    def merged_into(self) -> str | None:
        """The file whose standing it is, where another was asked for."""
        return None if self.customer_id == self.standing.customer_id else self.standing.customer_id


async def find(engine: AsyncEngine, customer_id: str, topics: Sequence[str], *, is_whole: bool = False) -> Seen | None:
    """One customer's standing; without `is_whole` how the opening was learned is left out. Of a file that was merged it
    is the person's, on the sum over the files.

    The hottest read: straight through the driver it costs a third.
    """
    async with borrow(engine) as driver:
        row = await driver.fetchrow(_FIND_WHOLE if is_whole else _FIND, customer_id, topics)
    return _seen(row) if row is not None and not row[-1] else await _find_person(engine, customer_id, topics)


async def _find_person(engine: AsyncEngine, customer_id: str, topics: Sequence[str]) -> Seen | None:
    """Of several statements, in a transaction that sees one moment."""
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="REPEATABLE READ")
        ((survivor, files),) = (await persons_of(connection, [customer_id])).items()
        rows = await fetch(connection, _FIND_WHOLE, survivor, topics)
        if not rows:
            return None
        person = (await load_persons(connection, [survivor]))[survivor]
    return _seen(rows[0])._replace(standing=person, asked=customer_id, files=files)


def _seen(row: Record) -> Seen:
    cells = tuple(row)
    return Seen(standing_of(cells[: len(STATE)]), *cells[len(STATE) : -1])


_LISTED = (
    select(
        *(standings.c[name] for name in ("customer_id", "tier", "tier_since", "revision")),
        *(latest(name) for name in LATEST),
        literal_column(f"({FOR_PEOPLE})").label("people_only"),
        standings.c.override_until,
    )
    .outerjoin_from(standings, due_times, due_times.c.customer_id == standings.c.customer_id)
    .order_by(standings.c.customer_id)
)


async def page_of_standings(
    connection: AsyncConnection,
    *,
    tier: str | None,
    people_only: bool | None,
    sight: Sight,
    after: str | None,
    limit: int,
) -> Sequence[RowMapping]:
    """Standings in sight as last decided, in order of customer id: those of one tier or all, by who may change it or
    all. A person of several files is listed once, by the survivor."""
    statement = _LISTED.where(text(NOT_MERGED), in_sight(standings.c.customer_id, sight))
    if tier is not None:
        statement = statement.where(standings.c.tier == tier)
    if people_only is not None:
        statement = statement.where(text(f"({FOR_PEOPLE})" if people_only else f"NOT ({FOR_PEOPLE})"))
    if after is not None:
        statement = statement.where(standings.c.customer_id > after)
    return (await connection.execute(statement.limit(limit))).mappings().all()


async def exists(connection: AsyncConnection, customer_id: str) -> bool:
    """Is there a standing of this customer?"""
    statement = select(standings.c.customer_id).where(standings.c.customer_id == customer_id)
    return (await connection.execute(statement)).one_or_none() is not None
