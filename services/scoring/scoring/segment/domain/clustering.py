"""Clusters of customers that are alike: found afresh or followed from where they were, and held against customers drawn
anew."""

from collections.abc import Iterator
from typing import NamedTuple
from warnings import catch_warnings, simplefilter

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import adjusted_rand_score, silhouette_score

from scoring.segment.domain.model import Candidate
from scoring.segment.domain.naming import Numbers

_SMALLEST = 0.01
"""Share of the customers: less is no kind of customer, but a few."""
_DRAWS = 20
_MOST_DRAWN = 10_000
_MOST_COMPARED = 2_000
"""Customers whose distances to each other are reckoned, for the silhouette."""
_STEPS = 300
"""Of either algorithm at most; 10 to 30 are taken on simulated banks."""
_DIGITS = 9
"""Of a stored number: more would be the order in which threads add."""


class Restless(Exception):
    """Clusters had not come to rest; the text says which."""


class Clusters(NamedTuple):
    """Centroids at rest, a row each, and how they fare."""

    centroids: Numbers
    figures: Candidate


def clusterings(table: Numbers, number: int, former: Numbers | None) -> Iterator[Clusters]:
    """So many clusters found afresh and, of as many `former` centroids, what those have come to. None of which one
    holds hardly anybody. `table`: a row a customer. Raises Restless."""
    tried = [(False, _begun(table, number, seed=0))]
    if former is not None and len(former) == number:
        tried.append((True, former))
    found = [(follows, _at_rest(table, begun)) for follows, begun in tried]
    large = [one for one in found if np.bincount(one[1].labels_, minlength=number).min() >= _SMALLEST * len(table)]
    if not large:
        return
    chance = np.random.default_rng(0)
    some = table[chance.permutation(len(table))[:_MOST_DRAWN]]
    again = [_drawn_anew(some, number, seed, chance) for seed in range(1, _DRAWS + 1)]
    for follows, clusters in large:
        expected = clusters.predict(some)
        stability = np.mean([adjusted_rand_score(expected, labels) for labels in again])
        compared = min(len(table), _MOST_COMPARED)
        silhouette = silhouette_score(table, clusters.labels_, sample_size=compared, random_state=0)
        figures = Candidate(number, round(float(silhouette), 4), round(float(stability), 4), follows)
        yield Clusters(clusters.cluster_centers_.round(_DIGITS), figures)


def nearest(table: Numbers, centroids: Numbers) -> NDArray[np.intp]:
    """Of each customer the place of the nearest centroid."""
    return np.asarray(((centroids**2).sum(axis=1) - 2.0 * table @ centroids.T).argmin(axis=1))


def _drawn_anew(some: Numbers, number: int, seed: int, chance: np.random.Generator) -> NDArray[np.intp]:
    """Where `some` belong by clusters of customers drawn from them."""
    drawn = chance.choice(some, len(some))
    labels: NDArray[np.intp] = _at_rest(drawn, _begun(drawn, number, seed)).predict(some)
    return labels


def _begun(table: Numbers, number: int, seed: int) -> Numbers:
    """Places to begin at."""
    with catch_warnings():
        simplefilter("ignore", ConvergenceWarning)  # of customers who are alike: told by the sizes of clusters
        begun = MiniBatchKMeans(number, random_state=seed, n_init=10, max_iter=_STEPS).fit(table)
    return np.asarray(begun.cluster_centers_)


def _at_rest(table: Numbers, begun: Numbers) -> KMeans:
    """Lloyd's steps to where nobody moves: an optimum, hence found again, and left alone by who begins in it."""
    with catch_warnings():
        simplefilter("ignore", ConvergenceWarning)
        found = KMeans(len(begun), init=begun, n_init=1, max_iter=_STEPS, tol=0.0).fit(table)
    if found.n_iter_ >= _STEPS:
        raise Restless(f"{len(begun)} clusters had not come to rest after {_STEPS} steps")
    return found
