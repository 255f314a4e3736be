"""Maximum-likelihood parameters of the models in `lifetime`, from the histories of many customers.

A fit that degenerates (customers too alike, too few repeats, a parameter running off to a bound) is refused, so that
the caller keeps the parameters it has. Needs numpy and scipy; what runs per event does not import this file.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import isfinite
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import betaln, digamma, expit, gammaln

from rapport.behaviour.lifetime import BgParameters, History, MbgParameters

Floats = NDArray[np.float64]
P = TypeVar("P", MbgParameters, BgParameters)

_STARTS = ((1.0, 1.0, 1.0, 1.0), (0.3, 0.5, 0.5, 3.0), (3.0, 2.0, 0.3, 1.0))
_STARTS_OF_LOYAL = ((1.0, 1.0, 1.0, 3.0), (1.0, 0.1, 1.0, 100.0), (3.0, 0.02, 1.0, 1000.0))
_A, _B = 2, 3
_NOTHING: Mapping[int, float] = {}
_LOWEST, _HIGHEST = 1e-3, 1e4
NOBODY_LEAVES = 1e4
"""b where nobody is seen to leave: one in 10,001 active days may yet be the last."""
LEAST_REPEATERS = 30
_BOUNDS = (float(np.log(_LOWEST / 10.0)), float(np.log(_HIGHEST * 10.0)))
_PRECISE = {"maxiter": 500, "ftol": 1e-13, "gtol": 1e-6}
_FLAT = 1e-5  # of a customer, by a parameter's logarithm: searches that ended well left 1e-9 to 1e-7


class FitRefused(ValueError):
    """The histories do not determine the parameters."""


@dataclass(frozen=True, slots=True)
class Fit(Generic[P]):
    """Parameters in the unit of time of the histories, and how well they explain them.

    `a_is_held`, `b_is_held`: it was given, and only the others are of the histories.
    """

    parameters: P
    log_likelihood: float
    customers: int
    a_is_held: bool = False
    b_is_held: bool = False


def fit_mbg(histories: Iterable[History], *, a: float | None = None, b: float | None = None) -> Fit[MbgParameters]:
    """MBG/NBD; what is given is held, and only the others are fitted. Raises FitRefused."""
    held = {place: value for place, value in ((_A, a), (_B, b)) if value is not None}
    return _fit(histories, MbgParameters, held)


def fit_mbg_of_loyal(histories: Sequence[History]) -> Fit[MbgParameters]:
    """MBG/NBD, and where that is refused with a held at 1, then with b held too. Raises FitRefused.

    In a bank so few leave after any one day that the spread of that chance is not determined, only its mean 1/(1 + b);
    and in some nobody is seen to leave: then rates alone are fitted, and b is `NOBODY_LEAVES`.
    """
    for held in ({}, {"a": 1.0}):
        with suppress(FitRefused):
            return fit_mbg(histories, **held)
    return fit_mbg(histories, a=1.0, b=NOBODY_LEAVES)


def fit_bg(histories: Iterable[History]) -> Fit[BgParameters]:
    """BG/NBD. Raises FitRefused."""
    return _fit(histories, BgParameters)


def _fit(histories: Iterable[History], model: type[P], held: Mapping[int, float] = _NOTHING) -> Fit[P]:
    data = np.array(
        [(history.frequency, history.recency, history.age, count) for history, count in Counter(histories).items()],
        dtype=np.float64,
    )
    if data.size == 0 or data[data[:, 0] > 0.0, 3].sum() < LEAST_REPEATERS:
        raise FitRefused(f"fewer than {LEAST_REPEATERS} customers came back: take more, or a longer time")
    unit = float(np.average(data[:, 2], weights=data[:, 3]))
    if not (np.isfinite(data).all() and unit > 0.0):
        raise FitRefused("a history is not finite, or nobody has an age: leave such customers out")
    data[:, 1:3] /= unit  # so that one set of starting points serves days and weeks alike
    may_leave_at_once = issubclass(model, MbgParameters)

    free = [place for place in range(4) if place not in held]

    def whole(fitted: Floats) -> Floats:
        parameters = np.empty(4)
        parameters[free], parameters[list(held)] = fitted, list(held.values())
        return parameters

    def negative(logs: Floats) -> tuple[float, Floats]:
        parameters = whole(np.exp(logs))
        likelihood, slopes = _log_likelihood(parameters, data, may_leave_at_once=may_leave_at_once)
        return -likelihood, -(slopes * parameters)[free]

    starts = np.array(_STARTS_OF_LOYAL if held else _STARTS)[:, free]
    found, likelihood = most_likely(negative, starts, int(data[:, 3].sum()))
    r, alpha, a, b = (float(value) for value in whole(found))
    # In the histories' own unit each repeat is a density per unit of time, hence the Jacobian.
    jacobian = float((data[:, 0] * data[:, 3]).sum()) * float(np.log(unit))
    return Fit(model(r, alpha * unit, a, b), likelihood - jacobian, int(data[:, 3].sum()), _A in held, _B in held)


def most_likely(
    negative: Callable[[Floats], tuple[float, Floats]], starts: Iterable[Sequence[float] | Floats], customers: int
) -> tuple[Floats, float]:
    """The parameters at which a log-likelihood is largest, and its value there.

    `negative` takes the parameters' logarithms and gives minus the log-likelihood and its slopes. Raises FitRefused.
    """
    tries: list[Any] = [
        minimize(negative, np.log(start), jac=True, method="L-BFGS-B", bounds=[_BOUNDS] * len(start), options=_PRECISE)
        for start in starts
    ]
    best = min(tries, key=lambda result: float(result.fun) if isfinite(result.fun) else np.inf)
    if not isfinite(best.fun):
        raise FitRefused("the likelihood is not finite: look for customers beyond all measure")
    found: Floats = np.exp(best.x)
    if not all(_LOWEST < value < _HIGHEST for value in found):
        raise FitRefused("a parameter ran off to a bound: customers are too alike in it, or too few differ")
    if not float(np.abs(best.jac).max()) <= _FLAT * customers:
        raise FitRefused("the search did not converge, the likelihood still rises where it ended: take more customers")
    return found, -float(best.fun)


def _log_likelihood(parameters: Floats, data: Floats, *, may_leave_at_once: bool) -> tuple[float, Floats]:
    """The log-likelihood of grouped histories, and its derivatives by r, alpha, a and b."""
    r, alpha, a, b = parameters
    frequency, recency, age, count = data.T
    shape = r + frequency
    may_leave = np.ones_like(frequency, dtype=bool) if may_leave_at_once else frequency > 0.0
    staying = b + frequency + (1.0 if may_leave_at_once else 0.0)
    leaving = np.where(may_leave, staying - 1.0, 1.0)
    stretch = np.log((alpha + age) / (alpha + recency))
    log_odds = np.where(may_leave, np.log(a / leaving) + shape * stretch, -np.inf)
    gone = expit(log_odds)
    terms = (
        gammaln(shape) - gammaln(r) + r * np.log(alpha) - shape * np.log(alpha + age)
        + betaln(a, staying) - betaln(a, b) + np.logaddexp(0.0, log_odds)
    )  # fmt: skip
    both = digamma(a + b) - digamma(a + staying)
    by_r = digamma(shape) - digamma(r) + np.log(alpha) - np.log(alpha + age) + gone * stretch
    by_alpha = r / alpha - shape / (alpha + age) + gone * shape * (1.0 / (alpha + age) - 1.0 / (alpha + recency))
    by_a = both + gone / a
    by_b = both + digamma(staying) - digamma(b) - gone / leaving
    slopes = np.array([float((count * slope).sum()) for slope in (by_r, by_alpha, by_a, by_b)])
    return float((count * terms).sum()), slopes
