"""Maximum-likelihood parameters of the Gamma-Gamma model in `spend`, from what many customers spent.

Refused like a fit of `fit`: nothing should change then.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, gammaln

from rapport.behaviour.fit import LEAST_REPEATERS, FitRefused, Floats, most_likely
from rapport.behaviour.spend import Spending, SpendParameters

_STARTS = ((1.0, 2.0, 1.0), (5.0, 4.0, 0.5), (20.0, 10.0, 0.5))
_STARTS_OF_HELD = ((1.0, 0.1), (1.0, 1.0), (5.0, 3.0))
_LARGEST_RATIO_OF_MEANS = 2.0


@dataclass(frozen=True, slots=True)
class SpendFit:
    """Parameters in the money of the spendings, how well they explain them, and what speaks against the model.

    `correlation` is that of x and z over the customers with any spending: the model assumes 0. `mean_is_held`: some
    spend so far above all others that the likeliest model has no mean, or none near the customers' own; p and q are
    the likeliest of those models whose mean is theirs.
    """

    parameters: SpendParameters
    log_likelihood: float
    customers: int
    correlation: float
    mean_is_held: bool = False


def fit_spend(spendings: Iterable[Spending]) -> SpendFit:
    """Gamma-Gamma; customers who spent nothing say nothing and are passed over. Raises FitRefused."""
    counted = Counter(spending for spending in spendings if spending.frequency > 0)
    if counted.total() < LEAST_REPEATERS:
        raise FitRefused(f"fewer than {LEAST_REPEATERS} customers spent anything: take more, or a longer time")
    frequency, mean, count = np.array([(*spending, times) for spending, times in counted.items()], dtype=np.float64).T
    if not ((mean > 0.0) & (mean < np.inf)).all():
        raise FitRefused("a mean spending is not positive and finite: leave such customers out")
    unit = float(np.average(mean, weights=count))
    of = frequency, mean / unit, count  # in units of the mean, so that one set of starting points serves any currency
    (p, q, gamma), likelihood = _free(*of)
    # The model's mean in units of the customers': what one without history would be said to spend.
    is_theirs = q > 1.0 and 1.0 / _LARGEST_RATIO_OF_MEANS < p * gamma / (q - 1.0) < _LARGEST_RATIO_OF_MEANS
    if not is_theirs:
        (p, q, gamma), likelihood = _of_their_mean(*of)
    jacobian = float(count.sum()) * float(np.log(unit))
    return SpendFit(
        SpendParameters(float(p), float(q), float(gamma) * unit),
        likelihood - jacobian,
        counted.total(),
        _correlation(*of),
        mean_is_held=not is_theirs,
    )


def _free(frequency: Floats, mean: Floats, count: Floats) -> tuple[Floats, float]:
    def negative(logs: Floats) -> tuple[float, Floats]:
        parameters = np.exp(logs)
        likelihood, slopes = _log_likelihood(parameters, frequency, mean, count)
        return -likelihood, -slopes * parameters

    return most_likely(negative, _STARTS, int(count.sum()))


def _of_their_mean(frequency: Floats, mean: Floats, count: Floats) -> tuple[Floats, float]:
    """By p and q - 1 alone, since a mean of 1 makes gamma (q - 1) / p."""

    def whole(p: float, above: float) -> Floats:
        return np.array((p, 1.0 + above, above / p))

    def negative(logs: Floats) -> tuple[float, Floats]:
        p, above = np.exp(logs)
        likelihood, (by_p, by_q, by_gamma) = _log_likelihood(whole(p, above), frequency, mean, count)
        return -likelihood, -np.array((by_p * p - by_gamma * above / p, (by_q + by_gamma / p) * above))

    (p, above), likelihood = most_likely(negative, _STARTS_OF_HELD, int(count.sum()))
    return whole(p, above), likelihood


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
