"""What the bank tells of its employees decides whose customers a team lead sees, from the commit on."""

from collections.abc import Sequence

from customer_profile.employee import store
from customer_profile.employee.domain import Employee, latest
from rapport.events.bank import EmployeeChanged
from rapport.events.base import Received
from rapport.messaging.transaction import Transaction


async def on_employees_changed(tx: Transaction, events: Sequence[Received[EmployeeChanged]]) -> None:
    """Keep the word of the highest revision on each."""
    await store.keep(tx.connection, latest(Employee(**event.data.model_dump()) for event in events))
