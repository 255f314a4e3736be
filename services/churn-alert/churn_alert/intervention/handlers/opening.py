"""Nodes of the service and events in a customer's life begin interventions, as alerts do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from churn_alert.intervention.domain.course import Change
from churn_alert.intervention.domain.doing import assign
from churn_alert.intervention.handlers.keeping import begun, keep
from churn_alert.intervention.handlers.leaving_alone import Objections
from churn_alert.intervention.store import courses
from churn_alert.lifecycle.store.lives import stages_of
from churn_alert.playbook.domain.choosing import choose
from churn_alert.playbook.domain.playbooks import Node, Shelf, Situation
from churn_alert.tables import customer_managers, segments, tiers
from rapport.errors import DomainError
from rapport.ids import new_id
from rapport.messaging.transaction import Transaction
from rapport.segment.store import segments_of
from rapport.sight.store import managers_of
from rapport.tier.store import tiers_of


class CustomerNotKnown(DomainError):
    """Nothing was heard of this customer."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """Something that may begin an intervention, once. `since` and `cause`: what it follows from, by which it is known
    when it is told again.
    """

    customer_id: str
    node: Node
    at: datetime
    since: datetime
    cause: str
    product: str | None = None


async def begin_on(tx: Transaction, occasions: Sequence[Occasion], *, shelf: Shelf) -> None:
    """Begin what a playbook has for each of these, of customers who are held.

    Nothing begins for who is to be left alone, nor while the same is being done for the customer already.
    """
    if not occasions:
        return
    customers = {one.customer_id for one in occasions}
    known = await tiers_of(tx.connection, tiers, customers)
    managers = await managers_of(tx.connection, customer_managers, customers)
    stages = await stages_of(tx.connection, customers)
    kinds = await segments_of(tx.connection, segments, customers)
    choices = []
    for one in occasions:
        tier, stage = known.get(one.customer_id), stages.get(one.customer_id)
        situation = Situation(
            one.node,
            tier.tier if tier else None,
            stage.stage if stage else None,
            segment=kinds.get(one.customer_id),
        )
        choices.append((one, choose(shelf, situation, person=one.customer_id, at=one.at)))
    fitting = [(one, choice) for one, choice in choices if choice is not None]
    objections = await Objections.load(tx, customers, {choice.playbook.purpose for _, choice in fitting})
    running = {(one.customer_id, one.node, one.product) for one in await courses.open_of(tx.connection, customers)}
    known_ids = await courses.ids_of(tx.connection, customers)
    changes: list[Change] = []
    for occasion, choice in fitting:
        place = (occasion.customer_id, occasion.node, occasion.product)
        if place in running or objections.of(occasion.customer_id, choice.playbook.purpose):
            continue
        new = begun(
            choice,
            customer_id=occasion.customer_id,
            at=occasion.at,
            cause=f"{occasion.cause}:{occasion.product}",
            since=occasion.since,
            product=occasion.product,
        )
        if new[-1].after.intervention_id in known_ids:
            continue
        known_ids.add(new[-1].after.intervention_id)
        manager = managers.get(occasion.customer_id)
        if manager is not None and not new[-1].after.is_over:
            new += assign(new[-1].after, occasion.at, to=manager, by=None)
        changes += new
        if not new[-1].after.is_over:
            running.add(place)
    await keep(tx, changes)


async def note_pitch(tx: Transaction, customer_id: str, product: str, *, shelf: Shelf) -> None:
    """Somebody offered this product to a customer who is held."""
    at = tx.clock_of(customer_id)
    await begin_on(tx, [Occasion(customer_id, "product-pitch", at, at, str(new_id()), product)], shelf=shelf)
