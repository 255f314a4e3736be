"""Files brought up to the newest key of look-ups, some at a time."""

from collections.abc import Sequence
from dataclasses import replace

from customer_profile.customer import store
from customer_profile.customer.domain import checked
from customer_profile.customer.identity import Locks, opened
from rapport.messaging.transaction import Transaction


async def index_customers(tx: Transaction, customer_ids: Sequence[str], *, locks: Locks) -> None:
    """Index the numbers of these customers, who are locked, and note what is wrong with an identity never checked.

    Nothing that anybody is shown or told changes, so the revision stays.
    """
    files = await store.load(tx.connection, customer_ids)
    keys = await locks.keyring.find(tx.connection, customer_ids)
    changed = []
    for customer_id, file in files.items():
        plain = opened(file.identity, keys.get(customer_id))
        if plain is not None:
            found = checked(plain)
            sealed = {**file.identity, **locks.indexes(found.identity)}
            after = replace(file, identity=sealed, faults=found.faults)
            changed.append((after, tx.partition_of(customer_id)))
    await store.save(tx.connection, changed)
