"""Nodes of the service and events in a customer's life, as others tell of them: each may begin a playbook.

What was known before a fact is read before the fact is taken, so these come around the handlers that keep it.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from churn_alert.intervention.domain.occasions import Occasion
from churn_alert.intervention.handlers.leaving_alone import end_of_node
from churn_alert.intervention.handlers.opening import begin_on
from churn_alert.intervention.rounds import in_rounds
from churn_alert.lifecycle.following import Moved
from churn_alert.playbook.domain.playbooks import Shelf
from churn_alert.risk.domain.accounts import Standing
from churn_alert.risk.store.holdings import products_of
from churn_alert.risk.store.standings import standings_of
from churn_alert.tables import tiers
from rapport.database import select_many
from rapport.events.bank import AccountChanged, HoldingChanged
from rapport.events.base import AnyReceived, Received
from rapport.events.scoring import TierChanged
from rapport.messaging.poll import Handler
from rapport.messaging.transaction import Transaction
from rapport.person.store import person_of_each, survivors_of

_NEWS = timedelta(days=7)
"""An account told of later than so long after it was opened is no news: a bank that is taken on has many."""


def with_upgrades(handler: Handler, shelf: Shelf) -> Handler:
    """A customer comes into a higher tier of the ladder than the one that was known.

    Scoring tells it of the person: a word on a file that is merged into another is of before that.
    """

    async def on_tiers(tx: Transaction, events: Sequence[Received[TierChanged]]) -> None:
        rows = await select_many(tx.connection, tiers, sorted({event.data.customer_id for event in events}))
        known = {row["customer_id"]: (row["revision"], row["rank"]) for row in rows}
        await handler(tx, events)
        occasions = []
        for event in events:
            told = event.data
            revision, rank = known.get(told.customer_id, (0, None))
            if told.revision <= revision:
                continue
            if rank is not None and told.rank is not None and told.rank < rank:
                cause = f"tier:{told.revision}"
                occasions.append(Occasion(told.customer_id, "service-upgrade", event.at, told.decided_at, cause))
            known[told.customer_id] = (told.revision, told.rank)
        survivors = await survivors_of(tx.connection, {one.customer_id for one in occasions})
        await begin_on(tx, [one for one in occasions if survivors[one.customer_id] == one.customer_id], shelf=shelf)

    return on_tiers


def with_openings(handler: Handler, shelf: Shelf) -> Handler:
    """An account was opened; what is told of it again is the same opening. Other facts go through the same handler, so
    that a batch keeps their order.
    """

    async def on_facts(tx: Transaction, events: Sequence[AnyReceived]) -> None:
        await handler(tx, events)
        occasions = []
        for event in events:
            told = event.data
            if type(told) is not AccountChanged:
                continue
            opened = datetime.combine(told.opened_on, time(), UTC)
            if told.status == "open" and told.as_of - opened <= _NEWS:
                cause = f"account:{told.account_id}"
                occasions.append(Occasion(told.customer_id, "account-opening", event.at, opened, cause))
        await begin_on(tx, occasions, shelf=shelf)

    return on_facts


def with_products(handler: Handler, shelf: Shelf) -> Handler:
    """A product that was not held before, on any file of the person, is held, or one has matured; the first word on a
    file is no news.
    """

    async def on_holdings(tx: Transaction, events: Sequence[Received[HoldingChanged]]) -> None:
        persons = await person_of_each(tx.connection, {event.data.customer_id for event in events})
        known = await products_of(tx.connection, {file for person in persons.values() for file in person.files})
        await handler(tx, events)
        occasions = []
        for event in sorted(events, key=lambda event: event.data.revision):
            told = event.data
            before = known.get(told.customer_id)
            if before is not None and told.revision <= before[0]:
                continue
            active = {one.product for one in told.holdings if one.status == "active"}
            if before is not None:
                others = set(persons[told.customer_id].files) - {told.customer_id}
                elsewhere = set[str]().union(*(known[file][1] for file in others if file in known))
                occasions += _of_products(event, before[1], active, elsewhere)
            known[told.customer_id] = (told.revision, active)
        await begin_on(tx, occasions, shelf=shelf)

    return on_holdings


def with_wakings(handler: Handler, shelf: Shelf) -> Handler:
    """An account that the bank called dormant is used again, by the latest word on it."""

    async def on_facts(tx: Transaction, events: Sequence[AnyReceived]) -> None:
        told = [event for event in events if type(event.data) is AccountChanged]
        known = await standings_of(tx.connection, {event.data.customer_id for event in told}) if told else {}
        await handler(tx, events)
        occasions = []
        for event in told:
            fact = event.data
            place, now = (fact.customer_id, fact.account_id), Standing(fact.as_of, fact.type, fact.status)
            before = known.get(place)
            if before is not None and now <= before:
                continue
            if before is not None and before.status == "dormant" and now.status == "open":
                cause = f"woken:{fact.account_id}"
                occasions.append(Occasion(fact.customer_id, "account-woken", event.at, fact.as_of, cause))
            known[place] = now
        await begin_on(tx, occasions, shelf=shelf)

    return on_facts


async def follow_stages(tx: Transaction, moved: Sequence[Moved], *, shelf: Shelf) -> None:
    """Whom the bank lost is to be won back; once the customer is back that is over. A loss of long ago is no news."""
    for round_of in in_rounds(moved, lambda one: one[0].customer_id):
        occasions, back = [], {}
        for change, at in round_of:
            if change.stage == "lost" and at - change.at <= _NEWS:
                occasions.append(Occasion(change.customer_id, "customer-lost", at, change.at, "lost"))
            if change.previous == "lost":
                back[change.customer_id] = at
        await begin_on(tx, occasions, shelf=shelf)
        await end_of_node(tx, back, "customer-lost", "returned")


def _of_products(
    event: Received[HoldingChanged], before: set[str], active: set[str], elsewhere: set[str]
) -> list[Occasion]:
    told = event.data
    matured = {one.product for one in told.holdings if one.status == "matured"} & before
    found = [("new-product", product) for product in sorted(active - before - elsewhere)]
    found += [("product-matured", product) for product in sorted(matured - active)]
    return [
        Occasion(told.customer_id, node, event.at, told.as_of, f"holding:{told.revision}", product)  # type: ignore[arg-type]
        for node, product in found
    ]
