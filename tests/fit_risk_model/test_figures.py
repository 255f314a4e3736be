"""The tool that fits and judges the risk model: it runs as documented, and its figures mean what the card says."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from churn_alert.proof.domain.reliability import ranking, reliability

PROJECT = Path(__file__).parents[2]


def test_the_command_says_why_a_refit_is_refused_and_what_stays() -> None:
    bank = ["--seed", "1", "--judge", "--customers", "20", "--months", "8"]
    command = [sys.executable, "-m", "fit_risk_model", *bank]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("no new model, own-rate-2.json stays: ")
    assert not done.stdout


def test_a_ranking_is_right_half_the_time_when_it_says_nothing_and_always_when_it_knows() -> None:
    outcomes = np.array([0.0, 1.0, 0.0, 1.0])
    assert ranking(np.zeros(4), outcomes) == pytest.approx(0.5)
    assert ranking(outcomes, outcomes) == pytest.approx(1.0)
    assert ranking(np.array([0.1, 0.2, 0.3, 0.4]), outcomes) == pytest.approx(0.75)


def test_a_percentage_that_comes_true_has_no_calibration_error_and_one_that_does_not_has_its_distance() -> None:
    outcomes = np.array(([1.0] + [0.0] * 9) * 50 + ([1.0] * 8 + [0.0] * 2) * 50)
    said = np.repeat([0.1, 0.8], 500)
    right = reliability(said, outcomes)
    assert (right.expected_calibration_error, right.base_rate) == (0.0, 0.45)
    assert right.lift_in_the_top_tenth == pytest.approx(0.8 / 0.45, abs=0.05)
    assert right.brier_score == pytest.approx((0.09 + 0.16) / 2)
    assert reliability(said / 2, outcomes).expected_calibration_error == pytest.approx((0.05 + 0.4) / 2)
