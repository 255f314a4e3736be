"""What alerts are handled with: who says what is to be done about one, and who follows what becomes of them.

Both stand above alerts: they are given to them by `main`, so that alerts know neither playbooks nor interventions.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from churn_alert.alert.domain.lifecycle import Alert, Assigned, Change
from rapport.messaging.transaction import Transaction

Assign = Callable[[Alert], Assigned | None]
"""Pure: asked once, of an alert that is about to be opened, before anybody sees it."""
FollowAlerts = Callable[[Transaction, Sequence[Change]], Awaitable[None]]
"""Called in the transaction of the changes, once they are written, in their order: one call for all of them."""


@dataclass(frozen=True, slots=True)
class Alerting:
    """What handlers of alerts are given."""

    assign: Assign
    follow: FollowAlerts


def assign_nothing(_: Alert) -> None:
    """No playbook."""


async def follow_nothing(_: Transaction, __: Sequence[Change]) -> None:
    """Nobody follows."""
