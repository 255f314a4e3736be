"""How far months are counted: the one row of `retention_looks`, which is also held by whoever counts."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.casebook.domain.retention import Month
from churn_alert.casebook.store.tables import retention_looks
from churn_alert.lifecycle.store.lives import lives

_COLUMNS = tuple(column for column in retention_looks.columns if column.name != "key")
# A month goes over the whole book: a connection of the worker ends with less time, and would sort on the disk.
_PATIENCE = text("SELECT set_config('statement_timeout', '10min', true), set_config('work_mem', '64MB', true)")
_MOST_HELD = 101
"""One more than a month is counted without."""


class Correcting(NamedTuple):
    """What became known since then is still to be put into the months from one on and before another."""

    since: datetime
    month: Month
    before: Month


class Held(NamedTuple):
    """By the wall since when, somebody is due before the end of the next month, which is `before`."""

    since: datetime
    before: datetime


class Look(NamedTuple):
    """`known_until`: up to when what became known is in all months, once nothing is `correcting` any more."""

    known_until: datetime
    correcting: Correcting | None
    held: Held | None


async def claim(connection: AsyncConnection) -> Look | None:
    """How far it is; None while another counts. It is this transaction's then."""
    await connection.execute(_PATIENCE)
    statement = select(*_COLUMNS).with_for_update(skip_locked=True)
    row = (await connection.execute(statement)).one_or_none()
    if row is None:
        return None
    correcting = held = None
    if row.correcting_since is not None:
        correcting = Correcting(row.correcting_since, Month(row.correcting_month), Month(row.correcting_before))
    if row.held_since is not None:
        held = Held(row.held_since, row.held_before)
    return Look(row.known_until, correcting, held)


async def looked(connection: AsyncConnection, known_until: datetime, correcting: Correcting | None) -> None:
    """All months hold what was known until then, or will once what is begun is done."""
    since, month, before = correcting or (None, None, None)
    values = {
        "known_until": known_until,
        "correcting_since": since,
        "correcting_month": month.first if month else None,
        "correcting_before": before.first if before else None,
    }
    await connection.execute(update(retention_looks).values(values))


async def hold(connection: AsyncConnection, held: Held | None) -> None:
    """Somebody is waited for, or nobody any more."""
    since, before = held or (None, None)
    await connection.execute(update(retention_looks).values(held_since=since, held_before=before))


async def due(connection: AsyncConnection, *, since: datetime | None, until: datetime, limit: int) -> int:
    """How many customers are due from one moment on and before another, as far as `limit`."""
    wanted = [lives.c.due_at < until] if since is None else [lives.c.due_at < until, lives.c.due_at >= since]
    some = select(lives.c.customer_id).where(*wanted).limit(limit).subquery()
    return (await connection.execute(select(func.count()).select_from(some))).scalar_one()


async def held_up(connection: AsyncConnection) -> int:
    """How many customers are due before the end of a month that waits for them, or was counted without them, as far as
    a hundred and one: nobody is looked for while none is waited for.
    """
    before = (await connection.execute(select(retention_looks.c.held_before))).scalar_one_or_none()
    return 0 if before is None else await due(connection, since=None, until=before, limit=_MOST_HELD)
