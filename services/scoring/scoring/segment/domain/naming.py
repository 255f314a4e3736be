"""Segments get plain names from what sets them apart from the typical customer, and keep them as long as they are true.

A name that was a segment's in the former version is that segment's or nobody's: it never jumps.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from scoring.segment.domain.model import TRAITS, Fitted, Scale, Segment
from scoring.segment.domain.names import NAMES, Name

Numbers = NDArray[np.float64]
NEAR = 1.0
"""Spreads, of all traits together: a segment that has moved no further is the same. Over half a year they moved up to
0.9, and none came nearer than 1.6 to where another had been (docs/decisions/0049)."""
_NEVER = 1e6
"""More than any distance or fit: the assignment avoids it wherever it can."""


class Named(NamedTuple):
    """Names in the order of the clusters, and how many of them are the former version's."""

    names: tuple[Name, ...]
    kept: int


class NothingSetsApart(Exception):
    """There is a cluster that no name is true of."""


def named(centroids: Numbers, scales: Sequence[Scale], former: Fitted | None) -> Named:
    """Names for these clusters, a row each, told by these scales. Raises NothingSetsApart.

    First those of the former version: clusters are matched to its segments so that they have moved least in all
    (Hungarian assignment). Then names for what is new, so that they say most in all.
    """
    fits = _fits(centroids)
    kept = _kept(centroids, scales, former, fits) if former else {}
    reserved = {segment.name for segment in former.segments} if former else set()
    free = [place for place, name in enumerate(NAMES) if name.en not in reserved]
    new = [cluster for cluster in range(len(centroids)) if cluster not in kept]
    for row, column in zip(*linear_sum_assignment(-fits[np.ix_(new, free)]), strict=True):
        if fits[new[row], free[column]] <= 0.0:
            raise NothingSetsApart
        kept[new[row]] = free[column]
    return Named(tuple(NAMES[kept[cluster]] for cluster in range(len(centroids))), len(centroids) - len(new))


def retold(segments: Sequence[Segment], former: Sequence[Scale], scales: Sequence[Scale]) -> Numbers:
    """The centroids of former segments as these scales tell them, a row each."""
    was, now = (np.array([(one.centre, one.spread) for one in each]).T for each in (former, scales))
    centroids = np.array([segment.centroid for segment in segments], dtype=np.float64).reshape(-1, len(scales))
    return np.asarray((centroids * was[1] + was[0] - now[0]) / now[1])


def _fits(centroids: Numbers) -> Numbers:
    """How true each name is of each cluster: how many spreads it lies on the name's side of the typical customer."""
    columns = [
        1.0 - np.abs(centroids).max(axis=1)
        if name.trait is None
        else name.sign * centroids[:, TRAITS.index(name.trait)]
        for name in NAMES
    ]
    return np.column_stack(columns)


def _kept(centroids: Numbers, scales: Sequence[Scale], former: Fitted, fits: Numbers) -> dict[int, int]:
    """Places in NAMES of the former names that stay, by cluster."""
    known = {name.en: place for place, name in enumerate(NAMES)}
    segments = [segment for segment in former.segments if segment.name in known]
    names = [known[segment.name] for segment in segments]
    was = retold(segments, former.scales, scales)
    moved = np.linalg.norm(centroids[:, None, :] - was[None, :, :], axis=2)
    cost = np.where((moved <= NEAR) & (fits[:, names] > 0.0), moved, _NEVER)
    pairs = zip(*linear_sum_assignment(cost), strict=True)
    return {int(cluster): names[segment] for cluster, segment in pairs if cost[cluster, segment] < _NEVER}
