"""The numbers of a horizon, fitted: the logistic, and on a later window the map from what it says to what came true.

Each weight of a feature that rises with silence is held at zero or more. A fit that degenerates is refused, with what
to do about it, so that whoever asked keeps the model there is.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from churn_alert.proof.domain.reliability import ranking
from churn_alert.risk.domain.calibration import Calibration
from churn_alert.risk.domain.features import FEATURES, NAMES
from churn_alert.risk.domain.horizon import Horizon
from fit_risk_model.samples import Floats, Samples

FEWEST = 10
"""Outcomes of either kind in a window: below, the fit follows a handful of customers."""
WORST_RANKING = 0.55
"""AUC in the window the fit is tested on: below, it does no better there than drawing lots."""
FLATTEST = 0.1
"""Slope of the calibration: below, what was learned has not held in the later window."""
Bounds = Mapping[str, tuple[float | None, float | None]]
_SHRINK = 5.0
"""Ridge on the features in units of their spread: worth as much as so many customers."""


class RefitRefused(Exception):
    """What the samples say is no model; the one there is stays."""


class Linear(NamedTuple):
    """Log-odds: intercept and weights, and the mean of each feature, which stands for one that is not known."""

    intercept: float
    weights: Floats
    typical: Floats

    def log_odds(self, values: Floats) -> Floats:
        """One a row."""
        return np.asarray(self.intercept + np.where(np.isnan(values), self.typical, values) @ self.weights)


def fitted(samples: Samples, bounds: Bounds) -> Linear:
    """Logistic regression, lightly shrunk, each weight within its bounds. Raises RefitRefused."""
    demand_outcomes(samples, "the weights")
    typical = typical_of(samples)
    whole = np.where(np.isnan(samples.values), typical, samples.values)
    spread = whole.std(axis=0)
    scaled = np.where(spread > 0.0, (whole - typical) / np.where(spread > 0.0, spread, 1.0), 0.0)
    limits = [_limits(name, bounds, spread[place]) for place, name in enumerate(NAMES)]

    def loss(beta: Floats) -> tuple[float, Floats]:
        odds = beta[0] + scaled @ beta[1:]
        apart = expit(odds) - samples.outcomes
        slopes = np.concatenate([[apart.sum()], scaled.T @ apart + _SHRINK * beta[1:]])
        total = (np.logaddexp(0.0, odds) - samples.outcomes * odds).sum() + _SHRINK * (beta[1:] ** 2).sum() / 2.0
        return float(total), slopes

    begin = np.zeros(len(NAMES) + 1)
    found = minimize(loss, begin, jac=True, method="L-BFGS-B", bounds=[(None, None), *limits], options={"maxiter": 500})
    if not (found.success and np.isfinite(found.x).all()):
        raise RefitRefused(f"the weights: the search did not converge ({found.message}); take more customers")
    weights = np.where(spread > 0.0, found.x[1:] / np.where(spread > 0.0, spread, 1.0), 0.0)
    for place, name in enumerate(NAMES):  # what nobody has is not seen here, and the least that is asked for holds
        if spread[place] == 0.0:
            weights[place] = bounds.get(name, (0.0, None))[0] or 0.0
    return Linear(float(found.x[0] - weights @ typical), weights, typical)


def typical_of(samples: Samples) -> Floats:
    """The mean of each feature over those of whom it is known; 0 where it is known of nobody."""
    known = ~np.isnan(samples.values)
    return np.asarray(np.where(known, samples.values, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1))


def kept(horizon: Horizon, samples: Samples) -> Linear:
    """The weights there are, for a calibration anew; what is typical is of these samples."""
    weights = np.array([horizon.weights[name] for name in NAMES])
    return Linear(horizon.intercept, weights, typical_of(samples))


def _limits(name: str, bounds: Bounds, spread: float) -> tuple[float | None, float | None]:
    rises = FEATURES[NAMES.index(name)].moves == "rises"
    least, most = bounds.get(name, (0.0 if rises else None, None))
    return (None if least is None else least * spread, None if most is None else most * spread)


def calibrated(log_odds: Floats, outcomes: Floats) -> Calibration:
    """Platt's line: the logistic of one term. Raises RefitRefused where the later window turns it flat or round."""

    def loss(beta: Floats) -> tuple[float, Floats]:
        odds = beta[0] + beta[1] * log_odds
        apart = expit(odds) - outcomes
        return float((np.logaddexp(0.0, odds) - outcomes * odds).sum()), np.array([apart.sum(), apart @ log_odds])

    found = minimize(loss, np.array([0.0, 1.0]), jac=True, method="L-BFGS-B")
    offset, slope = (round(float(value), 4) for value in found.x)
    if not (np.isfinite(found.x).all() and slope >= FLATTEST):
        raise RefitRefused(
            f"the calibration: its slope is {slope}, so what was learned has not held in the later window; "
            "take later cuts, or more customers"
        )
    return Calibration(((-4.0, round(offset - 4.0 * slope, 4)), (4.0, round(offset + 4.0 * slope, 4))))


def demand_outcomes(samples: Samples, what: str) -> None:
    """Raises RefitRefused where there are too few of either kind."""
    ones = int(samples.outcomes.sum())
    if min(ones, len(samples.outcomes) - ones) < FEWEST:
        raise RefitRefused(
            f"{what}: {ones} of {len(samples.outcomes)} drifted away, and {FEWEST} of either kind are needed; "
            "take more customers, or other cuts"
        )


def demand_ranking(scores: Floats, samples: Samples) -> None:
    """Raises RefitRefused where the model says nothing of customers it has not seen."""
    demand_outcomes(samples, "the test")
    found = ranking(scores, samples.outcomes)
    if not found >= WORST_RANKING:
        raise RefitRefused(f"the test: AUC {found:.3f}, and {WORST_RANKING} at least is needed; take more customers")


def horizon_of(days: int, linear: Linear, calibration: Calibration) -> Horizon:
    """As the document has it: three digits of each weight, which is more than the samples determine."""
    weights = {name: round(float(weight), 3) for name, weight in zip(NAMES, linear.weights, strict=True)}
    typical = {name: round(float(mean), 3) for name, mean in zip(NAMES, linear.typical, strict=True)}
    return Horizon(days, round(linear.intercept, 3), weights, typical, calibration)
