"""Maximum-likelihood parameters of the Gamma-Gamma model in `spend`, from what many customers spent.

Refused like a fit of `fit`, and where the model's mean is not the customers': both mean that nothing should change.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, gammaln

from rapport.behaviour.fit import LEAST_REPEATERS, FitRefused, Floats, most_likely
from rapport.behaviour.spend import Spending, SpendParameters

_STARTS = ((1.0, 2.0, 1.0), (5.0, 4.0, 0.5), (20.0, 10.0, 0.5))
_LARGEST_RATIO_OF_MEANS = 2.0


@dataclass(frozen=True, slots=True)
class SpendFit:
    """Parameters in the money of the spendings, how well they explain them, and what speaks against the model.

    `correlation` is that of x and z over the customers with any spending: the model assumes 0.
    """

    parameters: SpendParameters
    log_likelihood: float
    customers: int
    correlation: float


def fit_spend(spendings: Iterable[Spending]) -> SpendFit:
    """Gamma-Gamma; customers who spent nothing say nothing and are passed over. Raises FitRefused."""
    counted = Counter(spending for spending in spendings if spending.frequency > 0)
    if counted.total() < LEAST_REPEATERS:
        raise FitRefused(f"fewer than {LEAST_REPEATERS} customers spent anything: take more, or a longer time")
    frequency, mean, count = np.array([(*spending, times) for spending, times in counted.items()], dtype=np.float64).T
    if not ((mean > 0.0) & (mean < np.inf)).all():
        raise FitRefused("a mean spending is not positive and finite: leave such customers out")
    unit = float(np.average(mean, weights=count))
    scaled = mean / unit  # so that one set of starting points serves any currency

    def negative(logs: Floats) -> tuple[float, Floats]:
        parameters = np.exp(logs)
        likelihood, slopes = _log_likelihood(parameters, frequency, scaled, count)
        return -likelihood, -slopes * parameters

    found, likelihood = most_likely(negative, _STARTS, counted.total())
    p, q, gamma = (float(value) for value in found)
    # The model's mean in units of the customers': what one without history would be said to spend.
    if not (q > 1.0 and 1.0 / _LARGEST_RATIO_OF_MEANS < p * gamma / (q - 1.0) < _LARGEST_RATIO_OF_MEANS):
        raise FitRefused("the model's mean is not the customers': some spend far more than all others, fit them apart")
    jacobian = float(count.sum()) * float(np.log(unit))
    correlation = _correlation(frequency, scaled, count)
    return SpendFit(SpendParameters(p, q, gamma * unit), likelihood - jacobian, counted.total(), correlation)


def _log_likelihood(parameters: Floats, frequency: Floats, mean: Floats, count: Floats) -> tuple[float, Floats]:
    """The log-likelihood of mean spendings, and its derivatives by p, q and gamma."""
    p, q, gamma = parameters
    shape, sums = p * frequency, frequency * mean
    log_all = np.log(gamma + sums)
    terms = (
        gammaln(shape + q) - gammaln(shape) - gammaln(q)
        + q * (np.log(gamma) - log_all) + shape * (np.log(sums) - log_all) - np.log(mean)
    )  # fmt: skip
    both = digamma(shape + q)
    by_p = frequency * (both - digamma(shape) + np.log(sums) - log_all)
    by_q = both - digamma(q) + np.log(gamma) - log_all
    by_gamma = q / gamma - (shape + q) / (gamma + sums)
    slopes = np.array([float((count * slope).sum()) for slope in (by_p, by_q, by_gamma)])
    return float((count * terms).sum()), slopes


def _correlation(frequency: Floats, mean: Floats, count: Floats) -> float:
    """Pearson's, 0 where all are alike in one of the two."""
    x, z = (values - np.average(values, weights=count) for values in (frequency, mean))
    scale = float(np.sqrt((count * x * x).sum() * (count * z * z).sum()))
    return float((count * x * z).sum()) / scale if scale > 0.0 else 0.0
