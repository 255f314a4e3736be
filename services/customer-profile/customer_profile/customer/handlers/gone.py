"""What is told late of a customer whose file has ended: it neither brings anything back nor stays anywhere."""

from collections.abc import Sequence
from typing import Any

from customer_profile.customer import store
from rapport.events.base import Received
from rapport.messaging.poll import Handler
from rapport.messaging.transaction import Transaction


async def skip(tx: Transaction, events: Sequence[Received[Any]]) -> None:
    """Leave these events without effect, counted as skipped."""
    for event in events:
        tx.leave(event, "skipped")


def sparing(handler: Handler, *, also_archived: bool = False, instead: Handler = skip) -> Handler:
    """This handler without events that name a customer whose file was destroyed; what is done with those `instead`.

    `also_archived`: nor those whose file lies there for the law alone, for what no law asks to be kept.
    """

    async def heard(tx: Transaction, events: Sequence[Received[Any]]) -> None:
        named = {customer_id for event in events for customer_id in event.data.customers}
        ended = await store.gone(tx.connection, named)
        if also_archived:
            ended |= await store.archived(tx.connection, named)
        late = [event for event in events if not ended.isdisjoint(event.data.customers)]
        left = [event for event in events if ended.isdisjoint(event.data.customers)]
        if late:
            await instead(tx, late)
        if left:
            await handler(tx, left)

    return heard
