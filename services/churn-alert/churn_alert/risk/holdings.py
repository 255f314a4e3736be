"""What churn-alert does with what customers hold: keep it, for whoever looks at their behaviour. Nothing is decided."""

from collections.abc import Sequence

from churn_alert.risk.store.holdings import Held, keep
from rapport.events.bank import HoldingChanged
from rapport.events.base import Received
from rapport.messaging.transaction import Transaction


async def on_holdings(tx: Transaction, events: Sequence[Received[HoldingChanged]]) -> None:
    """Keep the highest revision of each file's, and the most products ever held at once of all of them."""
    told: dict[str, Held] = {}
    for event in events:
        fact = event.data
        products = tuple(sorted(one.product for one in fact.holdings if one.status == "active"))
        new, before = Held(products, fact.revision, fact.as_of, len(products)), told.get(fact.customer_id)
        latest = max(before or new, new, key=lambda one: one.revision)
        told[fact.customer_id] = latest._replace(most=max(new.most, before.most if before else 0))
    await keep(tx.connection, list(told.items()))
