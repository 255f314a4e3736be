"""Calibration: a factor that a hold-out determines, or the reason why it does not."""

import random
from statistics import stdev

import pytest

from rapport.behaviour.calibration import CalibrationRefused, calibrated


def hold_out(factor: float, customers: int, seed: int) -> tuple[list[float], list[float]]:
    """Expectations, and what came: each customer's own of a wide spread, `factor` times as much in the mean."""
    draw = random.Random(seed)
    expected = [draw.gammavariate(0.5, 2.0) for _ in range(customers)]
    return expected, [factor * due * draw.gammavariate(2.0, 0.5) for due in expected]


def test_the_factor_brings_what_is_expected_to_what_came() -> None:
    expected, actual = hold_out(1.2, 2000, seed=1)
    found = calibrated(expected, actual)
    assert found.factor * sum(expected) == pytest.approx(sum(actual), rel=1e-12)
    assert found.factor == pytest.approx(1.2, abs=4.0 * found.standard_error)


def test_the_standard_error_is_how_much_the_factor_varies_from_one_hold_out_to_another() -> None:
    found = [calibrated(*hold_out(1.2, 500, seed)) for seed in range(200)]
    stated = sum(one.standard_error for one in found) / len(found)
    assert stated == pytest.approx(stdev(one.factor for one in found), rel=0.15)


def test_the_unit_of_money_does_not_matter() -> None:
    expected, actual = hold_out(1.2, 500, seed=1)
    minor = calibrated([due * 100.0 for due in expected], [came * 100.0 for came in actual])
    assert minor.factor == pytest.approx(calibrated(expected, actual).factor, rel=1e-12)


@pytest.mark.parametrize(
    ("expected", "actual", "why"),
    [
        ([1.0] * 200, [1.0] * 199, "200 customers are expected"),
        ([1.0] * 99, [1.0] * 99, "at least 100"),
        ([], [], "at least 100"),
        ([float("nan")] * 200, [1.0] * 200, "neither negative"),
        ([1.0] * 200, [float("inf")] * 200, "neither negative"),
        ([1.0] * 200, [-1.0] * 200, "neither negative"),
        ([0.0] * 200, [1.0] * 200, "nothing is expected"),
        ([1.0] * 200, [0.0] * 200, "no longer as they were"),
        ([1.0] * 200, [4.0] * 200, "no longer as they were"),
        ([1.0] * 200, [200.0] + [0.0] * 199, "too uncertain"),
    ],
)
def test_what_would_be_worse_than_no_factor_is_refused_with_the_reason(
    expected: list[float], actual: list[float], why: str
) -> None:
    with pytest.raises(CalibrationRefused, match=why):
        calibrated(expected, actual)
