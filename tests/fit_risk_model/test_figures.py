"""The tool that fits and judges the risk model: it runs as documented, and its figures mean what the card says."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from churn_alert.proof.domain.reliability import ranking, reliability
from churn_alert.risk.documents import read_document

PROJECT = Path(__file__).parents[2]


def test_the_documented_command_judges_at_the_published_threshold_first() -> None:
    bank = ["--fit", "1", "--judge", "2", "--customers", "30", "--months", "6"]
    command = [sys.executable, "-m", "fit_risk_model", *bank]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    said = dict(line.split(": ", 1) for line in done.stdout.splitlines() if line.startswith("bank 2"))
    first, *_, last = said
    assert first == f"bank 2, from {read_document().thresholds.upper:.2f}"
    assert {"bank 2, 14 silent days", "bank 2, 45 silent days"} <= said.keys()
    assert {"auc", "brier_score", "lift_in_the_top_tenth"} < json.loads(said[last]).keys()
    assert "simulating bank 2" in done.stderr


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
