"""Lets a room of a service hear events after others do, in the same transaction and seen by nothing of theirs."""

from collections.abc import Sequence
from typing import Any

from rapport.events.base import Received
from rapport.messaging.poll import Handler, Subscriptions
from rapport.messaging.transaction import Transaction


def followed_by(subscriptions: Subscriptions, also: Subscriptions) -> Subscriptions:
    """The same, each handler followed by those of `also` that hear its events; who hears several events in one batch
    still does. What nobody else hears comes first, in the order of `also`.
    """
    following = {handler: _followed(handler, also) for handler in subscriptions.values()}
    alone = {event: handler for event, handler in also.items() if event not in subscriptions}
    return alone | {event: following[handler] for event, handler in subscriptions.items()}


def _followed(handler: Handler, also: Subscriptions) -> Handler:
    async def handle(tx: Transaction, events: Sequence[Received[Any]]) -> None:
        await handler(tx, events)
        for following in dict.fromkeys(also.values()):
            if mine := [event for event in events if also.get(type(event.data)) is following]:
                await following(tx, mine)

    return handle
