"""Raw records in the order they are given: postings to their customers, accounts told, days closed, the rest refused.

One handler hears raw topics and accounts, so that whatever a poll brings locks its accounts once, sorted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from customer_profile.adapter.domain.mapping import Adapter
from customer_profile.adapter.domain.postings import Number
from customer_profile.adapter.handlers.closing import Closing
from customer_profile.adapter.handlers.desk import Desk, by_time, posting_of, waits_for
from customer_profile.adapter.handlers.quality import Quality
from customer_profile.adapter.records import CoreRecord
from customer_profile.adapter.store.postings import known_postings, lock_accounts, taken_back
from customer_profile.customer import store as customers
from rapport.events.bank import AccountChanged, DayClosed, TransactionRecorded
from rapport.events.base import Received
from rapport.messaging.transaction import Transaction

Batch = Sequence[Received[Any]]


@dataclass(frozen=True, slots=True)
class Topics:
    """The raw topics of a service as Kafka names them, by what they tell; each has `partitions`."""

    names: Mapping[str, Sequence[str]]
    partitions: int

    @classmethod
    def of(cls, adapters: Mapping[str, Adapter], partitions: int) -> Self:
        """Those of these adapters, which are by their topic as Kafka names it."""
        names: dict[str, list[str]] = {}
        for topic, adapter in adapters.items():
            names.setdefault(adapter.tells, []).append(topic)
        return cls(names, partitions)

    def logs(self, tells: str) -> list[tuple[str, int]]:
        """Every partition of those that tell this."""
        return [(name, number) for name in self.names.get(tells, ()) for number in range(self.partitions)]


async def on_core_facts(tx: Transaction, events: Batch, *, topics: Topics) -> None:
    """Pass on what cores tell: each posting once, for the customer who holds its account; orphans wait for theirs."""
    heard = [event for event in events if isinstance(event.data, AccountChanged)]
    records = [event for event in events if isinstance(event.data, CoreRecord)]
    if not heard and not records:
        return
    quality = Quality(tx)
    accounts = {event.data.account_id for event in heard}
    accounts |= {posting_of(event).account_id for event in _postings(records)}
    holders = await lock_accounts(tx.connection, accounts)
    desk = Desk(tx, holders, quality)
    orphans = await tx.wake([f"account:{name}" for name in desk.hear(heard)], at=tx.now)
    awaited = [waits_for(event.data.number) for event in [*orphans, *_postings(records)]]
    released = sorted([*orphans, *await tx.wake(awaited, at=tx.now)], key=by_time)
    postings = [*released, *_postings(records)]
    originals = _originals(postings)
    known = await known_postings(tx.connection, originals | {event.data.number for event in postings})
    desk.remember(known, await taken_back(tx.connection, originals))
    # By the holder of the account, or as the core says itself.
    named = {held[1] for held in holders.values() if held} | {posting_of(event).customer_id for event in postings}
    desk.leave_out(await customers.gone(tx.connection, named))
    closing = await Closing.open(tx, records, topics)
    for event in [*released, *records]:
        match event.data.fact:
            case TransactionRecorded():
                desk.take(event)
            case AccountChanged() as account:
                tx.tell(account, time=account.as_of, cause=event)
            case DayClosed():
                closing.close(event)
            case _:
                quality.refuse(event, event.data.faults)
    await desk.save()
    await closing.save()
    await quality.save()


def _postings(records: Batch) -> list[Received[CoreRecord]]:
    return [event for event in records if isinstance(event.data.fact, TransactionRecorded)]


def _originals(postings: Sequence[Received[CoreRecord]]) -> set[Number]:
    """What these take back."""
    return {Number(event.data.source, event.data.original) for event in postings if event.data.original}
