"""Upkeep: of whom a rule that counts days without own activity alone would have warned, noted once a month is over.

Of everybody, by what was known when the month ended: so its warnings can be judged as alerts are.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

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


class Span(NamedTuple):
    """Months that are noted together: of one version, from the first day of one on and before that of another."""

    measure: Measuring
    since: date
    until: date


async def note_recency(transactions: Transactions, *, measure: Measuring) -> None:
    """Note each month that is over, from the first on in which every departure is one that an alert could have told of.
    Broken off it begins its months again: who is noted stays noted.
    """
    zone = measure.zone
    async with transactions.begin() as tx:
        first_at, latest = await store.noted(tx.connection)
        is_stream_time = transactions.service.is_stream_time
        known = await furthest_whole(tx.connection, zone, tx.now, is_stream_time=is_stream_time)
    if first_at is None or known is None:
        return
    month = following(latest) if latest else _first_month(first_at, measure)
    for span in spans(measure, month, (known - _SETTLES).replace(day=1)):
        reached: str | None = ""
        while reached is not None:
            reached = await _note_page(transactions, span, reached)
        async with transactions.begin() as tx:
            await store.months_noted(tx.connection, list(months_of(span.since, span.until)), tx.now)


def spans(measure: Measuring, since: date, until: date) -> list[Span]:
    """The months in between, those of one version in one: what is noted of a month does not hang on how many are."""
    found: list[Span] = []
    for month in months_of(since, until):
        version = measure.at(month_begins(month, measure.zone))
        begins = found.pop().since if found and found[-1].measure is version else month
        found.append(Span(version, begins, following(month)))
    return found


def _first_month(first_at: datetime, measure: Measuring) -> date:
    version = measure.at(first_at)
    apart = timedelta(days=version.definition.ahead_days + version.recency_days)
    return following(first_at.astimezone(measure.zone).date() + apart)


async def _note_page(transactions: Transactions, span: Span, after: str) -> str | None:
    measure, since, until = span
    async with transactions.begin() as tx:
        page = await store.customers_after(tx.connection, after, _PAGE)
        days = await days_of(tx.connection, page)
        found = [
            (customer_id, datetime.combine(day, time(), measure.zone))
            for customer_id in page
            if customer_id in days
            for day in warned_by_recency(days[customer_id], measure.recency_days, measure.definition, since, until)
        ]
        # Whoever is erased meanwhile is waited for, and not noted any more.
        await tx.lock({customer_id for customer_id, _ in found})
        known = [one for one in found if one[0] not in tx.destroyed]
        await store.note(tx.connection, known, after_days=measure.recency_days)
    return page[-1] if len(page) == _PAGE else None


def months_of(since: date, until: date) -> Iterator[date]:
    """The first days of months from the one on and before the other."""
    while since < until:
        yield since
        since = following(since)


def following(month: date) -> date:
    """The first day of the next month."""
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)
