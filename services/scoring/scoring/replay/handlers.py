"""One partition of the log, read again by any rules."""

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace as changed
from datetime import datetime
from functools import partial

from rapport.ahead.queue import NOWHERE, Queue
from rapport.clock import utc_now
from rapport.events.base import AnyReceived
from rapport.messaging.history import History
from rapport.messaging.service import Service
from scoring.replay.domain import Book, Part
from scoring.standing.domain.hands import Hand
from scoring.standing.domain.rules import Rules
from scoring.standing.facts import counts_from, fold
from scoring.standing.store.hands import KeptHand


def deciding(service: Service) -> Service:
    """The service as if it heard the bank's facts of customers alone: what others tell decides nobody's tier, and
    exchange rates are stored with the moment they were known."""
    banks = {kind: one for kind, one in service.hears.items() if one.producer == "bank" and one.is_about_customer()}
    return changed(service, hears=banks)


async def replay(
    history: History,
    rules: Sequence[Rules],
    until: datetime | None,
    hands: Sequence[KeptHand] = (),
    erased: Collection[str] = (),
    *,
    read: Callable[[int], None] = lambda _: None,
) -> Part:
    """Everything that was published in a partition by `until`, by each of these rules; `read` hears how many records.
    `hands`: what people did to its customers by then, in order; each is laid in before the event it came before.
    `erased`: customers of whom nothing may be built, whatever the log still says of them.

    What falls due by silence is decided up to `until`, or in stream time up to where the partition's clock stands.
    Raises HistoryMissing.
    """
    books = [Book(one) for one in rules]
    waiting = _Waiting(hands)
    ahead = Queue(counts_from)
    async for events in history.events(until):
        for event in ahead.in_time(one for one in events if one.data.customer_id not in erased):
            _meet(books, event, waiting.before(event))
        read(history.passed.read)
        await asyncio.sleep(0)
    moment = history.passed.position if history.is_stream_time else until or utc_now()
    for event in ahead.come_of_all(moment) if moment else ():
        _meet(books, event, waiting.before(event))
    left = waiting.rest()
    for book in books:
        book.lay(left)
        if moment is not None:
            book.close(moment)
    return Part(history.partition, moment, books)


def _meet(books: Sequence[Book], event: AnyReceived, before: Sequence[Hand]) -> None:
    for book in books:
        book.lay(before)
        effect = partial(fold, fact=event.data, bank=book.rules.bank)
        book.meet(event.data.customer_id, event.at, effect)


class _Waiting:
    """What people did and the replay has not come to."""

    def __init__(self, hands: Iterable[KeptHand]) -> None:
        self._hands: dict[str, deque[KeptHand]] = {}
        for one in hands:
            self._hands.setdefault(one.hand.customer_id, deque()).append(one)

    def before(self, event: AnyReceived) -> list[Hand]:
        """What they did to this event's customer before it came."""
        found, waiting = [], self._hands.get(event.data.customer_id)
        while waiting and (waiting[0].hand.at <= event.at if event.offset == NOWHERE else waiting[0].is_before(event)):
            found.append(waiting.popleft().hand)
        return found

    def rest(self) -> list[Hand]:
        """What they did after the last event."""
        return [one.hand for waiting in self._hands.values() for one in waiting]
