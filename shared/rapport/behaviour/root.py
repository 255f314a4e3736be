"""Where a rising function reaches zero: the interpolate-truncate-project method (Oliveira & Takahashi 2020).

Never slower than bisection, and a handful of evaluations on the smooth functions it is used for.
"""

from collections.abc import Callable
from math import ceil, copysign, log2


def first_at_or_above_zero(function: Callable[[float], float], low: float, high: float, tolerance: float) -> float:
    """A point at most `tolerance` past the root of a rising function, of function(low) < 0 <= function(high);
    `low` itself where that is reached already.

    The function's own value there is not negative, so a caller who evaluates it again finds it reached.
    """
    at_low, at_high = function(low), function(high)
    if at_low >= 0.0:
        return low
    width = high - low
    steps_left = max(ceil(log2(width / tolerance)), 0) + 1 if width > tolerance else 0
    while high - low > tolerance:
        middle = (low + high) / 2.0
        interpolated = (at_high * low - at_low * high) / (at_high - at_low)
        towards_middle = copysign(1.0, middle - interpolated)
        truncation = 0.2 * (high - low) ** 2 / width
        truncated = interpolated + towards_middle * truncation if truncation <= abs(middle - interpolated) else middle
        slack = tolerance / 2.0 * 2.0**steps_left - (high - low) / 2.0
        point = truncated if abs(truncated - middle) <= slack else middle - towards_middle * slack
        steps_left -= 1
        if not low < point < high:  # the interpolation fell onto an end within rounding
            point = middle
        value = function(point)
        if value >= 0.0:
            high, at_high = point, value
        else:
            low, at_low = point, value
    return high
