"""Months as they were counted, for whoever asks."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.casebook.domain.retention import Counts, Division, Warned
from churn_alert.casebook.store.tables import retention_alerts, retention_months
from churn_alert.casebook.store.typed import typed
from churn_alert.casebook.store.warned import ALERTS

_LIVE = typed(ALERTS)
_KEY = (retention_months.c.month, retention_months.c.division, retention_months.c.name)


class Row(NamedTuple):
    """A group of a month. `revision`: 1 as it was counted first, more once something became known late."""

    month: date
    division: Division
    name: str
    revision: int
    counts: Counts
    known_until: datetime
    counted_at: datetime


class Asked(NamedTuple):
    """Months from the first to the last, both included, of one division; `revisions`: the earlier ones too."""

    division: Division
    first: date
    last: date
    revisions: bool = False


async def rows(connection: AsyncConnection, asked: Asked) -> list[Row]:
    """By month and name, of each the latest revision, or all of them, the earliest first."""
    columns = retention_months.c
    statement = select(
        *_KEY, columns.revision, *(columns[name] for name in Counts._fields), columns.known_until, columns.counted_at
    ).where(columns.division == asked.division, columns.month.between(asked.first, asked.last))
    if asked.revisions:
        statement = statement.order_by(*_KEY, columns.revision)
    else:
        statement = statement.ext(distinct_on(*_KEY)).order_by(*_KEY, columns.revision.desc())
    found = []
    for month, division, name, revision, *rest in await connection.execute(statement):
        found.append(Row(month, division, name, revision, Counts(*rest[:-2]), *rest[-2:]))
    return found


async def warned(
    connection: AsyncConnection, asked: Asked, *, begins: datetime, ends: datetime, zone: str
) -> dict[tuple[date, str], tuple[Warned, bool]]:
    """By month and name the alerts that were opened then, and whether that is for good; else as it is known now."""
    columns = retention_alerts.c
    of_months = columns.month.between(asked.first, asked.last)
    kept = await connection.execute(select(columns.month).distinct().where(of_months))
    for_good = set(kept.scalars())
    statement = select(columns.month, columns.name, *(columns[name] for name in Warned._fields))
    told = await connection.execute(statement.where(of_months, columns.division == asked.division))
    found = {(month, name): (Warned(*counts), True) for month, name, *counts in told}
    live: Sequence[Any] = (await connection.execute(_LIVE, {"begins": begins, "ends": ends, "zone": zone})).all()
    for month, division, name, *counts in live:
        if division == asked.division and month not in for_good:
            found[month, name] = (Warned(*counts), False)
    return found
