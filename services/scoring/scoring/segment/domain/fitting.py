"""How segments are found in the whole book: clusters of customers that are alike, found again on customers drawn anew.

The same book gives the same model.
"""

from array import array
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple
from warnings import catch_warnings, simplefilter
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import adjusted_rand_score, silhouette_score
from threadpoolctl import threadpool_limits

from scoring.scorecard.domain import Values
from scoring.segment.domain.model import TRAITS, Candidate, Figures, Fitted, Scale, Segment, traits_of
from scoring.segment.domain.naming import Named, NothingSetsApart, Numbers, named

CLUSTERS = (5, 6)
FEWEST = 500
"""Customers: of fewer, a draw says more than the bank."""
_MOST_FITTED = 100_000
_LAST_CRC = 2**32
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
STEPS = (*(f"trying {number} clusters" for number in CLUSTERS), "naming them")


class ClusteringRefused(Exception):
    """The book has no segments that could be used; the text says why."""


class Book:
    """Everybody's traits as of one moment. `unit`: minor units of a whole one of the bank's currency."""

    def __init__(self, customers: int, at: datetime, unit: int) -> None:
        self.at, self.unit = at, unit
        self._share = _MOST_FITTED / max(customers, 1)
        self._cells = array("d")
        self._is_fitted_on = array("b")

    def add(self, customer_id: str, values: Values, loans_minor: int) -> None:
        """One customer. The same customers are always those that are fitted on."""
        self._cells.extend(traits_of(values, loans_minor, self.unit))
        self._is_fitted_on.append(crc32(customer_id.encode()) < self._share * _LAST_CRC)

    def traits(self) -> Numbers:
        """A row a customer."""
        return np.frombuffer(self._cells, dtype=np.float64).reshape(-1, len(TRAITS))

    def sample(self) -> Numbers:
        """Those that are fitted on."""
        return self.traits()[np.frombuffer(self._is_fitted_on, dtype=np.bool_)]


class _Found(NamedTuple):
    clusters: KMeans
    figures: Candidate


def fit(book: Book, former: Fitted | None, step: Callable[[str], None] = lambda _: None) -> Fitted:
    """The segments of a book, named after those of the former model; `step` hears what begins, one of `STEPS`.

    Of `CLUSTERS` the number that is most stable; of two as stable the lower. Raises ClusteringRefused.
    """
    sample = book.sample()
    if len(sample) < FEWEST:
        raise ClusteringRefused(f"of {len(sample)} customers, fewer than {FEWEST}: wait until there are more")
    scales = scales_of(sample)
    everybody, drawn = (_told(traits, scales) for traits in (book.traits(), sample))
    tried: list[_Found] = []
    with threadpool_limits(1):  # threads would add in another order, and on a table so small wait for each other
        for number, name in zip(CLUSTERS, STEPS, strict=False):
            step(name)
            tried += _tried(drawn, number)
    if not tried:
        raise ClusteringRefused("its smallest cluster would hold less than 1 % of the customers")
    step(STEPS[-1])
    best = max(tried, key=lambda one: one.figures.stability)
    centroids = best.clusters.cluster_centers_.round(_DIGITS)
    places = _nearest(everybody, centroids)
    sizes = np.bincount(places, minlength=len(centroids))
    names = _names(centroids, scales, former)
    figures = Figures(
        customers=len(everybody),
        fitted_on=len(drawn),
        silhouette=best.figures.silhouette,
        stability=best.figures.stability,
        kept=names.kept,
        renamed=_renamed(book.traits(), [names.names[place].en for place in places], former) if former else None,
        tried=tuple(one.figures for one in tried),
    )
    segments = [
        Segment(name.en, name.zh, tuple(centroid), int(size))
        for name, centroid, size in zip(names.names, centroids.tolist(), sizes, strict=True)
    ]
    return Fitted(book.at, book.unit, scales, tuple(sorted(segments, key=lambda one: -one.customers)), figures)


def scales_of(traits: Numbers) -> tuple[Scale, ...]:
    """The median and the standard deviation of each trait. A trait that all have alike sets nobody apart.

    In logarithms nobody is far out, and quartiles jump where a quarter of the customers comes to have none of a trait.
    """
    centre, spread = np.median(traits, axis=0).round(_DIGITS), traits.std(axis=0).round(_DIGITS)
    spread[spread == 0.0] = 1.0
    return tuple(Scale(*one) for one in zip(TRAITS, centre.tolist(), spread.tolist(), strict=True))


def _told(traits: Numbers, scales: tuple[Scale, ...]) -> Numbers:
    centre, spread = np.array([(one.centre, one.spread) for one in scales]).T
    told: Numbers = (traits - centre) / spread
    return told


def _nearest(told: Numbers, centroids: Numbers) -> NDArray[np.intp]:
    """Of each customer the place of the nearest centroid."""
    return np.asarray(((centroids**2).sum(axis=1) - 2.0 * told @ centroids.T).argmin(axis=1))


def _renamed(traits: Numbers, names: Sequence[str], former: Fitted) -> float:
    """The share of customers who have another name by the former version."""
    centroids = np.array([segment.centroid for segment in former.segments])
    places = _nearest(_told(traits, former.scales), centroids)
    others: int = sum(former.segments[place].name != name for place, name in zip(places, names, strict=True))
    return round(others / len(names), 4)


def _tried(table: Numbers, number: int) -> Iterator[_Found]:
    """So many clusters, unless one of them holds hardly anybody."""
    found = _clustered(table, number, seed=0)
    labels = found.labels_
    if np.bincount(labels, minlength=number).min() < _SMALLEST * len(table):
        return
    chance = np.random.default_rng(0)
    some = table[chance.permutation(len(table))[:_MOST_DRAWN]]
    expected = found.predict(some)
    again = [
        adjusted_rand_score(expected, _clustered(chance.choice(some, len(some)), number, seed).predict(some))
        for seed in range(1, _DRAWS + 1)
    ]
    compared = min(len(table), _MOST_COMPARED)
    silhouette = silhouette_score(table, labels, sample_size=compared, random_state=0)
    yield _Found(found, Candidate(number, round(float(silhouette), 4), round(float(np.mean(again)), 4)))


def _clustered(table: Numbers, number: int, seed: int) -> KMeans:
    """MiniBatchKMeans finds the places, Lloyd's steps go on to where nothing moves: an optimum, hence found again."""
    with catch_warnings():
        simplefilter("ignore", ConvergenceWarning)  # of customers who are alike: told by the sizes of clusters
        begun = MiniBatchKMeans(number, random_state=seed, n_init=10, max_iter=_STEPS).fit(table)
        found = KMeans(number, init=begun.cluster_centers_, n_init=1, max_iter=_STEPS).fit(table)
    if found.n_iter_ >= _STEPS:
        raise ClusteringRefused(f"{number} clusters had not come to rest after {_STEPS} steps")
    return found


def _names(centroids: Numbers, scales: tuple[Scale, ...], former: Fitted | None) -> Named:
    try:
        return named(centroids, scales, former)
    except NothingSetsApart:
        raise ClusteringRefused("there is a cluster that nothing sets apart from the typical customer") from None
