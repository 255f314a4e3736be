"""What may begin an intervention."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from churn_alert.playbook.domain.playbooks import Node


@dataclass(frozen=True, slots=True)
class Occasion:
    """Something that may begin an intervention, once. `since` and `cause`: what it follows from, by which it is known
    when it is told again.
    """

    customer_id: str
    node: Node
    at: datetime
    since: datetime
    cause: str
    product: str | None = None
    every: timedelta | None = None
    """Of a regular contact, the rhythm in which it fell due: it is of those customers alone whose rhythm it is."""
