"""Whether a customer is reached now, later or not at all: decided anew each time, by what holds at that moment."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from customer_profile.contact.domain.contact import Contact, Objection, Reason
from customer_profile.contact.domain.policy import Channel, Policy
from customer_profile.contact.domain.templates import Template


@dataclass(frozen=True, slots=True)
class Send:
    """Now, by this channel."""

    channel: Channel


@dataclass(frozen=True, slots=True)
class Wait:
    """Not before this moment; then it is decided again."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Refuse:
    """Not at all."""

    reason: Reason


Decision = Send | Wait | Refuse


@dataclass(frozen=True, slots=True)
class Person:
    """What counts of a customer. `relationship`: with the bank, None with the dead. `objection`: to the purpose, or to
    being asked for a consent, None where there is none. `channels`: by which there is an address and an adapter.
    `has_identity`: the file has a name.
    """

    relationship: str | None
    region: str | None
    objection: Objection | None
    channels: frozenset[Channel]
    has_identity: bool


def decide(
    contact: Contact,
    person: Person | None,
    template: Template | None,
    *,
    policy: Policy,
    sent: Collection[datetime],
    now: datetime,
) -> Decision:
    """What becomes of a request now. `sent`: when others of its kind were sent to the customer; no file, no person."""
    if now >= contact.expires_at:
        return Refuse(contact.end("expired"))
    if person is None:
        return Refuse("no-address")
    fitting = _fitting(contact, template, policy)
    if objection := _objection(contact, person, policy, has_template=bool(fitting)):
        return Refuse(objection)
    usable = [channel for channel in fitting if channel in person.channels]
    if not usable or (template is not None and template.needs_identity and not person.has_identity):
        return Refuse("no-address")
    begin = max(now, contact.not_before or now)
    moment, held = policy.free_from(contact.kind, begin, region=person.region, sent=sent, until=contact.expires_at)
    if moment >= contact.expires_at:
        return Refuse(contact.end(held or "expired"))
    return Send(usable[0]) if moment <= now else Wait(moment)


def _objection(contact: Contact, person: Person, policy: Policy, *, has_template: bool) -> Reason | None:
    if person.relationship not in policy.kinds[contact.kind].relationships:
        return "status"
    if contact.purpose not in policy.purposes:
        return "no-consent"
    if person.objection is not None:
        return person.objection
    return None if has_template else "template-unknown"


def _fitting(contact: Contact, template: Template | None, policy: Policy) -> list[Channel]:
    """The channels asked for that the purpose and the template allow, in the order asked.

    One that was tried stays the only one: another adapter does not know the key of the first, and would reach the
    customer a second time.
    """
    rules = policy.purposes.get(contact.purpose)
    if rules is None or template is None or template.purpose != contact.purpose:
        return []
    if not template.takes(contact.parameters):
        return []
    asked: Collection[Channel] = [contact.channel] if contact.attempts and contact.channel else contact.channels
    return [channel for channel in asked if channel in rules.channels and channel in template.words]


def after(contact: Contact, decision: Decision, now: datetime) -> Contact:
    """The contact once this was decided."""
    match decision:
        case Send(channel):
            return contact.decided(channel, now)
        case Wait(until):
            return contact.waiting(until)
        case Refuse(reason):
            return contact.refused(reason, now)
