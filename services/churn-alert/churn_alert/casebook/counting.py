"""Upkeep: months that are over are counted once, and what becomes known of them later is put beside.

Resumable: each month that is counted, and each page of months that is corrected, is a transaction of its own, and
whoever counts holds the one row that says how far it is.
"""

from datetime import datetime, timedelta, tzinfo
from itertools import islice
from typing import Any

from churn_alert.casebook.domain.retention import Month, months
from churn_alert.casebook.store import looks, warned
from churn_alert.casebook.store import retention as store
from churn_alert.casebook.store.looks import Correcting, Held, Look
from churn_alert.proof.handlers import Measuring
from rapport.messaging.offsets import stream_positions
from rapport.messaging.sweeper import Limits
from rapport.messaging.transaction import Transaction, Transactions
from rapport.telemetry.logs import get_logger

_SETTLED = timedelta(minutes=5)
"""No transaction lasts so long: what became known before then is there to be seen."""
_AFTER = timedelta(hours=1)
"""In wall time: by then a month's last hour has been heard and looked at."""
_PATIENCE = timedelta(hours=1)
"""By the wall: who is due for longer, while nothing holds the sweep up, cannot be fired."""
_FEW = 100
"""So many may be left out of a month; of more the sweep itself is ill, and all waits for it."""
_PAGE = 12
"""Months that are corrected at once."""
_OLDEST = timedelta(days=50 * 365.25)
"""What is dated further back was made up where a date was not known."""


async def count_months(
    transactions: Transactions,
    *,
    measure: Measuring,
    limits: Limits,
    settled: timedelta = _SETTLED,
    patience: timedelta = _PATIENCE,
) -> None:
    """Correct what became known late, then count what is over and not counted yet, then alerts that are judged.

    `limits`: how far silence may be judged; until then nobody who is due is late.
    """
    zone = measure.zone
    while await _correct_page(transactions, zone, settled):
        pass
    while await _count_next(transactions, zone, limits, patience):
        pass
    await _count_alerts(transactions, measure)


async def _correct_page(transactions: Transactions, zone: tzinfo, settled: timedelta) -> bool:
    async with transactions.begin() as tx:
        look = await looks.claim(tx.connection)
        if look is None:
            return False
        if look.correcting is None:
            known_until = max(look.known_until, tx.now - settled)
            begun = await _begun(tx, look.known_until, known_until, zone)
            await looks.looked(tx.connection, known_until, begun)
            return begun is not None
        since, month, before = look.correcting
        page = list(islice(months(month, before), _PAGE))
        for one in page:
            await store.correct(tx.connection, _values(one, zone, look.known_until, tx.now) | {"since": since})
        following = page[-1].following
        is_done = not following < before
        await looks.looked(tx.connection, look.known_until, None if is_done else Correcting(since, following, before))
        return not is_done


async def _begun(tx: Transaction, since: datetime, known_until: datetime, zone: tzinfo) -> Correcting | None:
    """Which months there are to correct for what became known in between: of those that are counted."""
    span = await store.span(tx.connection)
    touched = await store.earliest_touched(tx.connection, since, known_until)
    if touched is None or span.counted is None:
        return None
    first, last = span.counted
    begins = max(Month.of(touched, zone), first)
    return Correcting(since, begins, last.following) if begins <= last else None


async def _count_next(transactions: Transactions, zone: tzinfo, limits: Limits, patience: timedelta) -> bool:
    async with transactions.begin() as tx:
        look = await looks.claim(tx.connection)
        first_at, counted = await store.span(tx.connection)
        if look is None or look.correcting is not None or first_at is None:
            return False
        month = Month.of(max(first_at, tx.now - _OLDEST), zone) if counted is None else counted[1].following
        values = _values(month, zone, look.known_until, tx.now)
        if month.ends(zone) > await _passed(tx) or not await store.is_known(tx.connection, values):
            return False
        if not await _is_decided(tx, look, month.ends(zone), limits, patience):
            return False
        await store.freeze(tx.connection, values)
        return True


async def _is_decided(tx: Transaction, look: Look, ends: datetime, limits: Limits, patience: timedelta) -> bool:
    """Whether nobody is due before the end of a month any more, but a few for whom it was waited long enough."""
    before = look.held.before if look.held else None
    late = await looks.due(tx.connection, since=before, until=ends, limit=1)
    known = await looks.due(tx.connection, since=None, until=before, limit=_FEW + 1) if before else 0
    if not late and not known:
        if look.held is not None:
            await looks.hold(tx.connection, None)
        return True
    if any(until < ends for until in (await limits(tx.connection, tx.service, tx.now)).values()):
        return False
    if late or look.held is None:
        await looks.hold(tx.connection, Held(tx.now, ends))
        return False
    if tx.now - look.held.since < patience:
        return False
    is_few = known <= _FEW
    action = "the month is counted without them" if is_few else "the month waits"
    get_logger().warning("customers are due whom no sweep has fired", count=known, action=action)
    return is_few


async def _count_alerts(transactions: Transactions, measure: Measuring) -> None:
    zone, is_stream_time = measure.zone, transactions.service.is_stream_time
    window = max(version.definition.window for _, _, version in measure.periods())
    async with transactions.begin() as tx:
        if await looks.claim(tx.connection) is None:
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
