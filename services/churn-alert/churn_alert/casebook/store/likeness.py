"""What alerts are compared by: read from the latest closed ones, in one statement.

Of each the indicators are picked out of its document by PostgreSQL. No row is kept for it: the number looked through is
bounded by the rules, and so is the time, however many alerts there are.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, cast, func, select, text
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.alert.store.reading import visible
from churn_alert.alert.store.tables import alerts
from churn_alert.casebook.domain.cases import TAUGHT
from churn_alert.casebook.domain.likeness import KINDS, Point
from churn_alert.proof.store.judging import LEFT_ALONE
from churn_alert.risk.domain.indicators import FOUR
from rapport.row_security import Sight

# The four come first, and are part of no other; alerts of before they were told have none there.
_FOUR = cast("$[0 to 3] ? (@.part_of == null).deviations", JSONPATH)
_COLUMNS = (
    alerts.c.alert_id,
    func.jsonb_path_query_array(alerts.c.indicators, _FOUR).label("deviations"),
    *(alerts.c[name] for name in KINDS),
)
_IS_NOT_LEFT_ALONE = text(f"NOT EXISTS {LEFT_ALONE.format(customer='alerts.customer_id')}")
_UNKNOWN = (None,) * len(FOUR)


async def point_of(connection: AsyncConnection, alert_id: UUID, sight: Sight) -> Point | None:
    """An alert that is asked about, open or closed; None where there is none to be seen."""
    statement = select(*_COLUMNS).where(alerts.c.alert_id == alert_id, visible(sight))
    row = (await connection.execute(statement)).one_or_none()
    return None if row is None else _point(row)


async def latest_cases(connection: AsyncConnection, *, limit: int, with_held_out: bool) -> list[Point]:
    """The latest closed alerts that ran their course, of everybody but who wants to be left alone now."""
    return [_point(row) for row in await connection.execute(_latest(limit, with_held_out=with_held_out))]


def _latest(limit: int, *, with_held_out: bool) -> Select[Any]:
    statement = select(*_COLUMNS).where(
        alerts.c.status == "closed", alerts.c.outcome.in_(TAUGHT), _IS_NOT_LEFT_ALONE, alerts.c.playbook.is_not(None)
    )
    if not with_held_out:
        statement = statement.where(alerts.c.arm.is_distinct_from("held-out"))
    return statement.order_by(alerts.c.closed_at.desc(), alerts.c.alert_id.desc()).limit(limit)


def _point(row: Sequence[Any]) -> Point:
    alert_id, deviations, *kinds = row
    return Point(alert_id, tuple(deviations) if len(deviations) == len(FOUR) else _UNKNOWN, tuple(kinds))
