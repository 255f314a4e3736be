"""Of who is archived nothing is taken in again that no law asks to be kept, until the relationship begins anew."""

from collections.abc import Sequence
from datetime import UTC, datetime

from rapport.erasure import store
from rapport.events.base import Received
from rapport.events.customer_profile import CustomerProfiled
from rapport.messaging.transaction import Transaction

_OVER = (None, "exited")


async def of_standing_relationships(
    tx: Transaction, events: Sequence[Received[CustomerProfiled]]
) -> list[Received[CustomerProfiled]]:
    """These events without those of who is archived and stays so: for tables that are emptied by an archive.

    A word that has the relationship begin again ends the archive here too; one that was published before the archive,
    and is read late or again, does not.
    """
    archived = {customer_id for customer_id, end in tx.ended.items() if end == "archived"}
    begun: dict[str, datetime] = {}
    for event in events:
        if event.data.customer_id in archived and event.data.relationship not in _OVER:
            begun[event.data.customer_id] = datetime.fromtimestamp(event.published_ms / 1000, UTC)
    archived -= await store.unmark(tx.connection, begun)
    return [event for event in events if event.data.customer_id not in archived]
