"""Keeps the copy: what scoring told last, by revision and not by arrival."""

from collections.abc import Sequence

from sqlalchemy import Table

from rapport.events.base import Received
from rapport.events.scoring import TierChanged
from rapport.messaging.transaction import Transaction
from rapport.tier import store
from rapport.tier.domain import CustomerTier, newest


async def on_tiers_changed(tx: Transaction, events: Sequence[Received[TierChanged]], *, table: Table) -> None:
    """A tier changes nothing that was decided by one before: it counts for what is decided from now on."""
    told = (_state(event.data) for event in events)
    await store.keep(tx.connection, table, newest(told))


def _state(told: TierChanged) -> CustomerTier:
    return CustomerTier(told.customer_id, told.tier, told.revision, told.decided_at, told.rank)
