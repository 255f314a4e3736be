"""Keeps the copy: what scoring told last, by revision and not by arrival."""

from collections.abc import Sequence

from feedback.tier import store
from feedback.tier.domain import CustomerTier, newest
from rapport.events.base import Received
from rapport.events.scoring import TierChanged
from rapport.messaging.transaction import Transaction


async def on_tiers_changed(tx: Transaction, events: Sequence[Received[TierChanged]]) -> None:
    """A tier changes nothing that is decided already: the priority of a case is decided when it is opened."""
    told = (_state(event.data) for event in events)
    await store.save(tx.connection, newest(told))


def _state(told: TierChanged) -> CustomerTier:
    return CustomerTier(told.customer_id, told.tier, told.revision, told.decided_at, told.rank)
