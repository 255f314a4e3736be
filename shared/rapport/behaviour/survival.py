"""How long something lasts, when some of it is not over yet: Kaplan & Meier's estimator (1958), by scipy.

What still lasts is no end and yet says that it has lasted so long; left out, everything would look shorter than it is.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from scipy.stats import CensoredData, ecdf


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


def survival(ended: Mapping[float, int], lasting: Mapping[float, int]) -> Survival:
    """Of durations in days, each with how many lasted so long and are over, or last so long and are not."""
    over, still = sum(ended.values()), sum(lasting.values())
    if not over:
        return Survival((), (), 0, still)
    found = ecdf(CensoredData(uncensored=_repeated(ended), right=_repeated(lasting))).sf
    # Steps only: where nothing but lasting ones drop out the curve stays.
    steps = np.flatnonzero(np.diff(found.probabilities, prepend=1.0) < 0.0)
    days, left = found.quantiles[steps], found.probabilities[steps]
    return Survival(tuple(map(float, days)), tuple(map(float, left)), over, still)


def _repeated(counts: Mapping[float, int]) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    return np.repeat(np.fromiter(counts.keys(), float, len(counts)), np.fromiter(counts.values(), int, len(counts)))
