"""Show one field in clear: the row that says so is of the same transaction, so nobody sees what is not noted."""

from collections.abc import Collection
from typing import get_args

from customer_profile.customer import store as customers
from customer_profile.customer.domain import CustomerNotFound
from customer_profile.customer.identity import Locks, opened
from customer_profile.unmasking import store
from customer_profile.unmasking.domain import (
    Field,
    NothingToUnmask,
    OwnCopy,
    Purpose,
    PurposeNotPermitted,
    Reason,
    Unmasking,
    Whole,
)
from rapport.ids import new_id
from rapport.messaging.transaction import Transaction
from rapport.privacy.catalogue.document import published
from rapport.privacy.showing import Shown, display, show


async def unmask(
    tx: Transaction,
    customer_id: str,
    field: Field,
    *,
    purpose: Purpose,
    reason: Reason,
    by: str,
    roles: Collection[str],
    locks: Locks,
) -> tuple[Unmasking, Shown]:
    """The act as it is kept, and the value in clear. Raises CustomerNotFound, PurposeNotPermitted, NothingToUnmask."""
    catalogue = published()
    entry = catalogue.by_name[field]
    if display(entry, roles, purpose) != "clear":
        raise PurposeNotPermitted(
            f"{field} is shown in clear for {', '.join(scene for scene in entry.scenes if scene in get_args(Purpose))}"
        )
    file = (await customers.load(tx.connection, [customer_id])).get(customer_id)
    if file is None:
        raise CustomerNotFound
    key = (await locks.keyring.find(tx.connection, [customer_id])).get(customer_id)
    value = (opened(file.identity, key) or {}).get(field)
    if value is None:
        raise NothingToUnmask(f"the file has no {field}")
    done = Unmasking(new_id(), customer_id, field, purpose, reason, by, tx.now, catalogue.version)
    await store.note(tx.connection, done)
    return done, show(entry.code, value, roles, purpose=purpose)


async def note_refused(
    tx: Transaction, customer_id: str, field: Field | Whole, *, purpose: Purpose | OwnCopy, reason: Reason, by: str
) -> None:
    """That somebody wanted to see it and was refused, for having seen too much in a minute."""
    version = published().version
    refused = Unmasking(new_id(), customer_id, field, purpose, reason, by, tx.now, version, refused=True)
    await store.note(tx.connection, refused)
