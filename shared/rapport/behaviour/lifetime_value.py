"""Customer lifetime value: what a customer will spend over some periods, discounted to now, in money.

CLV = margin · calibration · E[M] · Σ_k (E[Y(t_k)] - E[Y(t_(k-1))])/(1 + d)^k, with the activity of `expectation` and
the amount of `spend` (Fader, Hardie & Lee 2005, "RFM and CLV"). For many customers at once: `portfolio`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import exp, fsum, inf, log1p

from rapport.behaviour.expectation import expected_activity
from rapport.behaviour.lifetime import History, Parameters


@dataclass(frozen=True, slots=True)
class Terms:
    """How the future is valued: over `periods` of `period` each, in the unit of time of the parameters.

    `discount` is a period's, 0.01 for one per cent; `margin` the share of spending that is earned; `calibration` the
    factor measured by `calibration.calibrated` in a hold-out of the same length, or 1 for what the model says.
    """

    periods: int
    period: float
    discount: float
    margin: float
    calibration: float

    def __post_init__(self) -> None:
        if not (self.periods >= 1 and 0.0 < self.period < inf):
            raise ValueError("a lifetime value needs at least one period, of positive and finite length")
        if not (0.0 <= self.discount < inf and 0.0 <= self.margin <= 1.0 and 0.0 < self.calibration < inf):
            raise ValueError("a discount is not negative, a margin within [0, 1], a calibration positive; all finite")

    def weighted_horizons(self) -> Iterator[tuple[float, float]]:
        """Pairs (t, w) with Σ w·E[Y(t)] the discounted activity: the sum by parts, which has no differences.

        Without a discount that is one pair, of the last horizon.
        """
        rate = log1p(self.discount)
        for number in range(1, self.periods + 1):
            share = 1.0 if number == self.periods else self.discount / (1.0 + self.discount)
            if weight := share * exp(-rate * number):
                yield self.period * number, weight


def discounted_activity(parameters: Parameters, history: History, terms: Terms) -> float:
    """Σ_k (E[Y(t_k)] - E[Y(t_(k-1))])/(1 + d)^k: expected activities, each as of the end of its period."""
    return fsum(w * expected_activity(parameters, history, t) for t, w in terms.weighted_horizons())


def lifetime_value(parameters: Parameters, history: History, spend: float, terms: Terms) -> float:
    """CLV in the money of `spend`, which is what one activity is worth: `spend.expected_spend`."""
    return terms.margin * terms.calibration * spend * discounted_activity(parameters, history, terms)
