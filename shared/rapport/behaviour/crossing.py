"""When silence alone carries a decayed quantity over a threshold: closed forms, in days from the moment of reading.

Each answers `None` for never and 0 for now or already; `moment_after` turns an answer into a due time at which the
quantity is past the threshold beyond rounding, so a timer that fires then finds what it was set for.
"""

from datetime import datetime, timedelta
from math import ceil, log2

_ROUNDING_ALLOWANCE_SECONDS = 0.001


def days_until_sum_falls_to(decayed: float, threshold: float, half_life: float) -> float | None:
    """How long a decayed sum of amounts that are never negative stays above a threshold if nothing more happens."""
    if decayed <= threshold:
        return 0.0
    return half_life * log2(decayed / threshold) if threshold > 0.0 else None


def days_until_ratio_falls_to(
    ratio: float, threshold: float, fast_half_life: float, slow_half_life: float
) -> float | None:
    """How long the ratio of a fast to a slow decayed sum stays above a threshold if nothing more happens.

    The same for a ratio of rates: a constant factor on both ratio and threshold drops out.
    """
    if not fast_half_life < slow_half_life:
        raise ValueError("the fast half-life is the shorter one")
    if ratio <= threshold:
        return 0.0
    return log2(ratio / threshold) / (1.0 / fast_half_life - 1.0 / slow_half_life) if threshold > 0.0 else None


def days_until_average_reaches(average: float, balance: float, threshold: float, half_life: float) -> float | None:
    """How long the average of a balance that stays as it is needs to reach a threshold, from either side.

    The average runs towards the balance and never arrives: what does not lie between the two is never reached.
    """
    if average == threshold:
        return 0.0
    if not min(average, balance) < threshold < max(average, balance):
        return None
    return half_life * log2((average - balance) / (threshold - balance))


def moment_after(read_at: datetime, days: float | None) -> datetime | None:
    """The due time of a crossing: the first full second that is surely past it; None where the calendar ends before."""
    if days is None:
        return None
    seconds = days * 86_400.0 + read_at.microsecond / 1e6 + _ROUNDING_ALLOWANCE_SECONDS
    try:
        return read_at.replace(microsecond=0) + timedelta(0, ceil(seconds))
    except OverflowError:
        return None
