"""The forms of `lifetime`, `spend` and `lifetime_value` for many customers at once: arrays in, arrays out, 1e-9 equal.

The series of `expectation` is summed for all horizons and a block of customers together; a customer for whom it is slow
or would cancel takes the scalar form. Why not scipy's hyp2f1: docs/decisions/0014-lifetime-value-in-closed-form.md.
"""

from collections.abc import Iterable
from math import fsum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rapport.behaviour import expectation
from rapport.behaviour.lifetime import LARGEST_EXPONENT, History, MbgParameters, Parameters
from rapport.behaviour.lifetime_value import Terms
from rapport.behaviour.spend import SpendParameters

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

_BLOCK = 2048  # customers: their terms for twelve horizons stay in a core's cache
_LARGEST_SHARE = 0.998  # of the horizon in alpha + age + horizon
_MOST_TERMS = 25_000  # enough for that share
_EVERY = 8  # terms between two looks whether the rest matters
_PRECISION = 1e-17


class Histories(NamedTuple):
    """`History` in columns of one length."""

    frequency: Counts
    recency: Floats
    age: Floats


def probability_alive(parameters: Parameters, histories: Histories) -> Floats:
    """P(alive) of each."""
    return 1.0 / (1.0 + _odds_gone(parameters, histories))


def probability_silent(parameters: Parameters, histories: Histories, horizon: float) -> Floats:
    """P(no activity within the next `horizon`) of each."""
    odds, shape = _odds_gone(parameters, histories), parameters.r + histories.frequency
    silent: Floats = odds + np.exp(-shape * np.log1p(horizon / (parameters.alpha + histories.age)))
    return silent / (odds + 1.0)


def expected_activity(parameters: Parameters, histories: Histories, horizon: float) -> Floats:
    """E[Y(horizon)] of each."""
    return _weighted_activity(parameters, histories, [(horizon, 1.0)] if horizon > 0.0 else [])


def expected_spend(parameters: SpendParameters, frequency: Counts, mean: Floats) -> Floats:
    """E[M | x, z] of each; the mean counts for nothing where frequency is 0."""
    known = frequency > 0
    if not ((frequency >= 0) & (~known | ((mean >= 0.0) & (mean < np.inf)))).all():
        raise ValueError("a frequency is never negative, and a mean is neither negative nor infinite")
    prior = (parameters.q - 1.0) / parameters.p
    return (parameters.gamma + frequency * np.where(known, mean, 0.0)) / (prior + frequency)


def discounted_activity(parameters: Parameters, histories: Histories, terms: Terms) -> Floats:
    """Σ_k (E[Y(t_k)] - E[Y(t_(k-1))])/(1 + d)^k of each."""
    return _weighted_activity(parameters, histories, terms.weighted_horizons())


def lifetime_value(parameters: Parameters, histories: Histories, spend: Floats, terms: Terms) -> Floats:
    """CLV of each, in the money of `spend`: what one activity of each is worth."""
    return terms.margin * terms.calibration * spend * discounted_activity(parameters, histories, terms)


def _odds_gone(parameters: Parameters, histories: Histories) -> Floats:
    frequency, recency, age = histories
    is_valid = (frequency >= 0) & (recency >= 0.0) & (recency <= age) & (age < np.inf)
    is_valid &= (frequency > 0) | (recency == 0.0)
    if not is_valid.all():
        raise ValueError(
            f"row {int(np.argmin(is_valid))} is no history: frequency is not negative, 0 <= recency <= age < infinity, "
            "and recency is 0 where frequency is 0"
        )
    may_leave = isinstance(parameters, MbgParameters) | (frequency > 0)
    leaving = parameters.a / np.where(may_leave, _stays(parameters, frequency) - 1.0, 1.0)
    silence = (age - recency) / (parameters.alpha + recency)
    log_odds = np.log(leaving) + (parameters.r + frequency) * np.log1p(silence)
    odds: Floats = np.where(may_leave, np.exp(np.minimum(log_odds, LARGEST_EXPONENT)), 0.0)
    return odds


def _stays(parameters: Parameters, frequency: Counts) -> Floats:
    return np.asarray(parameters.b + frequency + float(isinstance(parameters, MbgParameters)), dtype=np.float64)


def _weighted_activity(
    parameters: Parameters, histories: Histories, weighted_horizons: Iterable[tuple[float, float]]
) -> Floats:
    """Σ w·E[Y(t)] of each customer, over pairs (t, w) with rising t."""
    alive, pairs = probability_alive(parameters, histories), list(weighted_horizons)
    if not pairs:
        return np.zeros_like(alive)
    horizons, weights = np.array(pairs).T
    shortest = horizons[-1] * (1.0 / _LARGEST_SHARE - 1.0)
    fast = np.flatnonzero(parameters.alpha + histories.age >= shortest)
    by_age = fast[np.argsort(histories.age[fast])]  # the older, the fewer terms: a block is best of one age
    found = np.full_like(alive, np.nan)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        for start in range(0, by_age.size, _BLOCK):
            rows = by_age[start : start + _BLOCK]
            found[rows] = _by_series(parameters, histories.frequency[rows], histories.age[rows], horizons, weights)
    found *= alive
    for row in np.flatnonzero(~np.isfinite(found)):
        history = History(*(column[row].item() for column in histories))
        found[row] = fsum(w * expectation.expected_activity(parameters, history, t) for t, w in pairs)
    return found


def _by_series(parameters: Parameters, frequency: Counts, age: Floats, horizons: Floats, weights: Floats) -> Floats:
    """Σ w·E[Y(t)] of customers who are alive, by the series of `expectation`; not a number where that is not exact."""
    ratio = horizons[:, None] / (parameters.alpha + age)
    total, pole = parameters.a + _stays(parameters, frequency) - 1.0, parameters.a - 1.0
    log_left = -np.log1p(ratio)
    power = np.exp(pole * log_left)
    first = -np.expm1(pole * log_left) / pole if pole else -log_left
    top = total - (parameters.r + frequency)
    summed, magnitude = _hypergeometric(top, pole, total, ratio / (1.0 + ratio))
    activity = weights @ (first - power * summed)
    is_exact = activity > expectation.MOST_CANCELLED * (weights @ (first + power * magnitude))
    found: Floats = np.where(is_exact, total * activity, np.nan)
    return found


def _hypergeometric(top: Floats, pole: float, total: Floats, share: Floats) -> tuple[Floats, Floats]:
    """(2F1(top, pole; total; share) - 1)/pole, and the sum of its terms' magnitudes, infinite where it has no end.

    `share` has a row a horizon, rising. What is settled first is summed no further: the ratio of two terms tends to
    `share`, from above only while it falls, so that a geometric series bounds the remainder.
    """
    summed = top / total * share
    term = summed.copy()
    magnitude = np.abs(summed) if (top < 0.0).any() else summed
    live = slice(0, None)
    for order in range(1, _MOST_TERMS):
        factor = (top + order) / (total + order) * ((pole + order) / (order + 1.0))
        left = term[live]
        left *= share[live]
        left *= factor
        summed[live] += left
        if magnitude is not summed:
            magnitude[live] += np.abs(left)
        if order % _EVERY == 0:
            growth = np.maximum(np.abs(factor), 1.0) * share[live]
            rest = np.abs(left) * growth > _PRECISION * (1.0 - growth) * magnitude[live]
            unsettled = np.flatnonzero(rest.any(axis=1))
            if not unsettled.size:
                return summed, magnitude
            live = slice(live.start + int(unsettled[0]), None)
    magnitude[live] = np.inf
    return summed, magnitude
