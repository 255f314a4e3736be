"""How long something lasts, when some of it is not over yet: Kaplan & Meier's estimator, with its band.

What still lasts is no end and yet says that it has lasted so long; left out, everything would look shorter than it is.

Sources: E. L. Kaplan, P. Meier, Nonparametric estimation from incomplete observations, JASA 53 (1958); M. Greenwood's
variance on the scale of log(-log S), which keeps the band within 0 and 1: J. D. Kalbfleisch, R. L. Prentice, The
Statistical Analysis of Failure Time Data (1980).
"""

from collections.abc import Mapping
from math import exp, log, sqrt
from typing import NamedTuple

_Z = 1.959964  # 95 %, two-sided
Durations = Mapping[float, int] | Mapping[int, int]
"""How many lasted so long."""


class Step(NamedTuple):
    """The share that lasts longer than this day, and its 95 % band; at_risk: how many lasted up to it; gone: how many
    ended on it.
    """

    day: float
    at_risk: int
    gone: int
    share: float
    low: float
    high: float


class Survival(NamedTuple):
    """`days`: at which something ended, in their order; `left`: the share that lasts longer than each of them.

    `ended`: how many are over; `lasting`: how many are not.
    """

    days: tuple[float, ...]
    left: tuple[float, ...]
    ended: int
    lasting: int

    def reached(self, share: float) -> float | None:
        """The first day by which this share has ended, 0.5 for the median; None where so many have not yet."""
        return next((day for day, left in zip(self.days, self.left, strict=True) if left <= 1.0 - share + 1e-12), None)


def survival(ended: Durations, lasting: Durations) -> Survival:
    """Of durations in days, each with how many lasted so long and are over, or last so long and are not."""
    steps = kaplan_meier(ended, lasting)
    days, left = tuple(float(one.day) for one in steps), tuple(one.share for one in steps)
    return Survival(days, left, sum(ended.values()), sum(lasting.values()))


def kaplan_meier(ended: Durations, lasting: Durations) -> list[Step]:
    """A step for each duration after which something ended, the first first; empty where nothing did."""
    at_risk, share, spread, steps = sum(ended.values()) + sum(lasting.values()), 1.0, 0.0, []
    over, still = ({float(day): count for day, count in one.items()} for one in (ended, lasting))
    for day in sorted(over.keys() | still.keys()):
        gone = over.get(day, 0)
        if gone:
            share *= 1.0 - gone / at_risk
            spread += gone / (at_risk * (at_risk - gone)) if gone < at_risk else 0.0
            steps.append(Step(day, at_risk, gone, share, *_band(share, spread)))
        at_risk -= gone + still.get(day, 0)
    return steps


def _band(share: float, spread: float) -> tuple[float, float]:
    """At 0 and 1 the band has no width on that scale, and none is drawn."""
    if not 0.0 < share < 1.0:
        return share, share
    width = _Z * sqrt(spread) / abs(log(share))
    return share ** exp(width), share ** exp(-width)
