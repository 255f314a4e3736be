"""The kinds of customer the simulated bank has: income, habits and how often each does what.

Rates are invented to be plausible, not fitted; what matters is that customers differ as real ones do, widely.
"""

from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

from simulator.bank.kinds import ALLOWANCE, PENSION, SALARY, SETTLEMENT, Kind

Action = Literal["qr", "card", "withdraw", "deposit", "transfer", "login", "page", "visit", "call"]
ACTIONS: tuple[Action, ...] = ("qr", "card", "withdraw", "deposit", "transfer", "login", "page", "visit", "call")


@dataclass(frozen=True, slots=True)
class Persona:
    """A kind of customer."""

    name: str
    share: float
    income: Kind
    income_median: int
    """A month, in yuan."""
    paydays: tuple[int, ...]
    weekly: tuple[float, ...]
    """Mean count a week of each of ACTIONS."""
    ages: tuple[int, int]
    owns: tuple[float, float, float, float, float, float]
    """Chance of a term deposit, wealth product, fund, insurance, loan, credit card."""
    saves: float
    overdraft: float = 0.0

    @property
    def daily_rate(self) -> float:
        """Mean count a day of everything the customer does."""
        return sum(self.weekly) / 7

    @property
    def mix(self) -> list[float]:
        """Cumulative shares of ACTIONS, for a draw by bisection."""
        total = sum(self.weekly)
        return [part / total for part in accumulate(self.weekly)]


PERSONAS = (
    Persona("salaried", 0.47, SALARY, 9_000, (5, 8, 10, 15), (2.0, 1.4, 0.15, 0.02, 0.5, 1.9, 0.4, 0.04, 0.03),
            (22, 60), (0.2, 0.15, 0.2, 0.15, 0.45, 0.6), 0.45, 0.1),
    Persona("pensioner", 0.17, PENSION, 4_300, (12, 15, 20), (0.5, 0.4, 0.7, 0.12, 0.15, 0.4, 0.05, 0.35, 0.06),
            (58, 86), (0.55, 0.1, 0.03, 0.1, 0.02, 0.1), 0.5),
    Persona("self-employed", 0.12, SETTLEMENT, 2_600, (2, 9, 16, 23), (1.5, 0.8, 0.5, 0.8, 1.3, 2.2, 0.4, 0.2, 0.08),
            (25, 65), (0.15, 0.12, 0.12, 0.2, 0.45, 0.5), 0.2, 0.15),
    Persona("student", 0.11, ALLOWANCE, 1_900, (1, 3, 6), (3.2, 0.3, 0.12, 0.01, 0.4, 2.2, 0.6, 0.02, 0.02),
            (18, 25), (0.02, 0.02, 0.08, 0.02, 0.0, 0.1), 0.05),
    Persona("wealthy", 0.06, SALARY, 58_000, (5, 10, 15), (1.4, 2.6, 0.3, 0.06, 1.2, 2.4, 0.8, 0.2, 0.15),
            (30, 75), (0.6, 0.85, 0.6, 0.5, 0.4, 0.8), 0.8, 0.1),
    Persona("quiet", 0.07, PENSION, 2_800, (10, 20), (0.12, 0.05, 0.15, 0.02, 0.03, 0.15, 0.02, 0.04, 0.01),
            (25, 80), (0.4, 0.02, 0.02, 0.05, 0.02, 0.05), 0.1),
)  # fmt: skip
