"""What the service hears, and what it does about it."""

from datetime import tzinfo
from functools import partial

from customer_profile.customer.handlers import on_bank_facts
from customer_profile.portrait.facts import HEARD
from customer_profile.portrait.handlers import (
    on_interactions_recorded,
    on_transactions_recorded,
    on_words_of_others,
)
from rapport.events.bank import AccountChanged, CustomerRecorded, InteractionRecorded, TransactionRecorded
from rapport.events.base import Event
from rapport.messaging.poll import Handler
from rapport.privacy.keyring import Keyring


def subscriptions(keyring: Keyring, zone: tzinfo) -> dict[type[Event], Handler]:
    """One handler for files and accounts, so that in stream time both are handled in the order of their time.

    In wall time they come topic after topic, which ends in the same file. `zone`: of the bank's calendar.
    """
    handler = partial(on_bank_facts, keyring=keyring)
    return {
        CustomerRecorded: handler,
        AccountChanged: handler,
        **dict.fromkeys(HEARD, on_words_of_others),
        InteractionRecorded: on_interactions_recorded,
        TransactionRecorded: partial(on_transactions_recorded, zone=zone),
    }
