"""Identity under a new data key: the same values, sealed anew."""

from collections.abc import Sequence
from dataclasses import replace

from customer_profile.customer import store
from customer_profile.customer.identity import Locks, opened
from rapport.messaging.transaction import Transaction


async def seal_anew(tx: Transaction, customer_ids: Sequence[str], *, locks: Locks) -> None:
    """A new data key for each of these customers, who are locked, and the whole identity under it.

    Nothing that anybody is shown or told changes, so the revision stays. Raises CannotDecrypt for a value that was
    tampered with; then nothing of this page is changed.
    """
    files = await store.load(tx.connection, customer_ids)
    keys = await locks.keyring.renew(tx.connection, customer_ids)
    changed = []
    for customer_id, file in files.items():
        key = keys.get(customer_id)
        plain = opened(file.identity, key)
        if key is not None and plain is not None:
            sealed = {**file.identity, **locks.sealed(plain, key)}
            changed.append((replace(file, identity=sealed), tx.partition_of(customer_id)))
    await store.save(tx.connection, changed)
