"""What alerts are handled with: the bank's policy, who says what is to be done about one, and who follows what becomes
of them.

The last two stand above alerts: they are given to them by `main`, so that alerts know neither playbooks nor
interventions.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from churn_alert.alert.domain.lifecycle import Assign, Change
from churn_alert.alert.domain.policy import Policy
from rapport.messaging.transaction import Transaction

FollowAlerts = Callable[[Transaction, Sequence[Change]], Awaitable[None]]
"""Called in the transaction of the changes, once they are written, in their order: one call for all of them."""


@dataclass(frozen=True, slots=True)
class Alerting:
    """What alerts are decided, shown and followed with. `zone`: of the bank's calendar."""

    policy: Policy
    zone: tzinfo
    assign: Assign
    follow: FollowAlerts
