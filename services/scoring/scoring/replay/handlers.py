"""One partition of the log, read again by any rules."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from rapport.clock import utc_now
from rapport.messaging.history import History
from scoring.replay.domain import Book, Part
from scoring.standing.domain.tiering import Rules
from scoring.standing.handlers import fold


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
