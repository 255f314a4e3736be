"""How many active periods a customer is expected to have in the next t, of the models in `lifetime`.

The closed form is a Gauss hypergeometric function that overflows for busy customers in its textbook form. Here it is
Euler-transformed, with the removable pole at a = 1 taken out by hand; where its series would be slow or cancel, the
integral that it came from is computed instead. Finite for every history, 1e-10 against values of 60 digits.
"""

from math import exp, expm1, isnan, log, log1p, nan, sinh, sqrt

from rapport.behaviour.lifetime import History, Parameters, probability_alive

MOST_CANCELLED = 1e-4  # what must be left of a difference, for eleven digits
_SERIES_UP_TO = 0.9
_SERIES_LEAVES = 20.0
_PRECISION = 1e-17
_STEP = 1.0 / 24.0
_NEGLIGIBLE = -45.0
_SMALLEST = 1e-300


def expected_activity(parameters: Parameters, history: History, horizon: float) -> float:
    """E[Y(horizon)]: expected further active periods, P(alive) included. Never negative, rises with the horizon."""
    if horizon <= 0.0:
        return 0.0
    span = parameters.alpha + history.age
    shape, leaves, stays = parameters.r + history.frequency, parameters.a, parameters.stays(history)
    slow, overflows = horizon > _SERIES_UP_TO * (span + horizon), leaves > _SERIES_LEAVES
    active = nan if slow or overflows else _by_series(shape, leaves, stays, horizon / span)
    if isnan(active):
        active = max(_by_integral(shape, leaves, stays, horizon / span), 0.0)
    return active * probability_alive(parameters, history)


def _by_series(shape: float, leaves: float, stays: float, ratio: float) -> float:
    """Of one who is alive: C·((1 - u^(a-1))/(a-1) - u^(a-1)·S), where S = (2F1(C - shape, a-1; C; 1-u) - 1)/(a-1).

    C = leaves + stays - 1, u = 1/(1 + ratio). At a = 1 the first quotient is -ln u; S never had a pole there. Not a
    number where C is not positive (BG/NBD, of one who came once) or where the difference cancels: with terms of both
    signs, where C < shape, and where next to nobody is active.
    """
    log_left, share = -log1p(ratio), ratio / (1.0 + ratio)
    total, pole = leaves + stays - 1.0, leaves - 1.0
    if total <= 0.0:
        return nan
    top = total - shape
    term = summed = top / total * share
    magnitude = abs(term)
    order = 1
    while abs(term) > _PRECISION * magnitude:
        term *= (top + order) / (total + order) * (leaves + order - 1.0) / (order + 1.0) * share
        summed += term
        magnitude += abs(term)
        order += 1
    first, power = -expm1(pole * log_left) / pole if pole else -log_left, exp(pole * log_left)
    active = first - power * summed
    return total * active if active > MOST_CANCELLED * (first + power * magnitude) else nan


def _by_integral(shape: float, leaves: float, stays: float, ratio: float) -> float:
    """Of one who is alive: the mean of (1 - (1 + p·ratio)^-shape)/p over the posterior Beta(leaves, stays) of p.

    Trapezoids over the log odds of p, stretched by a hyperbolic sine about the mode: both ends fall off doubly
    exponentially and the integrand is analytic in a wide strip, so the rule converges to rounding.
    """
    mode, scale = log(leaves / stays), min(sqrt(1.0 / leaves + 1.0 / stays), 1.5)
    at_mode = _log_density(leaves, stays, mode)
    weighted = norm = 0.0
    for direction in (-1, 1):
        node = 0 if direction == 1 else -1
        while True:
            stretch = node * _STEP
            odds = mode + scale * sinh(stretch)
            height = _log_density(leaves, stays, odds) - at_mode
            if height < _NEGLIGIBLE:
                break
            weight = exp(height) * sqrt(1.0 + sinh(stretch) ** 2)
            weighted += weight * _per_departure(shape, ratio, odds)
            norm += weight
            node += direction
    return weighted / norm


def _log_density(leaves: float, stays: float, odds: float) -> float:
    return -leaves * _softplus(-odds) - stays * _softplus(odds)


def _per_departure(shape: float, ratio: float, odds: float) -> float:
    leaving = exp(-_softplus(-odds))
    return -expm1(-shape * log1p(leaving * ratio)) / leaving if leaving > _SMALLEST else shape * ratio


def _softplus(value: float) -> float:
    return max(value, 0.0) + log1p(exp(-abs(value)))
