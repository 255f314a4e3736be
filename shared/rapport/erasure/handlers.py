"""Forgets who customer-profile says has ended, in the transaction that hears it.

Told before or after anything else of the customer, it ends in the same: nothing but the mark at the lock.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import MetaData

from rapport.erasure import store
from rapport.events.base import Event, Received
from rapport.events.customer_profile import CustomerErased
from rapport.messaging import dead_letters
from rapport.messaging import tables as delivery
from rapport.messaging.transaction import Transaction
from rapport.person.store import persons_of

Erased = Received[CustomerErased]


async def forget_customers(
    tx: Transaction, events: Sequence[Erased], *, metadata: MetaData, states: Collection[type[Event]] = ()
) -> dict[str, tuple[str, ...]]:
    """Delete what these tables keep of who is archived or destroyed, and mark each; a destroyed one is never archived.

    `states`: what the service tells of a customer as states; of a destroyed one nothing is left of them on Kafka.
    Returns the persons who lost a file, to be decided anew: survivor → the files that are left, all of them locked. Of
    who lost the survivor's each file is a person by itself, as it is in customer-profile.
    """
    latest = {event.data.customer_id: event.data for event in sorted(events, key=lambda event: _is_end(event.data))}
    destroyed = {customer_id for customer_id, fact in latest.items() if _is_end(fact)}
    left = {file for files in (await persons_of(tx.connection, destroyed)).values() for file in files} - destroyed
    # Not in one order with what the poll holds already: where two wait for each other PostgreSQL ends one of the polls,
    # which comes again.
    await tx.lock(left)
    await store.mark(tx.connection, latest.values())
    tables = (metadata, delivery.metadata)
    await store.forget(tx.connection, tables, "archived", latest.keys() - destroyed)
    await store.forget(tx.connection, tables, "destroyed", destroyed)
    await dead_letters.forget(tx.connection, {one.encode() for one in destroyed}, unsealed=tx.service.unsealed)
    for customer_id in sorted(destroyed):
        tx.tell_end(states, customer_id)
    return await persons_of(tx.connection, left)


def _is_end(fact: CustomerErased) -> bool:
    return fact.scope == "destroyed"


async def on_customers_erased(
    tx: Transaction, events: Sequence[Erased], *, metadata: MetaData, states: Collection[type[Event]] = ()
) -> None:
    """`forget_customers`, for who decides nothing on persons."""
    await forget_customers(tx, events, metadata=metadata, states=states)
