"""What becomes of risks and alerts when customer-profile archives or destroys a file: nothing of it is left."""

from collections.abc import Sequence
from functools import partial

from churn_alert.alert.alerting import Alerting
from churn_alert.alert.handlers import follow_crossings
from churn_alert.alert.leaving_alone import close_left_alone
from churn_alert.risk.domain.crossing import Rules
from churn_alert.risk.merging import decide_regrouped
from churn_alert.risk.store import crossed
from churn_alert.tables import metadata
from rapport.erasure.handlers import Erased, forget_customers
from rapport.messaging.transaction import Transaction


async def on_files_ended(tx: Transaction, events: Sequence[Erased], *, rules: Rules, alerting: Alerting) -> None:
    """Forget them; who lost a file of several is decided anew, on the sum of what is left."""
    left = await forget_customers(tx, events, metadata=metadata)
    if left:
        await crossed.forget(tx.connection, left)
        follow = partial(follow_crossings, alerting=alerting)
        await decide_regrouped(tx, left, events[-1], rearmed=(), rules=rules, follow=follow)
        await close_left_alone(tx, dict.fromkeys(left, events[-1].at), alerting=alerting)
