"""A person moves the relationship with a customer one step; the file, the others and the trail of steps learn of it."""

from collections.abc import Collection
from datetime import datetime

from customer_profile.customer import domain
from customer_profile.customer.domain import CustomerNotFound, File, Reason, Relationship, StepImpossible
from customer_profile.customer.handlers.files import Files, Word
from rapport.messaging.transaction import Transaction


async def take_step(
    tx: Transaction,
    customer_id: str,
    to: Relationship,
    reason: Reason,
    *,
    occurred_at: datetime | None,
    by: str,
    rights: Collection[str],
) -> File:
    """The file after the step. `occurred_at`: when it was taken, if that was before now.

    Raises CustomerNotFound, StepImpossible and StepNotPermitted.
    """
    files = await Files.load(tx, [customer_id])
    file = files.get(customer_id)
    if file is None:
        raise CustomerNotFound
    at = tx.clock_of(customer_id)
    file = files.let_age(file, until=at)
    if occurred_at is not None and occurred_at > at:
        raise StepImpossible("occurred_at", "has not come yet")
    domain.demand(file, to, reason, rights)
    after = domain.stepped(file, to, reason, at=at)
    files.put(after, time=at, cause=None, word=Word(reason, by, occurred_at or at))
    await files.save()
    return after
