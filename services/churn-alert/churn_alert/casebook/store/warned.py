"""The alerts of each month: as they are now until nothing more can come of any, then counted for good."""

from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.casebook.domain.retention import Month, Warned
from churn_alert.casebook.store.typed import typed
from churn_alert.proof.store.judging import LEFT_ALONE, WARNED_AT

ALERTS = """
    SELECT month, division, name, count(*) AS alerts, count(*) FILTER (WHERE is_treated) AS treated,
        count(*) FILTER (WHERE is_treated AND is_judged) AS judged,
        count(*) FILTER (WHERE is_treated AND is_judged AND gone_on IS NULL) AS stayed
    FROM (
        SELECT date_trunc('month', timezone(:zone, a.opened_at))::date AS month,
            coalesce(a.stage, 'unknown') AS stage, coalesce(a.tier, 'unknown') AS tier,
            coalesce(a.segment, 'unknown') AS segment,
            a.playbook IS NOT NULL AND a.arm IS DISTINCT FROM 'held-out' AS is_treated,
            o.alert_id IS NOT NULL AS is_judged, o.gone_on
        FROM alerts a LEFT JOIN alert_outcomes o ON o.alert_id = a.alert_id
        WHERE a.opened_at >= :begins AND a.opened_at < :ends
    ) AS one CROSS JOIN LATERAL (VALUES ('all', ''), ('stage', stage), ('tier', tier), ('segment', segment))
        AS groups (division, name) GROUP BY month, division, name
"""
_FREEZE_ALERTS = typed(
    f"""
    INSERT INTO retention_alerts (month, division, name, {", ".join(Warned._fields)}, counted_at)
    SELECT month, division, name, {", ".join(Warned._fields)}, :now FROM ({ALERTS}) AS counted
    UNION ALL SELECT :month, 'all', '', 0, 0, 0, 0, :now WHERE NOT EXISTS (
        SELECT FROM alerts a WHERE a.opened_at >= :begins AND a.opened_at < :ends
    )
    """  # noqa: S608 - our own words
)
_UNJUDGED = typed(
    """
    SELECT m.month FROM (SELECT DISTINCT month FROM retention_months) m
    WHERE NOT EXISTS (SELECT FROM retention_alerts w WHERE w.month = m.month) ORDER BY 1
    """
)
# Of who is left alone nothing is found, maybe for ever; but who allows it again before the window is over is judged.
_IS_JUDGED = typed(
    f"""
    SELECT NOT EXISTS (
        SELECT FROM alerts a LEFT JOIN alert_events e ON e.alert_id = a.alert_id AND e.number = 1
            LEFT JOIN risks r ON r.customer_id = a.customer_id LEFT JOIN stream_clocks c ON c.partition = r.partition
        WHERE a.opened_at >= :begins AND a.opened_at < :ends
            AND NOT EXISTS (SELECT FROM alert_outcomes o WHERE o.alert_id = a.alert_id)
            AND (NOT EXISTS {LEFT_ALONE.format(customer="a.customer_id")} OR coalesce(
                {WARNED_AT.format(is_stream_time=":is_stream_time")}
                    >= CASE WHEN :is_stream_time THEN c.position ELSE :now END - :ripe_after, true))
    )
    """  # noqa: S608 - our own words
)


async def unjudged(connection: AsyncConnection) -> list[Month]:
    """Months that are counted without their alerts."""
    return [Month(row[0]) for row in await connection.execute(_UNJUDGED)]


async def is_judged(
    connection: AsyncConnection, values: dict[str, Any], *, window: timedelta, is_stream_time: bool
) -> bool:
    """Whether of every alert of a month it is known what came of it, but of who is left alone, whose window is over
    too: a day after it, as alerts are judged.
    """
    values = values | {"ripe_after": window + timedelta(days=1), "is_stream_time": is_stream_time}
    return bool((await connection.execute(_IS_JUDGED, values)).scalar_one())


async def freeze_alerts(connection: AsyncConnection, values: dict[str, Any]) -> None:
    """Count a month's alerts for good: month, begins, ends, zone, now."""
    await connection.execute(_FREEZE_ALERTS, values)
