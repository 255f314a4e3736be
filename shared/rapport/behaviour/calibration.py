"""How far off the models are as a whole: a hold-out's actual sum against the expected one.

The models are stationary, customers are not: on CDNOW the 39 weeks after the fit brought 24 % more money than MBG/NBD
and Gamma-Gamma said. One factor for all corrects the sum and no order; one badly known, or far from 1, is refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, isfinite, sqrt

_LEAST_CUSTOMERS = 100
_LARGEST_ERROR = 0.2
_LARGEST_FACTOR = 3.0


class CalibrationRefused(ValueError):
    """The hold-out does not determine a factor that should be used."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What to multiply expectations by, and its standard error."""

    factor: float
    standard_error: float


def calibrated(expected: Sequence[float], actual: Sequence[float]) -> Calibration:
    """The ratio of the sums; each customer once, in activities or in money, over the same length of time.

    The standard error is that of a ratio estimator: from each customer's actual less factor times expected. Raises
    CalibrationRefused where fewer than 100 customers, a standard error above a fifth of the factor, or a factor beyond
    1/3 to 3 would make it worse than none.
    """
    if len(expected) != len(actual):
        raise CalibrationRefused(f"{len(expected)} customers are expected to be active, {len(actual)} are told of")
    if len(expected) < _LEAST_CUSTOMERS:
        raise CalibrationRefused(f"a hold-out needs at least {_LEAST_CUSTOMERS} customers, here are {len(expected)}")
    if not all(isfinite(value) and value >= 0.0 for value in (*expected, *actual)):
        raise CalibrationRefused("what is expected and what came are neither negative nor infinite")
    if not (total := fsum(expected)):
        raise CalibrationRefused("nothing is expected of anybody")
    factor = fsum(actual) / total
    left = fsum((came - factor * due) ** 2 for came, due in zip(actual, expected, strict=True))
    error = sqrt(left * len(expected) / (len(expected) - 1.0)) / total
    if not 1.0 / _LARGEST_FACTOR < factor < _LARGEST_FACTOR:
        raise CalibrationRefused(
            f"a factor of {factor:.3g}: {fsum(actual):,.0f} came where {total:,.0f} were expected, so customers are no "
            "longer as they were; see whether events still come and the clock is theirs, then fit anew"
        )
    if error > _LARGEST_ERROR * factor:
        raise CalibrationRefused(f"{factor:.3g} ± {error:.2g} is too uncertain: more customers, or a longer hold-out")
    return Calibration(factor, error)
