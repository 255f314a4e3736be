"""Requests of the other services, each taken in once; that it falls due at once has it decided like any other.

And answered once, also where the customer's file has ended, or ends before it is decided.
"""

from collections.abc import Collection, Sequence
from decimal import Decimal

from customer_profile.contact import store
from customer_profile.contact.domain.contact import Contact
from customer_profile.contact.domain.policy import Policy
from customer_profile.contact.domain.templates import Value
from customer_profile.contact.handlers.deciding import save
from rapport.events.base import Received
from rapport.events.contact import ContactRefused, ContactRequested, Parameter
from rapport.messaging.transaction import Transaction


async def on_contacts_requested(
    tx: Transaction, events: Sequence[Received[ContactRequested]], *, policy: Policy
) -> None:
    """Keep each request; one that is known by its id changes nothing, whatever else it says."""
    known = set(await store.load(tx.connection, {_place(event.data) for event in events}))
    fresh: list[Contact] = []
    for event in events:
        if (place := _place(event.data)) in known:
            tx.leave(event, "duplicate")
            continue
        known.add(place)
        fresh.append(_contact(event, policy))
    await store.save(tx.connection, [(contact, tx.partition_of(contact.customer_id)) for contact in fresh])


async def refuse_waiting(tx: Transaction, customer_ids: Collection[str]) -> None:
    """Answer whoever waits to reach these customers, who are locked and whose files end: nobody is reached any more."""
    waiting = await store.unanswered(tx.connection, customer_ids)
    await save(tx, [one.refused("status", tx.now) for one in waiting])


async def refuse_ended(tx: Transaction, events: Sequence[Received[ContactRequested]]) -> None:
    """Answer whoever asks to reach a customer whose file has ended; nothing of it is kept."""
    for event in events:
        asked = event.data
        fact = ContactRefused(
            customer_id=asked.customer_id, request_id=asked.request_id, reason="status", refused_at=event.at
        )
        tx.tell(fact, time=event.at, cause=f"contact:{asked.customer_id}:{asked.request_id}")


def _place(asked: ContactRequested) -> store.Key:
    return asked.customer_id, asked.request_id


def _contact(event: Received[ContactRequested], policy: Policy) -> Contact:
    asked = event.data
    return Contact(
        customer_id=asked.customer_id,
        request_id=asked.request_id,
        purpose=asked.purpose,
        kind=policy.kind_of(asked.purpose, asked.kind),
        template=asked.template,
        template_version=asked.template_version,
        language=asked.language,
        parameters={one.name: _value(one) for one in asked.parameters},
        channels=asked.channels,
        not_before=asked.not_before,
        expires_at=asked.expires_at,
        requested_at=event.at,
        due_at=event.at,
    )


def _value(one: Parameter) -> Value:
    if one.number is not None:
        return Decimal(one.number)
    return one.day or one.code or ""
