"""The tool that fits and judges the risk model: it runs as documented, and its figures mean what the card says."""

import shutil
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from churn_alert.proof.domain.reliability import ranking, reliability
from churn_alert.risk.documents import PUBLISHED, read_document, read_model_versions

PROJECT = Path(__file__).parents[2]


def test_the_command_says_why_a_refit_is_refused_and_what_stays() -> None:
    bank = ["--seed", "1", "--judge", "--customers", "20", "--months", "8"]
    command = [sys.executable, "-m", "fit_risk_model", *bank]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("no new model, own-rate-2.json stays: ")
    assert not done.stdout


def test_the_next_version_is_written_by_a_command_that_its_card_names_and_comes_into_force_after_the_published_one(
    tmp_path: Path,
) -> None:
    """Nothing of it is put together by hand: the command on the card writes the same bytes again."""
    bank = "--seed 101 --customers 700 --months 20 --judge --recalibrate"
    first, again = tmp_path / "own-rate-3.json", tmp_path / "again.json"
    command = [sys.executable, *f"-m fit_risk_model --source simulated {bank}".split()]
    running = [subprocess.Popen([*command, "--out", str(path)], cwd=PROJECT) for path in (first, again)]
    assert [one.wait() for one in running] == [0, 0]
    said = read_document(first)
    assert said.card["reproduced_by"] == " ".join(["python", *command[1:]])
    assert first.read_bytes() == again.read_bytes()

    shutil.copy(PUBLISHED, tmp_path / "own-rate-2.json")
    again.unlink()
    published, following = read_model_versions(tmp_path, today=date(2027, 1, 1))
    before, after = published.model(), following.model()
    assert (following.version, following.effective_from) == (3, published.effective_from + timedelta(days=1))
    assert [one.weights for one in after.horizons] == [one.weights for one in before.horizons]
    assert after.upper_log_odds == pytest.approx(before.upper_log_odds, abs=0.01), "before calibration"
    assert after.horizons[0].calibration != before.horizons[0].calibration


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
