"""Upkeep: of whom a rule that counts days without own activity alone would have warned, noted once a month is over.

Of everybody, by what was known when the month ended: so its warnings can be judged as alerts are.
"""

from datetime import date, datetime, time, timedelta

from churn_alert.proof.domain.disclosure import month_begins
from churn_alert.proof.domain.outcome import warned_by_recency
from churn_alert.proof.handlers import Measuring
from churn_alert.proof.store import recency as store
from churn_alert.proof.store.issued import furthest_whole
from churn_alert.proof.store.lived import days_of
from rapport.messaging.transaction import Transactions

_PAGE = 2000
_SETTLES = timedelta(days=1)
"""So long after a month its last day is heard."""


async def note_recency(transactions: Transactions, *, measure: Measuring) -> None:
    """Note each month that is over, from the first on in which every departure is one that an alert could have told of.
    Broken off it begins its month again: who is noted stays noted.
    """
    while await _note_next(transactions, measure):
        pass


async def _note_next(transactions: Transactions, measure: Measuring) -> bool:
    zone = measure.zone
    async with transactions.begin() as tx:
        first_at, latest = await store.noted(tx.connection)
        is_stream_time = transactions.service.is_stream_time
        until = await furthest_whole(tx.connection, zone, tx.now, is_stream_time=is_stream_time)
    if first_at is None or until is None:
        return False
    month = following(latest) if latest else _first_month(first_at, measure)
    if until < following(month) + _SETTLES:
        return False
    version = measure.at(month_begins(month, zone))
    reached: str | None = ""
    while reached is not None:
        reached = await _note_page(transactions, version, month, reached)
    async with transactions.begin() as tx:
        await store.month_noted(tx.connection, month, tx.now)
    return True


def _first_month(first_at: datetime, measure: Measuring) -> date:
    version = measure.at(first_at)
    apart = timedelta(days=version.definition.ahead_days + version.recency_days)
    return following(first_at.astimezone(measure.zone).date() + apart)


async def _note_page(transactions: Transactions, measure: Measuring, month: date, after: str) -> str | None:
    until = following(month)
    async with transactions.begin() as tx:
        page = await store.customers_after(tx.connection, after, _PAGE)
        days = await days_of(tx.connection, page)
        found = [
            (customer_id, datetime.combine(day, time(), measure.zone))
            for customer_id in page
            if customer_id in days
            for day in warned_by_recency(days[customer_id], measure.recency_days, measure.definition, month, until)
        ]
        # Whoever is erased meanwhile is waited for, and not noted any more.
        await tx.lock({customer_id for customer_id, _ in found})
        known = [one for one in found if one[0] not in tx.destroyed]
        await store.note(tx.connection, known, after_days=measure.recency_days)
    return page[-1] if len(page) == _PAGE else None


def following(month: date) -> date:
    """The first day of the next month."""
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)
