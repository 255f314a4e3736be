"""Whether a percentage can be believed: how well it ranks, and how far it lies from what came true."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from rapport.behaviour.rates import Rate, wilson

_GROUPS = 10
Numbers = NDArray[np.float64]


class Reliability(NamedTuple):
    """Of probabilities beside outcomes of 0 and 1."""

    samples: int
    base_rate: float
    auc: float
    lift_in_the_top_tenth: float
    """Outcomes among the tenth with the highest probabilities, against the base rate."""
    brier_score: float
    expected_calibration_error: float
    """Mean distance between what was said and what came true, over ten groups of equal size by probability."""


class Band(NamedTuple):
    """A group of samples alike in probability: what was said of them on average, and the share that came true."""

    samples: int
    said: float
    true: Rate


class Lift(NamedTuple):
    """Of the share with the highest scores: what came true among them against the base rate, and its 95 % interval."""

    share: float
    samples: int
    lift: Rate


def reliability(probabilities: Numbers, outcomes: Numbers) -> Reliability:
    """Both kinds of outcome must be there, and ten samples at least.

    Sources: G. W. Brier, Verification of forecasts expressed in terms of probability, Monthly Weather Review 78 (1950);
    calibration error over groups of equal size: M. P. Naeini et al., AAAI (2015).
    """
    bands, base = curve(probabilities, outcomes), float(outcomes.mean())
    apart = sum(abs(one.said - one.true.value) * one.samples for one in bands) / len(outcomes)
    return Reliability(
        samples=len(outcomes),
        base_rate=round(base, 4),
        auc=round(ranking(probabilities, outcomes), 3),
        lift_in_the_top_tenth=round(bands[-1].true.value / base, 1),
        brier_score=round(float(((probabilities - outcomes) ** 2).mean()), 4),
        expected_calibration_error=round(float(apart), 4),
    )


def curve(probabilities: Numbers, outcomes: Numbers) -> list[Band]:
    """What was said against what came true, in ten groups of equal size, the least likely first."""
    order = np.argsort(probabilities, kind="stable")
    groups = (group for group in np.array_split(order, _GROUPS) if len(group))
    return [
        Band(len(group), float(probabilities[group].mean()), wilson(float(outcomes[group].sum()), len(group)))
        for group in groups
    ]


def ranking(scores: Numbers, outcomes: Numbers) -> float:
    """AUC: how often one of outcome 1 is scored above one of outcome 0, ties counting half.

    By ranks: H. B. Mann, D. R. Whitney, Annals of Mathematical Statistics 18 (1947).
    """
    ones = float(outcomes.sum())
    ranks = float(rankdata(scores)[outcomes == 1].sum())
    return (ranks - ones * (ones + 1.0) / 2.0) / (ones * (len(outcomes) - ones))


def lifts(scores: Numbers, outcomes: Numbers, shares: Sequence[float]) -> list[Lift]:
    """At each share of the samples, those with the highest scores first; there must be some outcome of 1.

    Among equal scores each counts with their mean outcome: no order among them is known.
    """
    base = float(outcomes.mean())
    distinct, place, sizes = np.unique(-scores, return_inverse=True, return_counts=True)
    means = np.bincount(place, weights=outcomes, minlength=len(distinct)) / sizes
    ends, trues = np.cumsum(sizes), np.cumsum(means * sizes)
    found = []
    for share in shares:
        size = max(round(share * len(outcomes)), 1)
        rate = wilson(float(np.interp(size, np.r_[0, ends], np.r_[0.0, trues])), size)
        found.append(Lift(share, size, Rate(*(one / base for one in rate))))
    return found
