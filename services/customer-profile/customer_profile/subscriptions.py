"""What the service hears, and what it does about it."""

from collections.abc import Sequence
from datetime import tzinfo
from functools import partial
from typing import Any

from customer_profile.adapter.handlers import Topics, on_core_facts
from customer_profile.adapter.records import CoreRecord
from customer_profile.contact.domain.policy import Policy
from customer_profile.contact.handlers import on_contacts_requested, refuse_ended
from customer_profile.customer.handlers import on_bank_facts, sparing
from customer_profile.customer.identity import Locks
from customer_profile.merge.handlers import on_merges_recorded, propose_same_papers
from customer_profile.portrait.facts import HEARD
from customer_profile.portrait.handlers import on_interactions_recorded, on_transactions_recorded, on_words_of_others
from customer_profile.quality.handlers import on_customers_recorded
from customer_profile.tables import employees
from rapport.events import bank
from rapport.events.base import Event, Received
from rapport.events.contact import ContactRequested
from rapport.events.ecif import CustomerMergeRecorded
from rapport.messaging.poll import Handler
from rapport.messaging.transaction import Transaction
from rapport.sight.handlers import on_employees_changed


async def on_facts(tx: Transaction, events: Sequence[Received[Any]], *, locks: Locks, topics: Topics) -> None:
    """Customers and accounts first: an account of the same poll is known before the postings on it are looked at."""
    if of_customers := [event for event in events if not isinstance(event.data, CoreRecord)]:
        await on_bank_facts(tx, of_customers, locks=locks)
        records = (event.data for event in of_customers if isinstance(event.data, bank.CustomerRecorded))
        identified = {record.customer_id for record in records if record.identity is not None}
        await propose_same_papers(tx, identified, locks=locks)
    if recorded := [event for event in events if isinstance(event.data, bank.CustomerRecorded)]:
        await on_customers_recorded(tx, recorded)
    await on_core_facts(tx, events, topics=topics)


def subscriptions(
    locks: Locks, zone: tzinfo, policy: Policy, topics: Topics | None = None, raw: Sequence[type[CoreRecord]] = ()
) -> dict[type[Event], Handler]:
    """One handler for files and accounts, so that in stream time both are handled in the order of their time.

    In wall time they come topic after topic, which ends in the same file. `zone`: of the bank's calendar. `policy`: of
    contact. `raw`: a class for each raw topic. What is told of a destroyed file has no effect, nor has what no law asks
    to be kept of an archived one.
    """
    handler = sparing(partial(on_facts, locks=locks, topics=topics or Topics({}, 0)))
    return {
        **dict.fromkeys([bank.CustomerRecorded, bank.AccountChanged, *raw], handler),
        **dict.fromkeys(HEARD, sparing(on_words_of_others, also_archived=True)),
        CustomerMergeRecorded: sparing(on_merges_recorded),
        bank.EmployeeChanged: partial(on_employees_changed, table=employees),
        bank.InteractionRecorded: sparing(on_interactions_recorded, also_archived=True),
        bank.TransactionRecorded: sparing(partial(on_transactions_recorded, zone=zone)),
        ContactRequested: sparing(
            partial(on_contacts_requested, policy=policy), also_archived=True, instead=refuse_ended
        ),
    }
