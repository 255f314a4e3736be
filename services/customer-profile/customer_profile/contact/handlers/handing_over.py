"""What may be sent is handed to an adapter, outside any transaction, at least once and with the same key each time.

Claim and mark are transactions of their own. Whoever dies between them has handed over or not: the lease runs out, and
it is decided and handed over once more, which the adapter takes as the same message.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from customer_profile.contact import store
from customer_profile.contact.adapters import Adapter, Message, NeverTaken
from customer_profile.contact.domain.contact import LEASE, Contact
from customer_profile.contact.domain.policy import Channel
from customer_profile.contact.domain.templates import Template, rendered, salutation
from customer_profile.contact.handlers.deciding import Rules, save, settle
from customer_profile.customer import store as customers
from customer_profile.customer.domain import File
from customer_profile.customer.identity import Locks, Plain, opened
from rapport.events.contact import ContactDelivered
from rapport.ids import derived_id
from rapport.messaging.transaction import Transaction, Transactions
from rapport.person.store import person_of_each
from rapport.privacy.encryption import CannotDecrypt, KeyUnknown
from rapport.privacy.keyring import CustomerKey

_BATCH = 50
"""Messages of one round: all are with adapters at the same time."""
_PATIENCE = LEASE.total_seconds() / 4
"""Of an adapter, in seconds: a round is over long before its lease is."""


def key_of(contact: Contact) -> str:
    """By what an adapter knows a message again: a function of whom it is for and the request's id alone."""
    return str(derived_id(contact.expires_at, contact.customer_id, contact.request_id))


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What an adapter made of a message. `error`: the kind of what it raised."""

    contact: Contact
    adapter: str
    error: type[Exception] | None


class HandOver:
    """The loop of the worker that hands over. `key_of` is given by failure tests only."""

    def __init__(
        self,
        rules: Rules,
        adapters: Mapping[Channel, Adapter],
        locks: Locks,
        *,
        key_of: Callable[[Contact], str] = key_of,
    ) -> None:
        self._rules = rules
        self._adapters = adapters
        self._locks = locks
        self._key_of = key_of

    async def next(self, transactions: Transactions) -> bool:
        """One round; whether there may be more."""
        claimed = await self._claim(transactions)
        outcomes = await asyncio.gather(*[self._hand_over(contact, message) for contact, message in claimed])
        if outcomes:
            await self._mark(transactions, outcomes)
        return len(claimed) == _BATCH

    async def _claim(self, transactions: Transactions) -> list[tuple[Contact, Message]]:
        """Decide once more, under the lock that a withdrawal of consent takes too; who may still be reached is ours."""
        async with transactions.begin() as tx:
            keys = await store.decided(tx.connection, _BATCH)
            # All files of a person, since consent and cap are of all: two workers must not decide on one each.
            persons = await person_of_each(tx.connection, {customer_id for customer_id, _ in keys})
            files = {file for person in persons.values() for file in person.files}
            free = set(await tx.lock_free(files))
            found = await store.load(tx.connection, [key for key in keys if free.issuperset(persons[key[0]].files)])
            decided = [contact for contact in found.values() if contact.state == "decided"]
            handed = [one.handed(tx.now) for one in await settle(tx, decided, self._rules) if one.state == "decided"]
            offers = await self._offers(tx, handed)
            await save(tx, [offer if isinstance(offer, Contact) else one for one, offer in offers])
            return [(one, offer) for one, offer in offers if isinstance(offer, Message)]

    async def _offers(self, tx: Transaction, contacts: list[Contact]) -> list[tuple[Contact, Message | Contact]]:
        """Each with its message, or with what becomes of it where there is none."""
        customer_ids = {contact.customer_id for contact in contacts}
        files = await customers.load(tx.connection, customer_ids)
        keys = await self._locks.keyring.find(tx.connection, customer_ids)
        return [(one, self._offer(one, files[one.customer_id], keys.get(one.customer_id), tx.now)) for one in contacts]

    def _offer(self, contact: Contact, file: File, key: CustomerKey | None, now: datetime) -> Message | Contact:
        try:
            plain = opened(file.identity, key) or {}
        except KeyUnknown:
            raise
        except CannotDecrypt:
            # Altered. It may be put back before the contact expires; until then it must hold back no other.
            return contact.failed(now)
        template = self._rules.templates[contact.template, contact.template_version]
        return message_of(contact, template, file, plain) or contact.refused("no-address", now)

    async def _hand_over(self, contact: Contact, message: Message) -> _Outcome:
        adapter = self._adapters[message.channel]
        try:
            async with asyncio.timeout(_PATIENCE):
                await adapter.hand_over(self._key_of(contact), message)
        except Exception as error:  # noqa: BLE001 - one that breaks on a message must hold back no other
            # Its kind alone: what an adapter says of a message can hold the message.
            return _Outcome(contact, adapter.name, type(error))
        return _Outcome(contact, adapter.name, None)

    async def _mark(self, transactions: Transactions, outcomes: list[_Outcome]) -> None:
        keys = [(one.contact.customer_id, one.contact.request_id) for one in outcomes]
        async with transactions.begin(customers=[customer_id for customer_id, _ in keys]) as tx:
            current = await store.load(tx.connection, keys)
            marked = [
                _marked(now, one, tx) for key, one in zip(keys, outcomes, strict=True) if (now := current.get(key))
            ]
            await save(tx, [one for one in marked if one is not None])
            for one in marked:
                if one is not None and one.state == "delivered":
                    _tell_delivered(tx, one)


def _marked(current: Contact, outcome: _Outcome, tx: Transaction) -> Contact | None:
    """The contact after what its adapter said; None where another round has the say by now."""
    if current.is_answered:
        return None
    if outcome.error is None:
        return current.delivered(outcome.adapter, tx.now)
    if (current.state, current.attempts) != ("handed", outcome.contact.attempts):
        return None
    if issubclass(outcome.error, NeverTaken):
        return current.refused("adapter-failed", tx.now)
    return current.failed(tx.now)


def _tell_delivered(tx: Transaction, contact: Contact) -> None:
    assert contact.channel is not None
    assert contact.adapter is not None
    assert contact.answered_at is not None
    fact = ContactDelivered(
        customer_id=contact.customer_id,
        request_id=contact.request_id,
        channel=contact.channel,
        adapter=contact.adapter,
        delivered_at=contact.answered_at,
    )
    tx.tell(fact, time=contact.answered_at, cause=f"contact:{contact.customer_id}:{contact.request_id}")


def message_of(contact: Contact, template: Template, file: File, plain: Plain) -> Message | None:
    """The message with the identity in it; None where there is none to be read: it is gone, or its key destroyed."""
    channel, name = contact.channel, plain.get("full_name")
    assert channel is not None
    address = {"sms": plain.get("phone"), "email": plain.get("email")}.get(channel, contact.customer_id)
    if address is None or (template.needs_identity and name is None):
        return None
    identity = {"full_name": name or "", "salutation": salutation(name or "", file.facts.gender, contact.language)}
    words = rendered(template.words[channel][contact.language], contact.language, {**contact.parameters, **identity})
    return Message(channel, address, words.title, words.text)
