"""What the service hears, and what it does about it."""

from functools import partial

from customer_profile.customer.handlers import on_bank_facts
from rapport.events.bank import AccountChanged, CustomerRecorded
from rapport.events.base import Event
from rapport.messaging.poll import Handler
from rapport.privacy.keyring import Keyring


def subscriptions(keyring: Keyring) -> dict[type[Event], Handler]:
    """One handler for both, so that in stream time customers and accounts are handled in the order of their time.

    In wall time they come topic after topic, which ends in the same file.
    """
    handler = partial(on_bank_facts, keyring=keyring)
    return {CustomerRecorded: handler, AccountChanged: handler}
