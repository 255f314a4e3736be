"""Whose an alert is follows the customer: who is given to another manager takes the open alert along, at once.

What people handed on stays where it is as long as the customer does.
"""

from collections.abc import Sequence

from churn_alert.alert.alerting import Alerting
from churn_alert.alert.domain.steps import reassign
from churn_alert.alert.handlers import Changes
from churn_alert.alert.leaving_alone import on_relationships
from churn_alert.alert.store.alerts import open_alerts
from churn_alert.risk.domain.crossing import Rules
from churn_alert.tables import customer_managers
from rapport.events.base import Received
from rapport.events.customer_profile import CustomerProfiled
from rapport.messaging.transaction import Transaction
from rapport.sight.handlers import on_managers_told
from rapport.sight.store import managers_of


async def on_profiles(
    tx: Transaction, events: Sequence[Received[CustomerProfiled]], *, rules: Rules, alerting: Alerting
) -> None:
    """Heed whose relationship is over; then take who manages these customers: where that is somebody else than before,
    the open alert is theirs."""
    await on_relationships(tx, events, rules=rules, alerting=alerting)
    told = {event.data.customer_id: event for event in events}
    found = await open_alerts(tx.connection, told)
    before = await managers_of(tx.connection, customer_managers, found.keys())
    await on_managers_told(tx, events, table=customer_managers)
    after = await managers_of(tx.connection, customer_managers, found.keys())
    changes = Changes(tx, alerting)
    for customer_id, alert in found.items():
        if (owner := after.get(customer_id)) != before.get(customer_id) and owner != alert.owner:
            event = told[customer_id]
            changes.note(reassign(changes.lived(alert, event.at), owner, event.at, None), cause=event)
    await changes.save()
