"""Keeps the copy: what customer-profile told last, by revision and not by arrival."""

from collections.abc import Awaitable, Callable, Collection, Sequence

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.consent import store
from rapport.events.base import Received
from rapport.events.customer_profile import ConsentChanged
from rapport.messaging.transaction import Transaction

Known = Callable[[AsyncConnection, Collection[str]], Awaitable[set[str]]]
"""Those of some files of whose no a service's own state knows."""


async def on_consents_changed(tx: Transaction, events: Sequence[Received[ConsentChanged]], *, table: Table) -> None:
    """What is decided from here on is stamped with it; what is decided already stays as it is."""
    await store.keep(tx.connection, table, (event.data for event in events))


def latest_of(events: Sequence[Received[ConsentChanged]]) -> dict[str, Received[ConsentChanged]]:
    """Of each file the latest of these."""
    return {event.data.customer_id: event for event in sorted(events, key=lambda event: event.data.revision)}


async def turned(
    tx: Transaction, events: Sequence[Received[ConsentChanged]], *, table: Table, purpose: str, known: Known
) -> list[tuple[Received[ConsentChanged], bool]]:
    """`on_consents_changed`, for who withholds something by a no.

    Returns the files whose copy says otherwise than is `known`, in their order, each by the latest of its events, and
    whether it refuses the purpose now. Once a no is heeded its repeats change nothing.
    """
    await on_consents_changed(tx, events, table=table)
    latest = latest_of(events)
    refused = await store.refusing(tx.connection, latest, purpose)
    changed = refused ^ await known(tx.connection, latest)
    return [(event, file in refused) for file, event in latest.items() if file in changed]
