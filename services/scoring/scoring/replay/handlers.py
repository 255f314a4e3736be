"""One partition of the log, read again by any rules."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace as changed
from datetime import datetime
from functools import partial

from rapport.clock import utc_now
from rapport.messaging.history import History
from rapport.messaging.service import Service
from scoring.replay.domain import Book, Part
from scoring.standing.domain.rules import Rules
from scoring.standing.facts import fold


def deciding(service: Service) -> Service:
    """The service as if it heard the bank's facts of customers alone: what others tell decides nobody's tier, and
    exchange rates are stored with the moment they were known."""
    banks = {kind: one for kind, one in service.hears.items() if one.producer == "bank" and one.is_about_customer()}
    return changed(service, hears=banks)


async def replay(
    history: History, rules: Sequence[Rules], until: datetime | None, *, read: Callable[[int], None] = lambda _: None
) -> Part:
    """Everything that was published in a partition by `until`, by each of these rules; `read` hears how many records.

    What falls due by silence is decided up to `until`, or in stream time up to where the partition's clock stands.
    Raises HistoryMissing.
    """
    books = [Book(one) for one in rules]
    async for events in history.events(until):
        for event in events:
            for book in books:
                effect = partial(fold, fact=event.data, bank=book.rules.bank)
                book.meet(event.data.customer_id, event.at, effect)
        read(history.passed.read)
        await asyncio.sleep(0)
    moment = history.passed.position if history.is_stream_time else until or utc_now()
    if moment is not None:
        for book in books:
            book.close(moment)
    return Part(history.partition, moment, books)
