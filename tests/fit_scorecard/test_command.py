"""The command that fits and judges: reproducible to the byte, and what is published is what its card says."""

import json
import os
import re
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from fit_scorecard.documents import text_of
from fit_scorecard.expert import EXPERT, scorecard_of
from scoring.scorecard.domain import Values
from scoring.scorecard.files import PUBLISHED, read_documents

PROJECT = Path(__file__).parents[2]
NAMES = ("retail-cny-1.json", "retail-cny-1.md")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Path, str, str]]:
    """Two runs over the same small banks, each in a process of its own: folder, output, what was shown meanwhile."""
    folders = [tmp_path_factory.mktemp("run") for _ in range(2)]
    asked = [sys.executable, "-m", "fit_scorecard", "--fit", "1", "--judge", "2", "--customers", "60", "--write"]
    running = [
        subprocess.Popen(
            [*asked, str(folder)],
            cwd=PROJECT,
            env=os.environ | {"PYTHONHASHSEED": str(number)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number, folder in enumerate(folders)
    ]
    said = [process.communicate() for process in running]
    assert [process.returncode for process in running] == [0, 0], said[0][1]
    return [(folder, *words) for folder, words in zip(folders, said, strict=True)]


def test_the_same_command_gives_the_same_scorecard_and_card_to_the_byte(runs: list[tuple[Path, str, str]]) -> None:
    (one, said, shown), (other, said_again, _) = runs
    for name in NAMES:
        assert (one / name).read_bytes() == (other / name).read_bytes()
    assert said == said_again == (one / "retail-cny-1.md").read_text()
    assert "simulating bank 1" in shown and "simulating bank 2" in shown


def test_a_fitted_scorecard_can_be_used_at_once(runs: list[tuple[Path, str, str]]) -> None:
    (document,) = read_documents("CNY", runs[0][0])
    card = scorecard_of(document)
    assert {feature.name for feature in card.features} < {*Values._fields}
    assert (document.thresholds.band, document.thresholds.dwell_days) == (10, 28)
    said = runs[0][1]
    assert all(f"`{name}`: " in said for name in {*Values._fields} - {feature.name for feature in card.features})


def test_figures_on_the_card_are_of_the_banks_that_were_asked_for(runs: list[tuple[Path, str, str]]) -> None:
    titles = re.findall(r"### (Bank .*): \d+ customers", runs[0][1])
    assert titles == ["Bank 2", "Bank 1, fitted on"]
    rows = re.findall(r"\| rank correlation [^|]+\| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|", runs[0][1])
    assert len(rows) == 2 and all(0.3 < float(figure) < 1 for row in rows for figure in row)


def test_the_published_scorecard_is_the_one_its_card_speaks_of() -> None:
    document, card = (PUBLISHED / name for name in NAMES)
    (digest,) = re.findall(r"SHA-256\n`([0-9a-f]{64})`", card.read_text())
    assert sha256(document.read_bytes()).hexdigest() == digest
    (published,) = read_documents("CNY")
    assert text_of(published) == document.read_text()
    (command,) = re.findall(r"python -m fit_scorecard .*", card.read_text())
    assert command in published.reason


def test_the_experts_judgement_names_every_feature_and_says_which_way_it_may_count() -> None:
    assert [feature.name for feature in EXPERT.features] == list(Values._fields)
    falling = {feature.name for feature in EXPERT.features if feature.points[0] > feature.points[-1]}
    assert falling == {"penalty_interest", "overdrafts", "loan_class"}
    assert json.loads(text_of(EXPERT)) == EXPERT.model_dump(mode="json")
