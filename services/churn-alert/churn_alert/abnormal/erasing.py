"""What becomes of leads when a file of a person is destroyed: those that are left have the leads of their own."""

from collections.abc import Mapping, Sequence
from typing import Any

from churn_alert.abnormal.facts import Watch
from churn_alert.abnormal.handlers import judge_regrouped
from churn_alert.abnormal.store.leads import true_of
from churn_alert.abnormal.store.states import load
from rapport.events.base import Received
from rapport.events.customer_profile import CustomerErased
from rapport.messaging.poll import Handler, Subscriptions
from rapport.messaging.transaction import Transaction
from rapport.person.store import several_of


def heeding_ends(subscriptions: Subscriptions, watch: Watch) -> Subscriptions:
    """The same subscriptions in the same order; around what forgets who is destroyed, this room."""
    return {
        event: _with_the_left(handler, watch) if event is CustomerErased else handler
        for event, handler in subscriptions.items()
    }


def _with_the_left(handler: Handler, watch: Watch) -> Handler:
    """What is needed of who is destroyed is read before it is forgotten: how far the person was heard, and what people
    decided of its leads."""

    async def on_ended(tx: Transaction, events: Sequence[Received[Any]]) -> None:
        destroyed = {event.data.customer_id for event in events if event.data.scope == "destroyed"}
        groups = await several_of(tx.connection, destroyed)
        if not groups:
            await handler(tx, events)
            return
        ended = await load(tx.connection, destroyed)
        held = await true_of(tx.connection, destroyed)
        await handler(tx, events)
        lost = _lost(groups, destroyed)
        states = await load(tx.connection, lost)  # all of them are locked by now
        last_days = {
            survivor: max({**states, **ended}[file].last_day for file in files) for survivor, files in groups.items()
        }
        of_each = {file: last_days[survivor] for survivor, files in groups.items() for file in files if file in lost}
        await judge_regrouped(tx, states, of_each, events[-1], watch=watch, lost=lost, held=held)

    return on_ended


def _lost(groups: Mapping[str, Sequence[str]], destroyed: set[str]) -> dict[str, tuple[str, ...]]:
    """Of each file that is left those that its person lost."""
    return {
        file: tuple(one for one in files if one in destroyed)
        for files in groups.values()
        for file in files
        if file not in destroyed
    }
