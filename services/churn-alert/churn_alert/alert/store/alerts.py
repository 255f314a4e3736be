"""Alerts as handlers load and save them: one query, two upserts a batch."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, Text, any_, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.alert.domain.lifecycle import Alert, AlertEvent, Change
from churn_alert.alert.store.tables import IS_OPEN, alert_events, alerts
from churn_alert.risk.domain.indicators import Indicator
from rapport.consent.store import versions_of
from rapport.database import update_columns, upsert_many

_FIELDS = tuple(field.name for field in fields(Alert))
COLUMNS = tuple(alerts.c[name] for name in _FIELDS)
_TIMES = ("policy_version", "waiting_since", "answer_by", "due_at")
_OUTDATED = (
    select(alerts.c.customer_id)
    .where(text(IS_OPEN), alerts.c.policy_version.is_distinct_from(bindparam("version")))
    .order_by(alerts.c.customer_id)
    .limit(bindparam("limit"))
)
_OPEN_OF = select(*COLUMNS).where(alerts.c.customer_id == any_(bindparam("ids", type_=ARRAY(Text))), text(IS_OPEN))


async def open_alerts(connection: AsyncConnection, customer_ids: Iterable[str]) -> dict[str, Alert]:
    """The open alert of each of these customers who has one."""
    rows = (await connection.execute(_OPEN_OF, {"ids": sorted(set(customer_ids))})).mappings().all()
    return {row["customer_id"]: alert_of(row) for row in rows}


async def outdated(connection: AsyncConnection, limit: int, *, version: int) -> Sequence[str]:
    """Customers whose open alert has its times by another version of the policy than this, or none yet."""
    return (await connection.execute(_OUTDATED, {"version": version, "limit": limit})).scalars().all()


async def retime(connection: AsyncConnection, anew: Sequence[Alert], *, partition_of: Callable[[str], int]) -> None:
    """Write the times of these alerts alone: nothing happened to them."""
    rows = ((one.alert_id, *(getattr(one, name) for name in _TIMES), partition_of(one.customer_id)) for one in anew)
    if anew:
        await update_columns(connection, alerts, (*_TIMES, "partition"), rows)


async def find(connection: AsyncConnection, alert_id: UUID) -> Alert | None:
    """One alert, whoever asks."""
    row = (await connection.execute(select(*COLUMNS).where(alerts.c.alert_id == alert_id))).mappings().one_or_none()
    return alert_of(row) if row else None


async def save(
    connection: AsyncConnection,
    changes: Sequence[Change],
    *,
    known_at: datetime,
    partition_of: Callable[[str], int],
) -> None:
    """Write alerts as they are after these changes, and the changes themselves, with what is known of consents now.

    In their order: where one alert of a customer closes and another opens, the closed one is written first.
    """
    latest = {alert.alert_id: alert for alert, _ in changes}
    await upsert_many(connection, alerts, [_row(alert, partition_of) for alert in latest.values()])
    versions = await versions_of(connection, {alert.customer_id for alert in latest.values()})
    rows = [_event_row(event, known_at, versions.get(alert.customer_id)) for alert, event in changes]
    await upsert_many(connection, alert_events, rows)


def alert_of(row: RowMapping) -> Alert:
    """A row of `COLUMNS` as the rules take it."""
    cells = dict(row)
    cells["indicators"] = tuple(Indicator.kept(one) for one in cells["indicators"])
    return Alert(**cells)


def _row(alert: Alert, partition_of: Callable[[str], int]) -> dict[str, Any]:
    return {name: getattr(alert, name) for name in _FIELDS} | {
        "indicators": alert.indicators,
        "partition": partition_of(alert.customer_id),
    }


def _event_row(event: AlertEvent, known_at: datetime, consent_version: int | None) -> dict[str, Any]:
    return {
        "alert_id": event.alert_id,
        "number": event.number,
        "step": event.step,
        "happened_at": event.at,
        "known_at": known_at,
        "done_by": event.by,
        "outcome": event.outcome,
        "consent_version": consent_version,
        "owner": event.owner,
        "escalation": event.escalation,
        "snoozed_until": event.snoozed_until,
    }
