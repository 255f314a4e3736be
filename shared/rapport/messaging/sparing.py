"""What is told late, or told again, of a customer of whom nothing may be kept: it has no effect and stays nowhere."""

from collections.abc import Sequence

from rapport.events.base import AnyReceived
from rapport.messaging.transaction import Transaction


def spared(tx: Transaction, events: Sequence[AnyReceived]) -> Sequence[AnyReceived]:
    """These events without who is destroyed; of which nothing is left, those are counted as skipped."""
    if not (destroyed := tx.destroyed):
        return events
    left = []
    for event in events:
        if (data := event.data.without(destroyed)) is None:
            tx.leave(event, "skipped")
        else:
            event.data = data
            left.append(event)
    return left
