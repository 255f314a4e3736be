"""What becomes of a customer's consents: each act is entered, and what holds then is told with all purposes."""

from customer_profile.consent import store
from customer_profile.consent.domain.acts import ConsentImpossible, Said, entered
from customer_profile.consent.domain.ledger import Entry
from customer_profile.consent.domain.purposes import Purposes
from customer_profile.customer import store as customers
from customer_profile.customer.domain import CustomerNotFound
from rapport.messaging.transaction import Transaction


async def record_act(tx: Transaction, customer_id: str, said: Said, *, purposes: Purposes, by: str) -> Entry:
    """Enter what a customer did; an act that is in the ledger already is returned and changes nothing.

    Raises CustomerNotFound, ConsentImpossible and ConsentNotGranted.
    """
    if not await customers.load(tx.connection, [customer_id]):
        raise CustomerNotFound("no customer with this customer_id is recorded")
    purpose = purposes.by_code.get(said.purpose)
    if purpose is None:
        raise ConsentImpossible([("purpose", f"is none of the bank's: {', '.join(purposes.by_code)}")])
    ledger = (await store.load(tx.connection, [customer_id])).get(customer_id, [])
    entry = entered(said, purpose, ledger, customer_id=customer_id, by=by, now=tx.now)
    if entry.revision > len(ledger):
        await store.append(tx.connection, entry)
    return entry
