"""The products a customer holds, as the bank last told them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from scoring.standing.domain.assets import Valuation

LOAN_CLASSES = ("normal", "special-mention", "substandard", "doubtful", "loss")
"""The five classes of a loan, the best first (Measures for the Risk Classification of Financial Assets, 2023)."""
INVESTMENTS = ("deposit", "wealth", "fund", "insurance")
"""Kinds of product that are the customer's own money; a loan is not, and a card holds none."""


class ProductsOfKind(NamedTuple):
    """Active products of one kind, and what they are worth in minor units of the bank's currency."""

    products: int
    minor: int


@dataclass(frozen=True, slots=True)
class Holdings:
    """All that a customer holds, as the bank last told it; revision 0 is nothing told yet.

    `loan_class`: the worst of the customer's loans, as a place in `LOAN_CLASSES`. `valuations`: what the customer's own
    money in products was worth, by day, for the latest months.
    """

    by_kind: Mapping[str, ProductsOfKind] = field(default_factory=dict)
    revision: int = 0
    as_of: datetime | None = None
    loan_class: int | None = None
    valuations: Sequence[Valuation] = ()
    products: int = field(init=False)
    investments_minor: int = field(init=False)

    def __post_init__(self) -> None:
        held = self.by_kind
        object.__setattr__(self, "products", sum(kind.products for kind in held.values()))
        object.__setattr__(self, "investments_minor", sum(held[kind].minor for kind in INVESTMENTS if kind in held))

    @property
    def loans_minor(self) -> int:
        """What the customer owes the bank on products."""
        return self.by_kind["loan"].minor if "loan" in self.by_kind else 0


NOTHING_HELD = Holdings()
