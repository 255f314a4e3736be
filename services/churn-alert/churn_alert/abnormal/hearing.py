"""How leads are looked for beside all else: after it, in the same transaction, and seen by nothing of it.

What another room would do of an event it does before and without this one.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

from churn_alert.abnormal.facts import Watch
from churn_alert.abnormal.handlers import judge_persons, on_grouped, on_parties, on_postings, on_rates_set
from rapport.events.bank import ExchangeRateSet, TransactionRecorded
from rapport.events.base import Event, Received
from rapport.events.customer_profile import CustomerProfiled, CustomersMerged, CustomersUnmerged
from rapport.messaging.poll import Handler, Subscriptions
from rapport.messaging.transaction import Transaction

Fire = Callable[[Transaction, Sequence[str]], Awaitable[None]]


def heard(subscriptions: Subscriptions, watch: Watch) -> Subscriptions:
    """The same, each followed by what leads are found by. Who hears several events in one batch still does."""
    on_group = partial(on_grouped, watch=watch)
    own: Mapping[type[Event], Handler] = {
        ExchangeRateSet: on_rates_set,
        TransactionRecorded: partial(on_postings, watch=watch),
        CustomerProfiled: partial(on_parties, watch=watch),
        CustomersMerged: on_group,
        CustomersUnmerged: on_group,
    }
    followed = {handler: _followed(handler, own) for handler in subscriptions.values()}
    known = {event: followed[handler] for event, handler in subscriptions.items()}
    # What currencies cost comes before what is valued by it.
    return {event: handler for event, handler in own.items() if event not in known} | known


def swept(fire: Fire, watch: Watch) -> Fire:
    """The same sweep of persons, each of whom is then judged."""

    async def fire_and_judge(tx: Transaction, customer_ids: Sequence[str]) -> None:
        await fire(tx, customer_ids)
        await judge_persons(tx, customer_ids, watch=watch)

    return fire_and_judge


def _followed(handler: Handler, own: Mapping[type[Event], Handler]) -> Handler:
    async def handle(tx: Transaction, events: Sequence[Received[Any]]) -> None:
        await handler(tx, events)
        for following in dict.fromkeys(own.values()):
            if mine := [event for event in events if own.get(type(event.data)) is following]:
                await following(tx, mine)

    return handle
