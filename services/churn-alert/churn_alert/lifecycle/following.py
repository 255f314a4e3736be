"""Who follows what becomes of stages: given from above, so that stages know neither playbooks nor interventions."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from churn_alert.lifecycle.domain.deciding import Transition
from rapport.messaging.transaction import Transaction

Moved = tuple[Transition, datetime]
"""A change of stage, and when it was decided: what time alone brought at its own moment, unless it lies before what was
heard only now."""
FollowStages = Callable[[Transaction, Sequence[Moved]], Awaitable[None]]
"""Called in the transaction of the changes, once they are written, in their order: one call for all of them."""


async def leave(_: Transaction, __: Sequence[Moved]) -> None:
    """Nobody follows."""
