"""Makes the customer's copy: all of it read under the locks of the files, and noted in the same transaction."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import get_args

from customer_profile.consent.domain.purposes import Purposes
from customer_profile.contact import store as contacts
from customer_profile.correction import store as corrections
from customer_profile.customer.domain import CustomerNotFound
from customer_profile.customer.store import load
from customer_profile.own_copy import PURPOSE, Known, OwnCopy
from customer_profile.portrait.store import find
from customer_profile.unmasking import store as unmaskings
from customer_profile.unmasking.domain import Field, Unmasking
from rapport.ids import new_id
from rapport.messaging.transaction import Transaction
from rapport.privacy.catalogue.document import published
from rapport.privacy.keyring import Keyring
from rapport.row_security import Sight

_ALL_MONTHS = 10_000
_ALL_TIME = datetime.max.replace(tzinfo=UTC)


async def collected(
    tx: Transaction, files: Sequence[str], *, by: str, keyring: Keyring, purposes: Purposes, at_most: int
) -> OwnCopy:
    """The copy for the customer of these files, who are locked, the one signed in with first; and in the trail each
    field of identity that it shows in clear. Raises CustomerNotFound, and TooOften beyond so many in a minute.
    """
    await unmaskings.demand_few(tx.connection, by=by, at_most=at_most, is_copy=True, now=tx.now)
    found = await find(tx.connection, files[0], sight=Sight("customer", files[0]), months=_ALL_MONTHS, until=_ALL_TIME)
    if found is None:
        raise CustomerNotFound
    stored, keys = await load(tx.connection, files), await keyring.find(tx.connection, files)
    asked = await corrections.page(
        tx.connection,
        sight=Sight("customer", files[0]),
        state=None,
        customer_id=None,
        due_before=None,
        after=None,
        limit=None,
    )
    theirs = [(stored[file], keys.get(file)) for file in files if file in stored]
    known = Known(
        found, theirs, list(map(corrections.correction_of, asked)), await contacts.delivered_to(tx.connection, files)
    )
    copy = OwnCopy.of(known, purposes, tx.now)
    await unmaskings.note(tx.connection, *_noted(copy, by))
    return copy


def _noted(copy: OwnCopy, by: str) -> Iterator[Unmasking]:
    version = published().version
    for file in copy.files:
        for field in get_args(Field):
            if file.identity is not None and getattr(file.identity, field) is not None:
                yield Unmasking(new_id(), file.customer_id, field, PURPOSE, "customer-asked", by, copy.made_at, version)
