"""How well a score ranks what customers contribute, and how far two groups of customers lie apart."""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

Numbers = NDArray[np.float64]


def rank_correlation(score: Numbers, contribution: Numbers) -> float:
    """Spearman's: 1 where both order the customers alike, 0 where one says nothing of the other."""
    return float(spearmanr(score, contribution).statistic)


def auc(score: Numbers, is_top: Numbers) -> float:
    """How often one of outcome 1 has the higher score than one of outcome 0; ties count half."""
    return float(roc_auc_score(is_top, score))


def share_held(score: Numbers, contribution: Numbers, share: float) -> float:
    """What the best `share` of customers by score contribute of everything; equal scores share alike."""
    _, place = np.unique(score, return_inverse=True)
    alike = (np.bincount(place, contribution) / np.bincount(place))[place]
    best = np.argsort(-score, kind="stable")[: round(share * len(score))]
    return float(alike[best].sum() / contribution.sum())


def lift(score: Numbers, contribution: Numbers, share: float) -> float:
    """Mean contribution of the best `share` of customers by score, against everybody's."""
    return share_held(score, contribution, share) * len(score) / round(share * len(score))


def psi(expected: Numbers, found: Numbers, edges: Numbers | tuple[float, ...]) -> float:
    """Population stability index over bins between `edges`, NaN a bin of its own; half a customer added to each bin.

    Below 0.1 nothing moved, above 0.25 much did. Without any change it is about (bins - 1) / customers.
    """
    before, after = _shares(expected, edges), _shares(found, edges)
    return float(((after - before) * np.log(after / before)).sum())


def _shares(column: Numbers, edges: Numbers | tuple[float, ...]) -> Numbers:
    # NaN sorts after everything, so it would fall into the last bin.
    places = np.where(np.isnan(column), len(edges) + 1, np.searchsorted(edges, column, side="right"))
    counts = np.bincount(places, minlength=len(edges) + 2) + 0.5
    return np.asarray(counts / counts.sum())
