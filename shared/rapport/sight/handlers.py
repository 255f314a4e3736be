"""Keeps the copies: what customer-profile and the bank told last, by revision and not by arrival.

Whoever changes hands does so with the commit.
"""

from collections.abc import Sequence

from sqlalchemy import Table

from rapport.erasure.archive import of_standing_relationships
from rapport.events.bank import EmployeeChanged
from rapport.events.base import Received
from rapport.events.customer_profile import CustomerProfiled
from rapport.messaging.transaction import Transaction
from rapport.sight import store


async def on_managers_told(tx: Transaction, events: Sequence[Received[CustomerProfiled]], *, table: Table) -> None:
    """Who manages each of these customers decides who sees what is known of them; who is archived is no manager's."""
    standing = await of_standing_relationships(tx, events)
    await store.keep_managers(tx.connection, table, (event.data for event in standing))


async def on_employees_changed(tx: Transaction, events: Sequence[Received[EmployeeChanged]], *, table: Table) -> None:
    """Who works in which unit decides whose customers a team lead sees."""
    await store.keep_staff(tx.connection, table, (event.data for event in events))
