"""Whom a rule that counts days without own activity would have warned of, noted month by month, and how that fared."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Date, DateTime, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.alert.store.tables import alerts
from churn_alert.proof.domain.beside import Pauses
from churn_alert.proof.store.courses import Asked, within
from churn_alert.proof.store.judging import LEFT_ALONE
from churn_alert.proof.store.outcomes import recency_months, recency_outcomes, recency_warnings
from rapport.database import execute, fetch
from rapport.person.store import is_customer

# Of whom nobody may conclude anything nobody is noted: most of them are passed over here, and asked of all files of a
# person, and as it is once the customer is held, when noting.
_PAGE = f"""
SELECT r.customer_id FROM risks r
WHERE r.customer_id > $1 AND NOT r.consent_refused AND NOT r.is_restricted
    AND {is_customer("r.customer_id")}
ORDER BY r.customer_id LIMIT $2
"""  # noqa: S608 - our own words
# Tier and segment as they were by then: what was told since, and after it, nobody knew.
_NOTE = f"""
INSERT INTO recency_warnings (warning_id, customer_id, opened_at, after_days, tier, stage, segment)
SELECT gen_random_uuid(), found.customer_id, found.opened_at, $3, tiers.tier, stages.stage, segments.segment
FROM unnest($1::text[], $2::timestamptz[]) AS found (customer_id, opened_at)
    LEFT JOIN tiers ON tiers.customer_id = found.customer_id AND tiers.decided_at <= found.opened_at
    LEFT JOIN segments ON segments.customer_id = found.customer_id AND segments.since <= found.opened_at
    LEFT JOIN LATERAL (
        SELECT t.stage FROM lifecycle_transitions t
        WHERE t.customer_id = found.customer_id AND t.happened_at <= found.opened_at ORDER BY t.revision DESC LIMIT 1
    ) AS stages ON true
WHERE NOT EXISTS {LEFT_ALONE.format(customer="found.customer_id")}
ON CONFLICT DO NOTHING
"""  # noqa: S608 - our own words
_NOTED = "INSERT INTO recency_months (month, noted_at) SELECT unnest($1::date[]), $2 ON CONFLICT DO NOTHING"
_ONE, _CAME = recency_warnings.c, recency_outcomes.c


class Noted(NamedTuple):
    """When the first alert was opened, and the latest month that is noted; None before."""

    first_alert_at: datetime | None
    month: date | None


async def noted(connection: AsyncConnection) -> Noted:
    """How far it is."""
    first = select(func.min(alerts.c.opened_at)).scalar_subquery()
    latest = select(func.max(recency_months.c.month)).scalar_subquery()
    return Noted(*(await connection.execute(select(first, latest))).one())


async def customers_after(connection: AsyncConnection, customer_id: str, limit: int) -> list[str]:
    """Who is to be looked at, by id: as customers, so of merged files the survivor."""
    return [row[0] for row in await fetch(connection, _PAGE, customer_id, limit)]


async def note(connection: AsyncConnection, found: Sequence[tuple[str, datetime]], *, after_days: int) -> None:
    """Keep of whom the rule would have warned, and when, with what they were then; what was noted before stays."""
    if found:
        customers, moments = (list(column) for column in zip(*found, strict=True))
        await execute(connection, _NOTE, customers, moments, after_days)


async def months_noted(connection: AsyncConnection, months: Sequence[date], at: datetime) -> None:
    """These are whole."""
    await execute(connection, _NOTED, months, at)


async def noted_months(connection: AsyncConnection) -> set[date]:
    """Months that are whole, by their first day."""
    return set((await connection.execute(select(recency_months.c.month))).scalars())


async def fared(connection: AsyncConnection, asked: Asked) -> list[Pauses]:
    """What came of the warnings of the period that are judged, counted by what they were; of everybody."""
    known = (func.coalesce(_ONE[name], "unknown").label(name) for name in ("tier", "stage", "segment"))
    cells = (
        cast(func.date_trunc("month", cast(_CAME.warned_on, DateTime())), Date).label("month"),
        *known,
        _CAME.arm,
        _CAME.gone_on.is_not(None).label("is_right"),
        (_CAME.left_on - _CAME.told_on).label("recency_lead"),
        (_CAME.left_on - _CAME.alerted_on).label("alert_lead"),
    )
    joined = recency_warnings.join(recency_outcomes, _CAME.warning_id == _ONE.warning_id)
    inner = select(*cells).select_from(joined).where(*within(_ONE.opened_at, asked)).subquery("cells")
    statement = select(*inner.c, func.count()).group_by(*inner.c)
    rows: Sequence[Any] = (await connection.execute(statement)).all()
    return [Pauses(*row) for row in rows]
