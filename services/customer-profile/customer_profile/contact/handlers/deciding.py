"""Requests that fall due are decided by what holds then: the file, the ledger of consents, what was sent before."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from customer_profile.consent import store as consents
from customer_profile.consent.domain.asking import waits
from customer_profile.consent.domain.ledger import Entry, State, of_person, state_of
from customer_profile.consent.domain.purposes import Purpose, Purposes
from customer_profile.contact import store
from customer_profile.contact.domain.contact import Contact, Objection
from customer_profile.contact.domain.deciding import Person, after, decide
from customer_profile.contact.domain.policy import STRICTEST_FIRST, Channel, Kind, Policy
from customer_profile.contact.domain.templates import Templates
from customer_profile.customer import store as customers
from customer_profile.customer.domain import File, Relationship
from rapport.events.contact import ContactRefused
from rapport.events.customer_profile import Person as OneCustomer
from rapport.messaging.transaction import Transaction
from rapport.person.store import person_of_each

_ADDRESSES: dict[Channel, str] = {"sms": "phone", "email": "email"}
"""The field of the file that a channel needs. The others know the customer by the token."""


@dataclass(frozen=True, slots=True)
class Rules:
    """By what is decided. `channels`: those that have an adapter."""

    policy: Policy
    templates: Templates
    purposes: Purposes
    channels: frozenset[Channel]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What counts of the customers of some contacts, who are locked: loaded at once.

    Consent, cap, death and restriction are of the person: of all files that are one customer.
    """

    rules: Rules
    files: dict[str, File]
    persons: dict[str, OneCustomer]
    ledgers: dict[str, list[Entry]]
    sent: dict[tuple[str, Kind], dict[str, datetime]]

    @classmethod
    async def load(cls, tx: Transaction, contacts: Sequence[Contact], rules: Rules) -> Self:
        """Those of these contacts' customers."""
        customer_ids = sorted({contact.customer_id for contact in contacts})
        persons = await person_of_each(tx.connection, customer_ids)
        of_persons = {file for person in persons.values() for file in person.files}
        files = await customers.load(tx.connection, of_persons)
        ledgers = await consents.load(tx.connection, sorted(of_persons))
        earliest = min((tx.clock_of(customer_id) for customer_id in customer_ids), default=tx.now)
        sent = await store.sent_since(tx.connection, of_persons, earliest - rules.policy.longest_cap)
        return cls(rules, files, persons, ledgers, sent)

    def person(self, contact: Contact, at: datetime) -> Person | None:
        """The customer as it counts for this contact."""
        file = self.files.get(contact.customer_id)
        if file is None:
            return None
        return Person(
            relationship=_relationship(file, [self.files[i] for i in self._files_of(contact) if i in self.files]),
            region=file.facts.region,
            objection=self._objection(contact, at),
            channels=frozenset(channel for channel in self.rules.channels if _has_address(file, channel)),
            has_identity=file.identity["full_name"] is not None,
        )

    def _files_of(self, contact: Contact) -> tuple[str, ...]:
        return self.persons[contact.customer_id].files

    def _objection(self, contact: Contact, at: datetime) -> Objection | None:
        by_code = self.rules.purposes.by_code
        purpose = by_code.get(contact.purpose)
        if purpose is None:
            return "no-consent"
        state = self._state(contact, purpose, at)
        if not state.is_allowed:
            return "no-consent" if state.since is None else "refused"
        template = self.rules.templates.get((contact.template, contact.template_version))
        if template is None or template.asks_for is None:
            return None
        return "asked-too-soon" if waits(self._state(contact, by_code[template.asks_for], at), at) else None

    def _state(self, contact: Contact, purpose: Purpose, at: datetime) -> State:
        after = self.rules.purposes.ask_again_after
        ledgers = [self.ledgers.get(file, []) for file in self._files_of(contact)]
        return of_person([state_of(one, purpose, at, ask_again_after=after) for one in ledgers])

    def stamped(self, contact: Contact) -> Contact:
        """With the versions of what it was decided by."""
        ledger = self.ledgers.get(contact.customer_id)
        return replace(
            contact,
            policy_version=self.rules.policy.version,
            consent_version=self.rules.purposes.revision_of(ledger[-1].revision) if ledger else None,
        )

    def sent_otherwise(self, contact: Contact) -> list[datetime]:
        """When other contacts of its kind were sent to its customer, on whichever file."""
        own = (contact.customer_id, contact.request_id)
        return [
            at
            for file in self._files_of(contact)
            for request_id, at in self.sent.get((file, contact.kind), {}).items()
            if (file, request_id) != own
        ]

    def note(self, contact: Contact) -> Contact:
        """What was decided counts for the next."""
        sent = self.sent.setdefault((contact.customer_id, contact.kind), {})
        sent.pop(contact.request_id, None)
        if contact.sent_at is not None:
            sent[contact.request_id] = contact.sent_at
        return contact


def _relationship(file: File, of_person: Sequence[File]) -> Relationship | None:
    """Of a file, for a person with these: who died on one is dead on all, who is restricted on one is on all."""
    if any(one.facts.status == "deceased" for one in of_person):
        return None
    is_restricted = any(one.relationship == "restricted" for one in of_person)
    return "restricted" if is_restricted and file.relationship != "exited" else file.relationship


def _has_address(file: File, channel: Channel) -> bool:
    field = _ADDRESSES.get(channel)
    return field is None or (file.identity[field] is not None and field not in file.faults)


async def decide_due(tx: Transaction, customer_ids: Sequence[str], *, rules: Rules) -> None:
    """Decide what is due of these customers, who are locked: what waited, and what nobody confirmed in time."""
    due = await store.due(tx.connection, customer_ids, until=tx.furthest_clock)
    await settle(tx, [one for one in due if one.due_at and one.due_at <= tx.clock_of(one.customer_id)], rules)


async def settle(tx: Transaction, contacts: Sequence[Contact], rules: Rules) -> list[Contact]:
    """Decide these contacts one after the other, obligations first; keep and tell what came of it."""
    circumstances = await Circumstances.load(tx, contacts, rules)
    settled = []
    for contact in sorted(contacts, key=_turn):
        now = tx.clock_of(contact.customer_id)
        decision = decide(
            contact,
            circumstances.person(contact, tx.now),
            rules.templates.get((contact.template, contact.template_version)),
            policy=rules.policy,
            sent=circumstances.sent_otherwise(contact),
            now=now,
        )
        settled.append(circumstances.note(circumstances.stamped(after(contact, decision, now))))
    await save(tx, settled)
    return settled


async def save(tx: Transaction, contacts: Sequence[Contact]) -> None:
    """Keep these contacts, and tell which were refused."""
    await store.save(tx.connection, [(contact, tx.partition_of(contact.customer_id)) for contact in contacts])
    for one in contacts:
        if one.reason is not None and one.answered_at is not None:
            fact = ContactRefused(
                customer_id=one.customer_id,
                request_id=one.request_id,
                reason="refused" if one.reason == "asked-too-soon" else one.reason,
                asked_too_soon=one.reason == "asked-too-soon",
                refused_at=one.answered_at,
            )
            tx.tell(fact, time=one.answered_at, cause=f"contact:{one.customer_id}:{one.request_id}")


def _turn(contact: Contact) -> tuple[str, int, datetime, str]:
    """What is owed before what is offered, then who asked first."""
    return contact.customer_id, -STRICTEST_FIRST.index(contact.kind), contact.requested_at, contact.request_id
