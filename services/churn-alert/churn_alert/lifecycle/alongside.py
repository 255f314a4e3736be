"""Stages decided alongside risks: what of each fact comes before the risk's own handler, and what after it.

A stage reads what risks keep of own activity and of consents, so it takes a fact before they do, and decides again
after they have changed what may be concluded.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple

from churn_alert.lifecycle.domain.rules import StageRules
from churn_alert.lifecycle.following import FollowStages
from churn_alert.lifecycle.handlers import decide_asked, decide_persons, live_on, moment_of, on_facts
from churn_alert.risk.store.asked import AskedPerson
from rapport.events.base import AnyReceived
from rapport.events.churn_alert import LifecycleChanged
from rapport.messaging.poll import Handler
from rapport.messaging.transaction import Transaction
from rapport.person.store import persons_of

FireAsked = Callable[[Transaction, Sequence[str]], Awaitable[Mapping[str, AskedPerson]]]
Events = Sequence[AnyReceived]


class Staging(NamedTuple):
    """By which rules stages are decided, and who follows what becomes of them: given by `main`, for it stands above."""

    rules: StageRules
    follow: FollowStages


def with_behaviour(handler: Handler, stages: Staging) -> Handler:
    """What customers did, and their accounts."""

    async def on_behaviour(tx: Transaction, events: Events) -> None:
        await on_facts(tx, events, **stages._asdict())
        await handler(tx, events)

    return on_behaviour


def with_profiles(handler: Handler, stages: Staging) -> Handler:
    """A restriction holds from its own moment on, so what time brought before it comes first."""

    async def on_profiles(tx: Transaction, events: Events) -> None:
        await live_on(tx, events, **stages._asdict())
        await handler(tx, events)
        await on_facts(tx, events, **stages._asdict())

    return on_profiles


def with_consents(handler: Handler, stages: Staging) -> Handler:
    """The same of a no to care; who allows it again is decided at once."""

    async def on_consents(tx: Transaction, events: Events) -> None:
        await live_on(tx, events, **stages._asdict())
        await handler(tx, events)
        moments = {event.data.customer_id: moment_of(tx, event) for event in events}
        await decide_persons(tx, moments, **stages._asdict(), cause=f"consent:{events[-1].id}")

    return on_consents


def with_groups(handler: Handler, stages: Staging) -> Handler:
    """Whoever is of other files than before is decided at once, on the sum of them."""

    async def on_grouped(tx: Transaction, events: Events) -> None:
        await handler(tx, events)
        moments = {file: moment_of(tx, event, file) for event in events for file in event.data.customers}
        await decide_persons(tx, moments, **stages._asdict(), cause=f"grouped:{events[-1].data.act_id}")

    return on_grouped


def with_erasure(handler: Handler, stages: Staging) -> Handler:
    """Of who is destroyed no stage is to be found on Kafka; who lost a file of several is decided anew."""

    async def on_ended(tx: Transaction, events: Events) -> None:
        destroyed = {event.data.customer_id for event in events if event.data.scope == "destroyed"}
        left = {file for files in (await persons_of(tx.connection, destroyed)).values() for file in files} - destroyed
        await handler(tx, events)
        for customer_id in sorted(destroyed):
            tx.tell_end([LifecycleChanged], customer_id)
        moments = {file: moment_of(tx, events[-1], file) for file in left}
        await decide_persons(tx, moments, **stages._asdict(), cause=f"erased:{events[-1].id}")

    return on_ended


def with_asked(fire: FireAsked, stages: Staging) -> FireAsked:
    """A sweep over persons for whom an event on another of their files asked."""

    async def fire_asked(tx: Transaction, customer_ids: Sequence[Any]) -> Mapping[str, AskedPerson]:
        asked = await fire(tx, customer_ids)
        await decide_asked(tx, asked, **stages._asdict())
        return asked

    return fire_asked
