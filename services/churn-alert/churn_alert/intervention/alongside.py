"""What of the facts on customers comes beside the handlers of alerts: who is left alone, and who has charge of whom."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime

from churn_alert.intervention.handlers.leaving_alone import cancel_left_alone, follow_managers
from churn_alert.intervention.rounds import in_rounds
from churn_alert.risk.store.asked import ANOTHER, AskedPerson, ask_with_words
from churn_alert.tables import customer_managers
from rapport.consent.store import refused_by
from rapport.events.base import AnyReceived
from rapport.messaging.poll import Handler
from rapport.messaging.transaction import Transaction
from rapport.person.store import survivors_of
from rapport.sight.store import managers_of

Fire = Callable[[Transaction, Sequence[str]], Awaitable[None]]
FireAsked = Callable[[Transaction, Sequence[str]], Awaitable[Mapping[str, AskedPerson]]]
"""What a sweep does with customers whose rows are due."""


def word_by_word(handler: Handler) -> Handler:
    """Of each customer one word after another: what a no ended stays ended, though it is taken back at once."""

    async def on_words(tx: Transaction, events: Sequence[AnyReceived]) -> None:
        for words in in_rounds(events, lambda event: event.data.customer_id):
            await handler(tx, words)

    return on_words


def with_leaving(handler: Handler) -> Handler:
    """Once these facts are heeded, nothing more is done for those of their customers who are to be left alone."""

    async def on_facts(tx: Transaction, events: Sequence[AnyReceived]) -> None:
        await handler(tx, events)
        await cancel_left_alone(tx, who_of(events))

    return on_facts


def with_noes(handler: Handler) -> Handler:
    """A no to anything on a file that is merged into another has the survivor looked at: what rests on it ends there.

    Each customer once, see `word_by_word`.
    """

    async def on_consents(tx: Transaction, events: Sequence[AnyReceived]) -> None:
        survivors = await survivors_of(tx.connection, {event.data.customer_id for event in events})
        merged = {file: survivor for file, survivor in survivors.items() if file != survivor}
        before = await refused_by(tx.connection, merged) if merged else {}
        await handler(tx, events)
        after = await refused_by(tx.connection, merged) if merged else {}
        noes = {file for file, refused in after.items() if refused - before.get(file, frozenset())}
        said = [(merged[event.data.customer_id], event) for event in events if event.data.customer_id in noes]
        asked = [(survivor, tx.partition_of(survivor), one.at, one.id, ANOTHER) for survivor, one in said]
        await ask_with_words(tx.connection, asked)

    return on_consents


def with_managers(handler: Handler) -> Handler:
    """Who is given to another manager takes along what is being done, at once."""

    async def on_profiles(tx: Transaction, events: Sequence[AnyReceived]) -> None:
        moments = who_of(events)
        before = await managers_of(tx.connection, customer_managers, moments)
        await handler(tx, events)
        await follow_managers(tx, moments, before=before)

    return on_profiles


def with_left_alone(fire: FireAsked) -> Fire:
    """The same after a sweep over persons: a word on another file is the person's too, as of itself and not of when
    somebody looked.
    """

    async def fire_and_cancel(tx: Transaction, customer_ids: Sequence[str]) -> None:
        asked = await fire(tx, customer_ids)
        await cancel_left_alone(tx, {survivor: one.heeded_at for survivor, one in asked.items()})

    return fire_and_cancel


def who_of(events: Iterable[AnyReceived]) -> dict[str, datetime]:
    """Whom these events are about, each with the latest moment."""
    found: dict[str, datetime] = {}
    for event in events:
        for customer_id in event.data.customers:
            found[customer_id] = max(event.at, found.get(customer_id, event.at))
    return found
