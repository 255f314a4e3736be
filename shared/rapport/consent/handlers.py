"""Keeps the copy: what customer-profile told last, by revision and not by arrival."""

from collections.abc import Sequence

from sqlalchemy import Table

from rapport.consent import store
from rapport.events.base import Received
from rapport.events.customer_profile import ConsentChanged
from rapport.messaging.transaction import Transaction


async def on_consents_changed(tx: Transaction, events: Sequence[Received[ConsentChanged]], *, table: Table) -> None:
    """What is decided from here on is stamped with it; what is decided already stays as it is."""
    await store.keep(tx.connection, table, (event.data for event in events))
