"""Months counted and corrected, each by one statement over the changes of stage; nothing is read into the process.

A month is counted from what was known until a moment, and all months always until the same. So what becomes known later
is corrected by its customers' difference alone: who was erased, merged or separated since stays counted as they were.
"""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.casebook.domain.retention import Counts, Month
from churn_alert.casebook.store.typed import typed
from churn_alert.risk.domain.parts import AUTOMATIC
from rapport.person.store import MERGED

_COUNTS = ", ".join(Counts._fields)
_IN = "IN ('new', 'mature')"
# A customer's stage is that of the latest decision, whenever what it is about happened.
_STAGES = """
    SELECT t.customer_id,
        (array_agg(t.stage ORDER BY t.revision DESC) FILTER (WHERE t.happened_at < :begins))[1] AS before,
        (array_agg(t.stage ORDER BY t.revision DESC))[1] AS after
    FROM lifecycle_transitions t WHERE t.happened_at < :ends AND t.known_at <= {known} {among} GROUP BY t.customer_id
"""
_COUNTED = f"""
    (before {_IN})::integer AS began, (before {_IN} AND after {_IN})::integer AS kept,
    (before {_IN} AND NOT after {_IN})::integer AS lost,
    (coalesce(before, '') = 'lost' AND after {_IN})::integer AS won_back,
    (coalesce(before, 'potential') = 'potential' AND after {_IN})::integer AS joined
"""
_SUMS = ", ".join(f"sum({name})" for name in Counts._fields)
_SUMS_AS = ", ".join(f"coalesce(sum({name}), 0) AS {name}" for name in Counts._fields)
_OF_TOUCHED = "AND t.customer_id IN (SELECT customer_id FROM touched)"
# Whose latest change was before the month, and known then, has been in that stage all through it: of a book nearly all,
# and the present row has it. Of the others, who are found by two indexes, the changes are gone through.
_TOUCHED = """
    SELECT customer_id FROM lifecycle_transitions WHERE happened_at >= :begins
    UNION SELECT customer_id FROM lifecycle_transitions WHERE known_at > :known_until
"""
_SETTLED = f"""
    SELECT l.customer_id, l.stage AS before, l.stage AS after FROM lifecycles l
    WHERE l.stage {_IN} AND NOT EXISTS (SELECT FROM touched WHERE touched.customer_id = l.customer_id)
"""  # noqa: S608 - our own words
# In floats: what `extract` gives is numeric, and its powers are slow.
# By the pace of the last 30 days, of what the customer does: on all files of a person together.
_CHANNELS = f"""
    SELECT customer_id, (array_agg(channel ORDER BY uses DESC, channel))[1] AS channel FROM (
        SELECT coalesce(merged.survivor, b.customer_id) AS customer_id, b.channel,
            sum(b.month * power(0.5::float8,
                least(greatest(date_part('epoch', :ends - b.last_at) / 86400, 0), 900) / 30)) AS uses
        FROM behaviour_tallies b LEFT JOIN merged ON merged.customer_id = b.customer_id
        WHERE b.stream <> '{AUTOMATIC}' AND b.first_at < :ends
            AND NOT EXISTS (SELECT FROM risks r WHERE r.customer_id = b.customer_id AND r.consent_refused)
        GROUP BY 1, 2
    ) AS used WHERE uses > 0.001 GROUP BY customer_id
"""  # noqa: S608 - our own words
# The cells of a book are few: what is counted five times is they, not its customers.
_FREEZE = typed(
    f"""
    WITH merged AS MATERIALIZED (SELECT customer_id, survivor FROM {MERGED} merged),
    left_out AS (
        INSERT INTO retention_left_out (customer_id, month) SELECT customer_id, :month FROM merged
        ON CONFLICT DO NOTHING
    ),
    touched AS MATERIALIZED ({_TOUCHED}),
    stages AS ({_SETTLED} UNION ALL {_STAGES.format(known=":known_until", among=_OF_TOUCHED)}),
    used AS MATERIALIZED ({_CHANNELS}),
    cells AS MATERIALIZED (
        SELECT stage, tier, segment, channel, {_SUMS_AS} FROM (
            SELECT coalesce(before, 'unknown') AS stage, coalesce(tiers.tier, 'unknown') AS tier,
                coalesce(segments.segment, 'unknown') AS segment, coalesce(used.channel, 'unknown') AS channel,
                {_COUNTED}
            FROM stages LEFT JOIN tiers ON tiers.customer_id = stages.customer_id AND tiers.decided_at < :ends
                LEFT JOIN segments ON segments.customer_id = stages.customer_id AND segments.since < :ends
                LEFT JOIN used ON used.customer_id = stages.customer_id
            WHERE NOT EXISTS (SELECT FROM merged WHERE merged.customer_id = stages.customer_id)
                AND (before {_IN} OR after {_IN})
        ) AS counted GROUP BY stage, tier, segment, channel
    )
    INSERT INTO retention_months (month, division, name, revision, {_COUNTS}, known_until, counted_at, knows_merged)
    SELECT :month, division, name, 1, {_SUMS}, :known_until, :now, true FROM cells CROSS JOIN LATERAL (VALUES
        ('all', ''), ('stage', stage), ('tier', tier), ('segment', segment), ('channel', channel)
    ) AS groups (division, name) GROUP BY division, name
    UNION ALL SELECT :month, 'all', '', 1, 0, 0, 0, 0, 0, :known_until, :now, true
    WHERE NOT EXISTS (SELECT FROM cells)
    """  # noqa: S608 - our own words
)
_AMONG = "AND t.customer_id IN (SELECT customer_id FROM late)"
# Who was not counted, being merged into another then, must not be taken from it. Of a month that was counted before
# that was kept, only who was never in an act of merging is surely in it.
_CORRECT = typed(
    f"""
    WITH late AS (
        SELECT DISTINCT t.customer_id FROM lifecycle_transitions t
        WHERE t.known_at > :since AND t.known_at <= :known_until AND t.happened_at < :ends
            AND CASE WHEN (
                SELECT m.knows_merged FROM retention_months m
                WHERE m.month = :month AND m.division = 'all' AND m.name = '' AND m.revision = 1
            ) THEN NOT EXISTS (
                SELECT FROM retention_left_out l WHERE l.customer_id = t.customer_id AND l.month = :month
            ) ELSE NOT EXISTS (SELECT FROM merged_files act WHERE act.customer_id = t.customer_id) END
    ),
    changed AS (
        SELECT -1 AS sign, before, {_COUNTED} FROM ({_STAGES.format(known=":since", among=_AMONG)}) AS earlier
        UNION ALL
        SELECT 1, before, {_COUNTED} FROM ({_STAGES.format(known=":known_until", among=_AMONG)}) AS now
    ),
    moved AS (
        SELECT division, name, {", ".join(f"coalesce(sum(sign * {name}), 0) AS {name}" for name in Counts._fields)}
        FROM changed CROSS JOIN LATERAL (VALUES ('all', ''), ('stage', coalesce(before, 'unknown')))
            AS groups (division, name) GROUP BY division, name
    )
    INSERT INTO retention_months (month, division, name, revision, {_COUNTS}, known_until, counted_at)
    SELECT :month, moved.division, moved.name, coalesce(last.revision, 0) + 1,
        {", ".join(f"coalesce(last.{name}, 0) + moved.{name}" for name in Counts._fields)}, :known_until, :now
    FROM moved LEFT JOIN LATERAL (
        SELECT * FROM retention_months m WHERE m.month = :month AND m.division = moved.division AND m.name = moved.name
        ORDER BY m.revision DESC LIMIT 1
    ) AS last ON true
    WHERE {" OR ".join(f"moved.{name} <> 0" for name in Counts._fields)}
    """  # noqa: S608 - our own words
)
# Whoever only has an account is in no count, and the day of an opening is what cores make up where they do not know it.
_SPAN = typed(
    f"""
    SELECT (SELECT min(happened_at) FROM lifecycle_transitions WHERE stage {_IN}), min(month), max(month)
    FROM retention_months
    """  # noqa: S608 - our own words
)
_LATE = typed("SELECT min(happened_at) FROM lifecycle_transitions WHERE known_at > :since AND known_at <= :known_until")
# Nothing was decided that a transaction not yet seen could still hold.
_IS_KNOWN = typed(
    """
    SELECT NOT EXISTS (
        SELECT FROM lifecycle_transitions
        WHERE happened_at >= :begins AND happened_at < :ends AND known_at > :known_until
    )
    """
)


class Span(NamedTuple):
    """When somebody first did anything as a customer, and the first and the last month that is counted."""

    first_at: datetime | None
    counted: tuple[Month, Month] | None


async def span(connection: AsyncConnection) -> Span:
    """What there is to count, and how far it is."""
    first_at, first, last = (await connection.execute(_SPAN)).one()
    return Span(first_at, None if first is None else (Month(first), Month(last)))


async def earliest_touched(connection: AsyncConnection, since: datetime, known_until: datetime) -> datetime | None:
    """The earliest moment about which something became known in between; None: nothing did."""
    values = {"since": since, "known_until": known_until}
    touched: datetime | None = (await connection.execute(_LATE, values)).scalar()
    return touched


async def is_known(connection: AsyncConnection, values: dict[str, Any]) -> bool:
    """Whether all that was decided of a month is known; `values`: as `freeze` takes them."""
    return bool((await connection.execute(_IS_KNOWN, values)).scalar_one())


async def freeze(connection: AsyncConnection, values: dict[str, Any]) -> None:
    """Count a month for the first time: month, begins, ends, known_until, now."""
    await connection.execute(_FREEZE, values)


async def correct(connection: AsyncConnection, values: dict[str, Any]) -> None:
    """Put beside what was counted what became known after `since`, where it makes a difference."""
    await connection.execute(_CORRECT, values)
