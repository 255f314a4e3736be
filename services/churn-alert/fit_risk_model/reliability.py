"""Whether the percentage can be believed: how well it ranks, and how far it lies from what came true."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata


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


def reliability(probabilities: NDArray[np.float64], outcomes: NDArray[np.float64]) -> Reliability:
    """Both kinds of outcome must be there, and ten samples at least."""
    order = np.argsort(probabilities, kind="stable")
    groups = [(probabilities[group].mean(), outcomes[group].mean(), len(group)) for group in np.array_split(order, 10)]
    base = float(outcomes.mean())
    apart = sum(abs(said - true) * size for said, true, size in groups) / len(outcomes)
    return Reliability(
        samples=len(outcomes),
        base_rate=round(base, 4),
        auc=round(ranking(probabilities, outcomes), 3),
        lift_in_the_top_tenth=round(float(groups[-1][1]) / base, 1),
        brier_score=round(float(((probabilities - outcomes) ** 2).mean()), 4),
        expected_calibration_error=round(float(apart), 4),
    )


def ranking(scores: NDArray[np.float64], outcomes: NDArray[np.float64]) -> float:
    """AUC: how often one of outcome 1 is scored above one of outcome 0, ties counting half."""
    ones = float(outcomes.sum())
    ranks = float(rankdata(scores)[outcomes == 1].sum())
    return (ranks - ones * (ones + 1.0) / 2.0) / (ones * (len(outcomes) - ones))
