"""From a table of features and an outcome to a scorecard's points: weight of evidence, logistic regression, integers.

Works on any table; what a bank's features mean stands in `features.py`. The same table and seed give the same points.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from fit_scorecard.binning import Bins, Column, monotone_bins, pick

PDO = 20
FACTOR = PDO / log(2)
"""Points of one unit of log-odds: 20 more points double the odds."""


class Variable(NamedTuple):
    """A column of the table. `direction`: 1 if more must not be worse, -1 if it must not be better, 0: as it is.

    `unknown_as`: the value that NaN earns as much as; None: what its own samples say.
    """

    name: str
    direction: int = 0
    unknown_as: float | None = None


class Points(NamedTuple):
    """What one variable earns, as a scorecard says it; the least is 0."""

    edges: tuple[float, ...]
    points: tuple[int, ...]
    points_if_unknown: int
    typical_points: float
    """What the samples earn on average."""

    def of(self, column: Column) -> Column:
        """The points of each value."""
        return pick(self.edges, self.points, self.points_if_unknown, column)


class Fitted(NamedTuple):
    """Points by variable, in the order of the table, and why each other variable was dropped."""

    features: Mapping[str, Points]
    dropped: Mapping[str, str]

    def points_of(self, table: NDArray[np.float64], variables: Sequence[Variable]) -> Column:
        """All points of each row."""
        columns = {variable.name: table[:, place] for place, variable in enumerate(variables)}
        return np.asarray(sum(points.of(columns[name]) for name, points in self.features.items()))


def fit(table: NDArray[np.float64], outcome: Column, variables: Sequence[Variable], seed: int = 0) -> Fitted:
    """A scorecard for `outcome`, 1 or 0 a row; NaN in the table is unknown.

    Raises ValueError where nothing in the table tells the outcomes apart.
    """
    columns = {variable.name: table[:, place] for place, variable in enumerate(variables)}
    bins = {variable.name: _bins(variable, columns[variable.name], outcome, seed) for variable in variables}
    dropped = {name: _why_no_bins(columns[name]) for name, found in bins.items() if not found.edges}
    kept = {name: found for name, found in bins.items() if name not in dropped}
    while kept:
        weights = _weights({name: found.read(columns[name]) for name, found in kept.items()}, outcome)
        worst = min(weights, key=weights.__getitem__)
        if weights[worst] > 0:
            break
        dropped[worst] = f"wrong sign: a weight of {weights[worst]:.2f} beside the others"
        del kept[worst]
    features = {name: _points(found, weights[name], columns[name]) for name, found in kept.items()}
    dropped |= {name: "earns less than a point" for name, points in features.items() if len(points.points) == 1}
    features = {name: points for name, points in features.items() if name not in dropped}
    if not features:
        raise ValueError("no feature tells the outcomes apart: give more samples")
    return Fitted(features, dropped)


def _why_no_bins(column: Column) -> str:
    if np.isnan(column).all():
        return "was not known of anybody"
    return "no two bins of enough samples that differ in the direction it may count"


def _bins(variable: Variable, column: Column, outcome: Column, seed: int) -> Bins:
    found = monotone_bins(column, outcome, variable.direction, seed)
    if variable.unknown_as is None:
        return found
    (same,) = found.read(np.array([variable.unknown_as]))
    return found._replace(evidence_if_unknown=float(same))


def _weights(evidence: Mapping[str, Column], outcome: Column) -> dict[str, float]:
    """Logistic regression, lightly shrunk."""
    model = LogisticRegression(C=1.0, max_iter=1000).fit(np.column_stack(list(evidence.values())), outcome)
    return dict(zip(evidence, map(float, model.coef_[0]), strict=True))


def _points(bins: Bins, weight: float, column: Column) -> Points:
    """Rounded shares of the log-odds, the worst bin at 0; neighbours that earn the same become one."""
    rounded = [round(FACTOR * weight * evidence) for evidence in bins.evidence]
    least = min(rounded)
    steps = zip(bins.edges, pairwise(rounded), strict=True)
    kept = [(edge, above - least) for edge, (below, above) in steps if below != above]
    edges, points = [edge for edge, _ in kept], [rounded[0] - least, *(above for _, above in kept)]
    if_unknown = round(FACTOR * weight * bins.evidence_if_unknown) - least
    if_unknown = min(max(if_unknown, 0), max(points))
    typical = float(pick(edges, points, if_unknown, column).mean())
    return Points(tuple(edges), tuple(points), if_unknown, round(typical, 1))
