"""What was wrong with the records of a transaction: refused with the reason, counted by kind, never with a value."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from customer_profile.adapter.store.quality import count_faults
from rapport.events.base import Received
from rapport.messaging.transaction import Transaction


class Quality:
    """Counts by topic, partition, field and fault."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._counts: Counter[tuple[str, int, str, str]] = Counter()

    def note(self, event: Received[Any], field: str, fault: str) -> None:
        """Count one fault of a record."""
        self._counts[event.topic, event.partition, field, fault] += 1

    def refuse(self, event: Received[Any], faults: Sequence[tuple[str, str]]) -> None:
        """Count each and make the record a dead letter."""
        for field, fault in faults:
            self.note(event, field, fault)
        self._tx.refuse(event, "; ".join(f"{field}: {fault}" for field, fault in faults)[:500])

    async def save(self) -> None:
        """Add what was counted."""
        await count_faults(self._tx.connection, self._counts, self._tx.now)
