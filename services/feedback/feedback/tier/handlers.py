"""Keeps the copy: what scoring told last, by revision and not by arrival."""

from collections.abc import Sequence

from feedback.tier import store
from feedback.tier.domain import CustomerTier, newest
from rapport.events.base import Received
from rapport.events.scoring import TierChanged
from rapport.messaging.transaction import Transaction


async def on_tiers_changed(tx: Transaction, events: Sequence[Received[TierChanged]]) -> None:
    """A tier changes nothing that is decided already: the priority of a case is decided when it is opened."""
    told = (
        CustomerTier(event.data.customer_id, event.data.tier, event.data.revision, event.data.decided_at)
        for event in events
    )
    await store.save(tx.connection, newest(told))
