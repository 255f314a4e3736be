"""What is due is found by the rules, agreed to by two people, and carried out some files at a time, once each."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, tzinfo
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.contact.handlers import refuse_waiting
from customer_profile.customer import store as customers
from customer_profile.customer.domain import FileStep
from customer_profile.retention.domain.agreeing import (
    Batch,
    BatchNotFound,
    Decision,
    Hold,
    HoldInvalid,
    HoldNotFound,
    HoldReason,
    Outcome,
)
from customer_profile.retention.domain.due import Due, Known, due
from customer_profile.retention.store import batches, ending, holds
from customer_profile.retention.store.known import known
from rapport.events.customer_profile import (
    ConsentChanged,
    CustomerErased,
    CustomerProfiled,
    CustomersMerged,
    CustomersUnmerged,
)
from rapport.ids import new_id
from rapport.messaging.transaction import Transaction
from rapport.person.store import persons_of
from rapport.privacy.catalogue.document import published

_STATES = (CustomerProfiled, ConsentChanged, CustomersMerged, CustomersUnmerged)
"""What is told of a customer as states: Kafka keeps none of who is destroyed."""


async def persons_files(
    connection: AsyncConnection, customer_ids: Collection[str], *, today: date, zone: tzinfo
) -> dict[str, list[Known]]:
    """What is known of each of these files and of all others of its person, the file itself first."""
    persons = await persons_of(connection, customer_ids)
    files = {file for person in persons.values() for file in person}
    found = await known(connection, files | set(customer_ids), today=today, zone=zone)
    of_each = {file: person for person in persons.values() for file in person}
    return {
        one: [found[one], *(found[file] for file in of_each[one] if file != one and file in found)]
        for one in sorted(customer_ids)
        if one in found
    }


async def due_among(connection: AsyncConnection, customer_ids: Collection[str], *, on: date, zone: tzinfo) -> list[Due]:
    """What is due on this day of these files, in order of the customer's token."""
    found = await persons_files(connection, customer_ids, today=on, zone=zone)
    retentions = published().retentions
    judged = (due(person[0], person, retentions, on=on) for person in found.values())
    return [one for one in judged if one is not None]


async def propose(tx: Transaction, items: Sequence[Due], *, on: date) -> Batch | None:
    """Put these files, but those in another batch that is not over, before people; None where none are left."""
    await batches.lock_proposing(tx.connection)
    waiting = await batches.waiting(tx.connection, [one.customer_id for one in items])
    fresh = [one for one in items if one.customer_id not in waiting]
    if not fresh:
        return None
    batch = Batch(new_id(), on, published().version, "open", tx.now)
    await batches.propose(tx.connection, batch, fresh)
    return batch


async def decide(tx: Transaction, batch_id: UUID, decision: Decision, *, by: str) -> Batch:
    """Raises BatchNotFound, BatchDecided and AnotherPersonAgrees."""
    batch = await batches.find(tx.connection, batch_id, lock=True)
    if batch is None:
        raise BatchNotFound("no batch has this batch_id")
    decided = batch.decided(decision, by, tx.now)
    await batches.decide(tx.connection, decided)
    return decided


async def hold(tx: Transaction, customer_id: str, reason: HoldReason, until: date, *, by: str, zone: tzinfo) -> Hold:
    """Keep a file whatever is due. Raises HoldInvalid."""
    if until < tx.now.astimezone(zone).date():
        raise HoldInvalid("until", "is over: a hold ends today or later")
    held = Hold(new_id(), customer_id, reason, until, by, tx.now)
    await holds.put(tx.connection, held)
    return held


async def release(tx: Transaction, hold_id: UUID, *, by: str, zone: tzinfo) -> Hold:
    """Raises HoldNotFound, HoldEnded and AnotherPersonAgrees."""
    held = await holds.find(tx.connection, hold_id, lock=True)
    if held is None:
        raise HoldNotFound("no hold has this hold_id")
    after = held.released(by, tx.now, today=tx.now.astimezone(zone).date())
    await holds.change(tx.connection, after)
    return after


async def carry_out(tx: Transaction, batch: Batch, *, on: date, zone: tzinfo, limit: int) -> dict[str, Outcome]:
    """End the next files of a batch, as many as `limit`; what became of each, by customer; nothing at the end.

    Each is judged once more under its lock: who came back meanwhile, or is held, is left. Raises BatchNotApproved.
    """
    batch.demand_approval(published().version)
    named = [one.customer_id for one in await batches.left(tx.connection, batch.batch_id, limit=limit)]
    persons = await persons_of(tx.connection, named)
    await tx.lock({file for person in persons.values() for file in person} | set(named))
    # Another run may have been first with some of them.
    items = [one for one in await batches.left(tx.connection, batch.batch_id) if one.customer_id in set(named)]
    now_due = {one.customer_id: one for one in await due_among(tx.connection, named, on=on, zone=zone)}
    outcomes: dict[str, Outcome] = {}
    for one in items:
        found = now_due.get(one.customer_id)
        is_due = found is not None and one.action in {found.action, "archive"}
        done: Outcome = "archived" if one.action == "archive" else "destroyed"
        outcomes[one.customer_id] = done if is_due else "not-due"
    await _end(tx, batch, [one for one in items if outcomes[one.customer_id] != "not-due"])
    await batches.note_outcomes(tx.connection, batch.batch_id, outcomes, tx.now)
    return outcomes


async def _end(tx: Transaction, batch: Batch, items: Sequence[Due]) -> None:
    archived = [one.customer_id for one in items if one.action == "archive"]
    destroyed = [one.customer_id for one in items if one.action == "destroy"]
    await refuse_waiting(tx, [*archived, *destroyed])
    counts = await ending.empty(tx.connection, ending.AT_ARCHIVING, archived)
    await ending.mark_archived(tx.connection, archived, tx.now)
    counts |= await ending.empty(tx.connection, ending.AT_DESTROYING, destroyed)
    await ending.unname(tx.connection, destroyed)
    agreed = f"{batch.confirmed_by}, {batch.decided_by}"
    step = FileStep(new_id(), "", "archived", agreed, None, batch.policy_version, batch.batch_id, {}, tx.now, tx.now)
    steps = [
        replace(
            step,
            step_id=new_id(),
            customer_id=one.customer_id,
            step="archived" if one.action == "archive" else "destroyed",
            rule=one.rule,
            counts=dict(sorted(counts[one.customer_id].items())) if one.customer_id in counts else {},
        )
        for one in items
    ]
    await customers.note_life(tx.connection, steps)
    for customer_id in destroyed:
        tx.tell_end(_STATES, customer_id)
    for ended in steps:
        tx.tell(
            CustomerErased(
                customer_id=ended.customer_id,
                scope="archived" if ended.step == "archived" else "destroyed",
                rule=str(ended.rule),
                policy_version=ended.policy_version,
                as_of=tx.now,
            ),
            time=tx.now,
        )
