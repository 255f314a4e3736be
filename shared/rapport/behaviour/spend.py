"""What one activity of a customer is worth: the Gamma-Gamma model of Fader & Hardie ("The Gamma-Gamma Model of Monetary
Value", 2013), which draws a customer's mean towards that of everybody, the more so the fewer activities it rests on.

The model assumes that how much is spent does not depend on how often. `spend_fit` tells the correlation of the two;
what is too much of it: docs/decisions/0014-lifetime-value-in-closed-form.md.
"""

from dataclasses import dataclass
from math import inf
from typing import NamedTuple


class Spending(NamedTuple):
    """The field's x and z: activities that were paid for, and the mean amount of one; the mean counts for nothing where
    frequency is 0. In any unit of money: what is expected is in the same."""

    frequency: int
    mean: float


@dataclass(frozen=True, slots=True)
class SpendParameters:
    """Amounts of one customer vary as Gamma(p, rate), the rates of customers as Gamma(q, gamma).

    q must exceed 1: otherwise the mean over all customers is infinite, and with it what one without history spends.
    """

    p: float
    q: float
    gamma: float

    def __post_init__(self) -> None:
        if not (0.0 < self.p < inf and 1.0 < self.q < inf and 0.0 < self.gamma < inf):
            raise ValueError("p and gamma are positive and finite, and q is above 1: at 1 or below no mean exists")

    @property
    def population_mean(self) -> float:
        """What an activity of a customer without history is expected to be worth: p·gamma/(q - 1)."""
        return self.p * self.gamma / (self.q - 1.0)


def expected_spend(parameters: SpendParameters, spending: Spending) -> float:
    """E[M | x, z] = p·(gamma + x·z)/(p·x + q - 1): between the customer's own mean and that of the population."""
    frequency, mean = spending
    if frequency == 0:
        return parameters.population_mean
    if not (frequency > 0 and 0.0 <= mean < inf):
        raise ValueError("a frequency is never negative, and a mean is neither negative nor infinite")
    prior = (parameters.q - 1.0) / parameters.p  # activities that the population's mean weighs as much as
    return (parameters.gamma + frequency * mean) / (prior + frequency)
