"""What is told late of a customer whose file has ended: it neither brings anything back nor stays anywhere."""

from collections.abc import Sequence
from typing import Any

from customer_profile.customer import store
from rapport.events.base import Received
from rapport.messaging.poll import Handler
from rapport.messaging.transaction import Transaction


def sparing(handler: Handler, *, also_archived: bool = False) -> Handler:
    """This handler without events that name a customer whose file was destroyed: they are counted as skipped.

    `also_archived`: nor those whose file lies there for the law alone, for what no law asks to be kept.
    """

    async def heard(tx: Transaction, events: Sequence[Received[Any]]) -> None:
        named = {customer_id for event in events for customer_id in event.data.customers}
        ended = await store.gone(tx.connection, named)
        if also_archived:
            ended |= await store.archived(tx.connection, named)
        left = [event for event in events if ended.isdisjoint(event.data.customers)] if ended else events
        for event in events if ended else ():
            if not ended.isdisjoint(event.data.customers):
                tx.leave(event, "skipped")
        if left:
            await handler(tx, left)

    return heard
