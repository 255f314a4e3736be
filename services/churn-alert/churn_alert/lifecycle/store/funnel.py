"""What is asked of the stages of the whole book: each question is one statement over the spells that customers spent.

Each change says since when the stage before it was: so one that a correction ended when it began is in no count, and
nothing need be sorted. A person of several files counts once, by the survivor, and in the unit of now.
"""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.lifecycle.domain.funnel import Count, Move, Risk, Spell, Window
from churn_alert.lifecycle.domain.life import Stage
from rapport.person.store import is_customer

_OF = f"""
    JOIN lifecycles l ON l.customer_id = t.customer_id
    WHERE {is_customer("t.customer_id")} AND (CAST(:unit AS text) IS NULL OR l.unit = CAST(:unit AS text))
"""
_COUNTS = text(
    f"""
    WITH changed AS (
        SELECT t.previous, t.stage, l.unit, count(*) AS ever, count(*) FILTER (WHERE t.happened_at > :begins) AS lately,
            count(*) FILTER (WHERE t.happened_at > :begins AND t.previous_since = t.happened_at) AS untrue
        FROM lifecycle_transitions t {_OF} AND t.happened_at <= :as_of GROUP BY 1, 2, 3
    )
    SELECT side.stage, unit, sum(side.sign * ever)::bigint,
        sum(CASE side.sign WHEN 1 THEN lately ELSE -untrue END)::bigint,
        sum(CASE side.sign WHEN 1 THEN 0 ELSE lately - untrue END)::bigint
    FROM changed CROSS JOIN LATERAL (VALUES (stage, 1), (previous, -1)) AS side(stage, sign)
    WHERE side.stage IS NOT NULL GROUP BY side.stage, unit ORDER BY side.stage, unit
    """  # noqa: S608 - our own words
)
_MOVES = text(
    f"""
    SELECT t.previous, t.stage, t.rule, count(*) FROM lifecycle_transitions t
    {_OF} AND t.happened_at > :begins AND t.happened_at <= :as_of
    GROUP BY t.previous, t.stage, t.rule ORDER BY t.previous NULLS FIRST, t.stage, t.rule
    """  # noqa: S608 - our own words
)
_DAYS = text(
    f"""
    SELECT stage, floor(extract(epoch FROM least(ended, :as_of) - began) / 86400)::integer AS days,
        coalesce(ended <= :as_of, false) AS is_over, count(*)
    FROM (
        SELECT t.previous AS stage, t.previous_since AS began, t.happened_at AS ended FROM lifecycle_transitions t
        {_OF} AND t.previous_since < t.happened_at
        UNION ALL SELECT t.stage, t.since, NULL FROM lifecycles t {_OF} AND t.stage IS NOT NULL
    ) AS spells WHERE began <= :as_of GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    """  # noqa: S608 - our own words
)
_RISKS = text(
    f"""
    SELECT l.stage, count(r.probability), avg(r.probability), count(*) FILTER (WHERE r.is_raised)
    FROM lifecycles l JOIN risks r ON r.customer_id = l.customer_id
    WHERE l.stage IS NOT NULL AND {is_customer("l.customer_id")}
        AND (CAST(:unit AS text) IS NULL OR l.unit = CAST(:unit AS text)) GROUP BY l.stage
    """  # noqa: S608 - our own words
)
_FURTHEST = text("SELECT max(position) FROM stream_clocks")


async def counts(connection: AsyncConnection, window: Window) -> list[Count]:
    """Customers by stage and unit: inside at the end of the window, entered and left in it."""
    return [Count(*row) for row in await connection.execute(_COUNTS, window._asdict())]


async def moves(connection: AsyncConnection, window: Window) -> list[Move]:
    """Who went from where to where in the window, by which rule."""
    return [Move(*row) for row in await connection.execute(_MOVES, window._asdict())]


async def spells(connection: AsyncConnection, window: Window) -> list[Spell]:
    """How long customers were in each stage until the end of the window, in whole days."""
    return [Spell(*row) for row in await connection.execute(_DAYS, {"as_of": window.as_of, "unit": window.unit})]


async def risks_now(connection: AsyncConnection, unit: str | None) -> dict[Stage, Risk]:
    """The churn risk by stage, as it was last decided of who is in each now."""
    return {row[0]: Risk(*row[1:]) for row in await connection.execute(_RISKS, {"unit": unit})}


async def stream_position(connection: AsyncConnection) -> datetime | None:
    """The latest that it is for any customer in stream time."""
    position: datetime | None = (await connection.execute(_FURTHEST)).scalar_one()
    return position
