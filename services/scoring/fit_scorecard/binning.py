"""Monotone bins of one variable and the weight of evidence of each: more of a value never turns the other way."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeClassifier

MOST_BINS = 10
LEAST_SHARE = 0.02
"""Of the samples in a bin: fewer say too little, and their weight moves with every new sample."""
_DIGITS = 2
"""Significant ones of an edge: as people would have laid it."""

Column = NDArray[np.float64]


class Bins(NamedTuple):
    """Bin n reaches from `edges[n-1]` up to, not including, `edges[n]`; NaN is a bin of its own."""

    edges: tuple[float, ...]
    evidence: tuple[float, ...]
    """Weight of evidence of each bin: its log-odds less those of everybody."""
    evidence_if_unknown: float

    def read(self, column: Column) -> Column:
        """The weight of evidence of each value."""
        return pick(self.edges, self.evidence, self.evidence_if_unknown, column)


def pick(edges: Sequence[float], of_bins: Sequence[float], if_unknown: float, column: Column) -> Column:
    """For each value what belongs to its bin, as the service looks it up."""
    found = np.asarray(of_bins, dtype=np.float64)[np.searchsorted(edges, column, side="right")]
    return np.where(np.isnan(column), if_unknown, found)


def monotone_bins(column: Column, outcome: Column, direction: int, seed: int) -> Bins:
    """Bins whose evidence rises (`direction` 1), falls (-1), or does what the samples show (0).

    A decision tree under a monotone constraint finds the edges; they are rounded, and bins that then do not differ in
    the right direction are merged. What is unknown weighs as its own samples do, or nothing where they are too few.
    """
    if direction == 0:
        return max((monotone_bins(column, outcome, sign, seed) for sign in (1, -1)), key=_spread)
    known = ~np.isnan(column)
    least = max(1, int(LEAST_SHARE * len(column)))
    edges = _edges(column[known], outcome[known], direction, least, seed) if known.sum() >= 2 * least else []
    base = _log_odds(outcome.sum(), len(outcome))
    while True:
        evidence = _evidence(edges, column[known], outcome[known]) - base
        steps = np.diff(evidence) * direction
        if not len(steps) or steps.min() > 0:
            break
        del edges[int(steps.argmin())]
    unknown = outcome[~known]
    if_unknown = _log_odds(unknown.sum(), len(unknown)) - base if len(unknown) >= least else 0.0
    return Bins(tuple(edges), tuple(map(float, evidence)), float(if_unknown))


def _edges(column: Column, outcome: Column, direction: int, least: int, seed: int) -> list[float]:
    tree = DecisionTreeClassifier(
        criterion="log_loss",
        max_leaf_nodes=MOST_BINS,
        min_samples_leaf=least,
        monotonic_cst=[direction],
        random_state=seed,
    ).fit(column[:, None], outcome)
    splits = tree.tree_.threshold[tree.tree_.feature >= 0]
    # The least value above a split, not the split itself: so counts have whole numbers for edges.
    rounded = {float(f"{column[column > split].min():.{_DIGITS}g}") for split in splits}
    return sorted(edge for edge in rounded if column.min() < edge <= column.max())


def _evidence(edges: Sequence[float], column: Column, outcome: Column) -> Column:
    places = np.searchsorted(edges, column, side="right")
    samples, positive = (np.zeros(len(edges) + 1) for _ in range(2))
    np.add.at(samples, places, 1.0)
    np.add.at(positive, places, outcome)
    return _log_odds(positive, samples)


def _log_odds(positive: Column | float, samples: Column | float) -> Column:
    """With half a sample added to each side, so that a bin of one outcome alone has odds too."""
    return np.asarray(np.log((positive + 0.5) / (samples - positive + 0.5)))


def _spread(bins: Bins) -> float:
    return abs(bins.evidence[-1] - bins.evidence[0])
