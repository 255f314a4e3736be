"""Which of several states of one customer is the present one: the highest revision, in whatever order they came."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Tier = Literal["high", "middle", "low"]


@dataclass(frozen=True, slots=True)
class CustomerTier:
    """A customer's tier as scoring told it."""

    customer_id: str
    tier: Tier
    revision: int
    decided_at: datetime


def newest(told: Iterable[CustomerTier]) -> list[CustomerTier]:
    """One state a customer: that of the highest revision."""
    present: dict[str, CustomerTier] = {}
    for state in told:
        known = present.get(state.customer_id)
        if known is None or known.revision < state.revision:
            present[state.customer_id] = state
    return list(present.values())
