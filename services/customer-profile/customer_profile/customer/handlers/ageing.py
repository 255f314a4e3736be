"""The turn of a year that carries customers into the next age band, though nothing else happens to them."""

from collections.abc import Sequence

from customer_profile.customer.handlers.files import Files
from rapport.messaging.transaction import Transaction


async def fire_due_age_bands(tx: Transaction, customer_ids: Sequence[str]) -> None:
    """Tell the new age band of each of these customers, as of the moment it began."""
    files = await Files.load(tx, customer_ids)
    for file in files:
        files.let_age(file, until=tx.clock_of(file.customer_id))
    await files.save()
