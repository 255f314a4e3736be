"""Keeps what others tell, a whole batch at a time; nothing here decides or tells anything."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

from customer_profile.portrait import store
from customer_profile.portrait.domain import RECENT, add_up, latest, month_of
from customer_profile.portrait.facts import fact_of, posting_of
from rapport.events.bank import InteractionRecorded, TransactionRecorded
from rapport.events.base import Received
from rapport.messaging.transaction import Transaction


async def on_words_of_others(tx: Transaction, events: Sequence[Received[Any]]) -> None:
    """The latest word of each kind is kept, whatever the order in which they come."""
    await store.keep(tx.connection, latest(map(fact_of, events)))


async def on_interactions_recorded(tx: Transaction, events: Sequence[Received[InteractionRecorded]]) -> None:
    """The last interactions of each customer are kept, by their own time."""
    await store.keep(tx.connection, list(map(fact_of, events)))
    await store.prune_interactions(tx.connection, {event.data.customer_id for event in events}, most=RECENT)


async def on_transactions_recorded(
    tx: Transaction, events: Sequence[Received[TransactionRecorded]], *, zone: tzinfo
) -> None:
    """Postings are counted into the month they happened in, reversed ones taken out of it again."""
    told = [(posting_of(event.data), event.data.occurred_at) for event in events]
    places = {(posting.customer_id, month_of(posting.occurred_at, zone)) for posting, _ in told}
    known = await store.load_months(tx.connection, places)
    await store.save_months(tx.connection, add_up(known, told, zone, tx.now))
