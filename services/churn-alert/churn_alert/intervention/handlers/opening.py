"""Nodes of the service and events in a customer's life begin interventions, as alerts do."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from churn_alert.intervention.domain.course import Change, Intervention
from churn_alert.intervention.domain.doing import assign
from churn_alert.intervention.domain.occasions import Occasion
from churn_alert.intervention.handlers.keeping import begun, keep, lived
from churn_alert.intervention.store import asked, courses
from churn_alert.lifecycle.store.transitions import stages_at
from churn_alert.playbook.domain.choosing import Choice, choose
from churn_alert.playbook.domain.playbooks import Node, Shelf, Situation
from churn_alert.risk.objections import Objections, purposes_refused
from churn_alert.tables import customer_managers, segments, tiers
from rapport.errors import DomainError
from rapport.ids import new_id
from rapport.messaging.transaction import Transaction
from rapport.person.store import survivors_of
from rapport.segment.store import segments_of
from rapport.sight.store import managers_of
from rapport.tier.store import tiers_of


class CustomerNotKnown(DomainError):
    """Nothing was heard of this customer."""


async def begin_on(tx: Transaction, occasions: Sequence[Occasion], *, shelf: Shelf) -> None:
    """Begin what a playbook has for each of these, of customers who are held.

    Nothing begins for who is to be left alone, nor while the same is being done for the customer already. What came on
    a file that is merged into another is the person's: the survivor's sweep begins it, as of the same moment.
    """
    fitting = await _fitting(tx, await _of_survivors(tx, occasions), shelf)
    if not fitting:
        return
    customers = {one.customer_id for one, _ in fitting}
    managers = await managers_of(tx.connection, customer_managers, customers)
    objections = await Objections.load(tx, customers, {choice.playbook.purpose for _, choice in fitting})
    running = {_place(one): one for one in await courses.open_of(tx.connection, customers)}
    known_ids = await courses.ids_of(tx.connection, customers)
    changes: list[Change] = []
    for occasion, choice in fitting:
        place = _place(occasion)
        if place in running:
            # What silence brought before the occasion may have ended it.
            running[place], caught_up = lived(running[place], occasion.at)
            changes += caught_up
        if (place in running and not running[place].is_over) or objections.of(place[0], choice.playbook.purpose):
            continue
        new = _begun(
            occasion, choice, managers.get(occasion.customer_id), None if tx.service.is_stream_time else tx.now
        )
        if new[-1].after.intervention_id not in known_ids:
            changes += new
            running[place] = new[-1].after
            known_ids.add(running[place].intervention_id)
    await keep(tx, changes)


async def fire_asked_occasions(tx: Transaction, customer_ids: Sequence[str], *, shelf: Shelf) -> None:
    """Begin for these customers, who are held, what came on files merged into theirs."""
    taken = await asked.take(tx.connection, {one: tx.clock_of(one) for one in customer_ids})
    await begin_on(tx, taken, shelf=shelf)


async def _of_survivors(tx: Transaction, occasions: Sequence[Occasion]) -> Sequence[Occasion]:
    """Those of files that are a person's own; of the others the person is asked."""
    survivors = await survivors_of(tx.connection, {one.customer_id for one in occasions})
    others = [one for one in occasions if survivors[one.customer_id] != one.customer_id]
    named = (replace(one, customer_id=survivors[one.customer_id]) for one in others)
    await asked.ask(tx.connection, named, partition_of=tx.partition_of)
    return [one for one in occasions if survivors[one.customer_id] == one.customer_id]


async def _fitting(tx: Transaction, occasions: Sequence[Occasion], shelf: Shelf) -> list[tuple[Occasion, Choice]]:
    """What there is a playbook for that rests on nothing the customer refuses, by the tier that is known and the stage
    as of the occasion."""
    if not occasions:
        return []
    customers = {one.customer_id for one in occasions}
    known = await tiers_of(tx.connection, tiers, customers)
    kinds = await segments_of(tx.connection, segments, customers)
    stages = await stages_at(tx.connection, {(one.customer_id, one.at) for one in occasions})
    refused = await purposes_refused(tx, customers)
    found = []
    for one in occasions:
        tier, stage = known.get(one.customer_id), stages.get((one.customer_id, one.at))
        kind = kinds.get(one.customer_id)
        no = refused[one.customer_id]
        situation = Situation(one.node, tier.tier if tier else None, stage, segment=kind, refused=no)
        choice = choose(shelf, situation, person=one.customer_id, at=one.at)
        if choice is not None and choice.playbook.every == one.every:
            found.append((one, choice))
    return found


def _begun(occasion: Occasion, choice: Choice, manager: str | None, seen_at: datetime | None) -> list[Change]:
    new = begun(
        choice,
        customer_id=occasion.customer_id,
        at=occasion.at,
        cause=f"{occasion.cause}:{occasion.product}",
        since=occasion.since,
        product=occasion.product,
        seen_at=seen_at,
    )
    if manager is not None and not new[-1].after.is_over:
        new += assign(new[-1].after, occasion.at, to=manager, by=None)
    return new


def _place(one: Occasion | Intervention) -> tuple[str, Node, str | None]:
    """What is done at one place is done once at a time."""
    return one.customer_id, one.node, one.product


async def note_pitch(tx: Transaction, customer_id: str, product: str, *, shelf: Shelf) -> None:
    """Somebody offered this product to a customer who is held."""
    at = tx.clock_of(customer_id)
    await begin_on(tx, [Occasion(customer_id, "product-pitch", at, at, str(new_id()), product)], shelf=shelf)
