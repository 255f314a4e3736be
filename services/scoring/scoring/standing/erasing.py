"""What scoring does when customer-profile archives or destroys a file: of who is destroyed nothing is left."""

from collections.abc import Sequence

from rapport.erasure.handlers import Erased, forget_customers
from rapport.events.scoring import SegmentChanged, TierChanged
from rapport.messaging.transaction import Transaction
from scoring.standing.domain.rules import Rules
from scoring.standing.merging import decide_regrouped
from scoring.tables import metadata


async def on_files_ended(tx: Transaction, events: Sequence[Erased], *, rules: Rules) -> None:
    """Forget them, what people did to their tiers too, and end their states on Kafka; who lost a file of several is
    decided anew, on the sum of what is left."""
    left = await forget_customers(tx, events, metadata=metadata, states=[TierChanged, SegmentChanged])
    if left:
        await decide_regrouped(tx, left, events[-1], rules=rules)
