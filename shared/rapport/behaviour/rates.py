"""Shares with what chance makes of them: Wilson's interval of one, Newcombe's of the difference of two."""

from math import sqrt
from typing import NamedTuple

_Z = 1.959964  # 95 %, two-sided


class Rate(NamedTuple):
    """A share, or a difference of two, and the 95 % interval it lies in."""

    value: float
    low: float
    high: float


def wilson(hits: float, of: float) -> Rate:
    """A share with Wilson's score interval, which holds for shares near 0 and 1 too; `of` is above 0.

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927).
    """
    share, squared = hits / of, _Z * _Z / of
    centre = (share + squared / 2) / (1 + squared)
    half = _Z / (1 + squared) * sqrt(share * (1 - share) / of + squared / of / 4)
    return Rate(share, max(min(centre - half, share), 0.0), min(max(centre + half, share), 1.0))


def difference(first: Rate, second: Rate) -> Rate:
    """The first share less the second, of two groups apart, by their Wilson intervals.

    Source: R. G. Newcombe, Interval estimation for the difference between independent proportions, Statistics in
    Medicine 17 (1998), method 10.
    """
    apart = first.value - second.value
    below = sqrt((first.value - first.low) ** 2 + (second.high - second.value) ** 2)
    above = sqrt((first.high - first.value) ** 2 + (second.value - second.low) ** 2)
    return Rate(apart, apart - below, apart + above)
