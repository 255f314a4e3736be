"""Upkeep: months that are over are counted once, and what becomes known of them later is put beside.

Resumable: each month is a transaction of its own, and whoever counts holds the one row that says how far it is.
"""

from datetime import datetime, timedelta, tzinfo
from typing import Any

from churn_alert.casebook.domain.retention import Month, months
from churn_alert.casebook.store import retention as store
from churn_alert.casebook.store import warned
from churn_alert.proof.handlers import Measuring
from rapport.messaging.offsets import stream_positions
from rapport.messaging.transaction import Transaction, Transactions

_SETTLED = timedelta(minutes=5)
"""No transaction lasts so long: what became known before then is there to be seen."""
_AFTER = timedelta(hours=1)
"""In wall time: by then a month's last hour has been heard and looked at."""


async def count_months(transactions: Transactions, *, measure: Measuring, settled: timedelta = _SETTLED) -> None:
    """Correct what became known late, then count what is over and not counted yet, then alerts that are judged."""
    zone = measure.zone
    await _correct(transactions, zone, settled)
    while await _count_next(transactions, zone):
        pass
    await _count_alerts(transactions, measure)


async def _correct(transactions: Transactions, zone: tzinfo, settled: timedelta) -> None:
    async with transactions.begin() as tx:
        since = await store.claim(tx.connection)
        if since is None:
            return
        known_until = max(since, tx.now - settled)
        counted = (await store.span(tx.connection)).counted
        touched = await store.earliest_touched(tx.connection, since, known_until)
        if counted is not None and touched is not None:
            for month in months(Month.of(touched, zone), counted.following):
                await store.correct(tx.connection, _values(month, zone, known_until, tx.now) | {"since": since})
        await store.looked(tx.connection, known_until)


async def _count_next(transactions: Transactions, zone: tzinfo) -> bool:
    async with transactions.begin() as tx:
        known_until = await store.claim(tx.connection)
        first_at, counted = await store.span(tx.connection)
        if known_until is None or first_at is None:
            return False
        month = Month.of(first_at, zone) if counted is None else counted.following
        values = _values(month, zone, known_until, tx.now)
        if month.ends(zone) > await _passed(tx) or not await store.is_whole(tx.connection, values):
            return False
        await store.freeze(tx.connection, values)
        return True


async def _count_alerts(transactions: Transactions, measure: Measuring) -> None:
    zone, is_stream_time = measure.zone, transactions.service.is_stream_time
    window = max(version.definition.window for _, _, version in measure.periods())
    async with transactions.begin() as tx:
        if await store.claim(tx.connection) is None:
            return
        for month in await warned.unjudged(tx.connection):
            values = _values(month, zone, tx.now, tx.now)
            if await warned.is_judged(tx.connection, values, window=window, is_stream_time=is_stream_time):
                await warned.freeze_alerts(tx.connection, values | {"zone": str(zone)})


async def _passed(tx: Transaction) -> datetime:
    """Up to when all is over: the system clock less what is on its way, in stream time the partition behind all."""
    if not tx.service.is_stream_time:
        return tx.now - _AFTER
    positions = await stream_positions(tx.connection)
    return min(positions.values(), default=datetime.min.replace(tzinfo=tx.now.tzinfo))


def _values(month: Month, zone: tzinfo, known_until: datetime, now: datetime) -> dict[str, Any]:
    begins, ends = month.begins(zone), month.ends(zone)
    return {"month": month.first, "begins": begins, "ends": ends, "known_until": known_until, "now": now}
