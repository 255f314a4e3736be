"""Which of several states of one customer is the present one: the highest revision, in whatever order they came."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

_TOP = "high"
"""Of the ladder that a fact without a rank is of."""


@dataclass(frozen=True, slots=True)
class CustomerTier:
    """A customer's tier as scoring told it. `rank`: its place in the ladder, 1 is the top; None where none was told."""

    customer_id: str
    tier: str
    revision: int
    decided_at: datetime
    rank: int | None = None

    @property
    def is_top(self) -> bool:
        """In the highest tier, whatever it is called."""
        return self.tier == _TOP if self.rank is None else self.rank == 1


def newest(told: Iterable[CustomerTier]) -> list[CustomerTier]:
    """One state a customer: that of the highest revision."""
    present: dict[str, CustomerTier] = {}
    for state in told:
        known = present.get(state.customer_id)
        if known is None or known.revision < state.revision:
            present[state.customer_id] = state
    return list(present.values())
