"""How segments are found in the whole book: clusters that follow the former ones, unless others are clearly better.

The same book gives the same model.
"""

from array import array
from collections.abc import Callable, Sequence
from datetime import datetime
from zlib import crc32

import numpy as np
from threadpoolctl import threadpool_limits

from scoring.scorecard.domain import Values
from scoring.segment.domain.clustering import Clusters, Restless, clusterings, nearest
from scoring.segment.domain.model import TRAITS, Figures, Fitted, Scale, Segment, traits_of
from scoring.segment.domain.naming import Named, NothingSetsApart, Numbers, named, retold

CLUSTERS = (5, 6)
CLEARLY = 0.2
"""Stability by which others must be better than what the former clusters have come to: that of one number of clusters
of one bank changed by as much within half a year (docs/decisions/0049)."""
FEWEST = 500
"""Customers: of fewer, a draw says more than the bank."""
_MOST_FITTED = 100_000
_LAST_CRC = 2**32
_DIGITS = 9
"""Of a stored number: more would be the order in which numbers are added."""
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


def fit(book: Book, former: Fitted | None, step: Callable[[str], None] = lambda _: None) -> Fitted:
    """The segments of a book, named after those of the former model; `step` hears what begins, one of `STEPS`.

    What the former clusters have come to, unless others are more stable by more than `CLEARLY`. Without a former model,
    of `CLUSTERS` the number that is most stable; of two as stable the lower. Raises ClusteringRefused.
    """
    sample = book.sample()
    if len(sample) < FEWEST:
        raise ClusteringRefused(f"of {len(sample)} customers, fewer than {FEWEST}: wait until there are more")
    scales = scales_of(sample)
    everybody, drawn = (_told(traits, scales) for traits in (book.traits(), sample))
    tried = _tried(drawn, retold(former.segments, former.scales, scales) if former else None, step)
    step(STEPS[-1])
    best = chosen(tried)
    places = nearest(everybody, best.centroids)
    sizes = np.bincount(places, minlength=len(best.centroids))
    names = _names(best.centroids, scales, former)
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
        for name, centroid, size in zip(names.names, best.centroids.tolist(), sizes, strict=True)
    ]
    return Fitted(book.at, book.unit, scales, tuple(sorted(segments, key=lambda one: -one.customers)), figures)


def chosen(tried: Sequence[Clusters]) -> Clusters:
    """Those that follow the former ones, unless the most stable are so clearly; the most stable where none follow."""
    best = max(tried, key=lambda one: one.figures.stability)
    stays = next((one for one in tried if one.figures.follows), best)
    return best if best.figures.stability > stays.figures.stability + CLEARLY else stays


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


def _renamed(traits: Numbers, names: Sequence[str], former: Fitted) -> float:
    """The share of customers who have another name by the former version."""
    centroids = np.array([segment.centroid for segment in former.segments])
    places = nearest(_told(traits, former.scales), centroids)
    others: int = sum(former.segments[place].name != name for place, name in zip(places, names, strict=True))
    return round(others / len(names), 4)


def _tried(drawn: Numbers, former: Numbers | None, step: Callable[[str], None]) -> list[Clusters]:
    tried: list[Clusters] = []
    with threadpool_limits(1):  # threads would add in another order, and on a table so small wait for each other
        for number, name in zip(CLUSTERS, STEPS, strict=False):
            step(name)
            try:
                tried += clusterings(drawn, number, former)
            except Restless as refusal:
                raise ClusteringRefused(str(refusal)) from None
    if not tried:
        raise ClusteringRefused("its smallest cluster would hold less than 1 % of the customers")
    return tried


def _names(centroids: Numbers, scales: tuple[Scale, ...], former: Fitted | None) -> Named:
    try:
        return named(centroids, scales, former)
    except NothingSetsApart:
        raise ClusteringRefused("there is a cluster that nothing sets apart from the typical customer") from None
