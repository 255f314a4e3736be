"""What is asked of the stages of the whole book: each question is one statement over the spells that customers spent.

Who is inside at a moment is who is inside now, less what changed since: a question about today goes over the book once
and not over its history. Each change says since when the stage before it was: so one that a correction ended when it
began is in no count, and nothing need be sorted. A person of several files counts once, by the survivor, and in the
unit of now.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.lifecycle.domain.funnel import Count, Move, Risk, Spell, Window
from churn_alert.lifecycle.domain.life import Stage
from rapport.person.store import MERGED

# `is_customer` for a whole book: who is merged is read once into a hash, and asked of each row.
_IS_CUSTOMER = f"{{file}} NOT IN (SELECT merged.customer_id FROM {MERGED} merged)"  # noqa: S608 - our own words
_WHO = f"{_IS_CUSTOMER.format(file='l.customer_id')} AND (CAST(:unit AS text) IS NULL OR l.unit = CAST(:unit AS text))"
_OF = f"JOIN lifecycles l ON l.customer_id = t.customer_id WHERE {_WHO}"
# Of the two ways the one over fewer changes is taken: from who is inside now, less what came later, or from the first.
_COUNTS = """
    WITH changed AS (
        SELECT t.previous, t.stage, l.unit, count(*) FILTER (WHERE {passed}) AS passed,
            count(*) FILTER (WHERE {lately}) AS lately,
            count(*) FILTER (WHERE {lately} AND t.previous_since = t.happened_at) AS untrue
        FROM lifecycle_transitions t {of} AND {among} GROUP BY 1, 2, 3
    ), sides AS (
        SELECT stage, unit, {sign} passed AS inside, lately AS entered, 0 AS gone FROM changed
        UNION ALL SELECT previous, unit, - ({sign} passed), -untrue, lately - untrue FROM changed
        WHERE previous IS NOT NULL {now}
    )
    SELECT stage, unit, sum(inside)::bigint, sum(entered)::bigint, sum(gone)::bigint
    FROM sides GROUP BY stage, unit HAVING greatest(sum(inside), sum(entered), sum(gone)) > 0 ORDER BY stage, unit
    """
_NOW = f"""
        UNION ALL SELECT l.stage, l.unit, count(*), 0, 0 FROM lifecycles l WHERE l.stage IS NOT NULL AND {_WHO}
        GROUP BY 1, 2
"""  # noqa: S608 - our own words
_LATELY = "t.happened_at > :begins AND t.happened_at <= :as_of"
_LATER, _EARLIER = "t.happened_at > :as_of", "t.happened_at <= :as_of"
_FROM_NOW = text(
    _COUNTS.format(
        of=_OF, passed=_LATER, lately=_EARLIER, among="t.happened_at > least(:begins, :as_of)", sign="-", now=_NOW
    )
)
_FROM_FIRST = text(_COUNTS.format(of=_OF, passed=_EARLIER, lately=_LATELY, among=_EARLIER, sign="+", now=""))
_SPAN = text("SELECT min(happened_at), max(happened_at) FROM lifecycle_transitions")
_MOVES = text(
    f"""
    SELECT t.previous, t.stage, t.rule, count(*) FROM lifecycle_transitions t
    {_OF} AND t.happened_at > :begins AND t.happened_at <= :as_of
    GROUP BY t.previous, t.stage, t.rule ORDER BY t.previous NULLS FIRST, t.stage, t.rule
    """  # noqa: S608 - our own words
)
# The difference of two moments holds its whole days of 24 hours beside the rest.
_DAYS = """
    SELECT stage, date_part('day', least(ended, :as_of) - began)::integer AS days,
        coalesce(ended <= :as_of, false) AS is_over, count(*)
    FROM (
        SELECT t.previous AS stage, t.previous_since AS began, t.happened_at AS ended FROM lifecycle_transitions t
        {of} AND t.previous_since < t.happened_at
        UNION ALL SELECT t.stage, t.since, NULL FROM lifecycles t {of} AND t.stage IS NOT NULL
    ) AS spells WHERE began <= :as_of GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    """
_DAYS_OF_UNIT = text(_DAYS.format(of=_OF))
_DAYS_OF_ALL = text(_DAYS.format(of=f"WHERE {_IS_CUSTOMER.format(file='t.customer_id')}"))
_RISKS = text(
    f"""
    SELECT l.stage, count(r.probability), avg(r.probability), count(*) FILTER (WHERE r.is_raised)
    FROM lifecycles l JOIN risks r ON r.customer_id = l.customer_id
    WHERE l.stage IS NOT NULL AND {_WHO} GROUP BY l.stage
    """  # noqa: S608 - our own words
)
_FURTHEST = text("SELECT max(position) FROM stream_clocks")


async def counts(connection: AsyncConnection, window: Window) -> list[Count]:
    """Customers by stage and unit: inside at the end of the window, entered and left in it."""
    first, last = (await connection.execute(_SPAN)).one()
    is_early = first is not None and window.as_of - first < last - window.as_of
    statement = _FROM_FIRST if is_early else _FROM_NOW
    return [Count(*row) for row in await connection.execute(statement, window._asdict())]


async def moves(connection: AsyncConnection, window: Window) -> list[Move]:
    """Who went from where to where in the window, by which rule."""
    return [Move(*row) for row in await connection.execute(_MOVES, window._asdict())]


async def spells(connection: AsyncConnection, window: Window) -> list[Spell]:
    """How long customers were in each stage until the end of the window, in whole days."""
    asked: dict[str, Any] = {"as_of": window.as_of}
    if window.unit is None:
        return [Spell(*row) for row in await connection.execute(_DAYS_OF_ALL, asked)]
    return [Spell(*row) for row in await connection.execute(_DAYS_OF_UNIT, asked | {"unit": window.unit})]


async def risks_now(connection: AsyncConnection, unit: str | None) -> dict[Stage, Risk]:
    """The churn risk by stage, as it was last decided of who is in each now."""
    return {row[0]: Risk(*row[1:]) for row in await connection.execute(_RISKS, {"unit": unit})}


async def stream_position(connection: AsyncConnection) -> datetime | None:
    """The latest that it is for any customer in stream time."""
    position: datetime | None = (await connection.execute(_FURTHEST)).scalar_one()
    return position
