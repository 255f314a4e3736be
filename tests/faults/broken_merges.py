"""Services that take merges wrongly, each by one well-known mistake: a campaign that lets one pass proves nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rapport.composition import Composition
from rapport.database import execute
from rapport.events.base import Received
from rapport.events.customer_profile import CustomersMerged, CustomersUnmerged
from rapport.messaging.transaction import Transaction

_MOVE = """
UPDATE standings SET transactions = CASE WHEN customer_id = $1
    THEN (SELECT sum(transactions) FROM standings WHERE customer_id = ANY($2::text[])) ELSE 0 END
WHERE customer_id = ANY($2::text[])
"""

Acts = Sequence[Received[CustomersMerged | CustomersUnmerged]]


def moving(composition: Composition) -> Composition:
    """Broken: the survivor's row takes over what the other files have counted."""
    on_grouped = composition.subscriptions[CustomersMerged]

    async def on_acts(tx: Transaction, events: Acts) -> None:
        await on_grouped(tx, events)
        for person in (person for event in events for person in event.data.persons):
            await execute(tx.connection, _MOVE, person.survivor, list(person.files))

    return _hearing(composition, {CustomersMerged: on_acts, CustomersUnmerged: on_acts})


def losing(composition: Composition) -> Composition:
    """Broken: one undoing in four is never heard of."""
    on_grouped = composition.subscriptions[CustomersUnmerged]

    async def on_acts(tx: Transaction, events: Acts) -> None:
        heard = [one for one in events if isinstance(one.data, CustomersMerged) or one.data.revision % 4]
        if heard:
            await on_grouped(tx, heard)

    return _hearing(composition, {CustomersMerged: on_acts, CustomersUnmerged: on_acts})


def _hearing(composition: Composition, handlers: Mapping[Any, Any]) -> Composition:
    # In its place: the order of subscriptions is that in which a poll is handled.
    heard = {event: handlers.get(event, handler) for event, handler in composition.subscriptions.items()}
    return replace(composition, subscriptions=heard)


BREAKING: Mapping[str, Callable[[Composition], Composition]] = {
    "merging-moves-counters": moving,
    "merging-loses-an-undoing": losing,
}
