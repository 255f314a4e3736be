"""Find customers by a number they are known by; that it was looked for is kept, the number is not."""

from customer_profile.customer import domain, store
from customer_profile.customer.domain import LookUp
from customer_profile.customer.identity import Locks
from customer_profile.limits import hold_to
from rapport.ids import new_id
from rapport.messaging.transaction import Transaction


async def look_up(
    tx: Transaction, field: str, number: str, *, purpose: str, by: str, locks: Locks, at_most: int
) -> LookUp:
    """Customers whose number this is, in order of their token, whatever way it was written.

    Raises TooOften beyond so many in the caller's last minute.
    """
    trail = store.look_ups.c
    await hold_to(tx.connection, at_most, trail.asked_at, trail.asked_by == by, ~trail.refused, caller=by, now=tx.now)
    values = locks.index.all_of(field, domain.normal(field, number))
    found = await store.found_by(tx.connection, field, values)
    looked = LookUp(new_id(), field, purpose, by, tx.now, tuple(found))
    await store.note_look_up(tx.connection, looked)
    return looked


async def note_refused(tx: Transaction, field: str, *, purpose: str, by: str) -> None:
    """That somebody wanted to look and was refused, for having looked too often."""
    await store.note_look_up(tx.connection, LookUp(new_id(), field, purpose, by, tx.now, (), refused=True))
