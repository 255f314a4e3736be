"""The tests here are about scoring; see `tests/support/serving.py`. One feature lets points be reckoned by hand."""

import json
from pathlib import Path

import pytest

from tests.scoring.release.people import FIRST
from tests.support.delivering import Delivering
from tests.support.serving import SUBJECTS, Start, Subject


@pytest.fixture(scope="session")
def subject() -> Subject:
    return SUBJECTS["scoring"]


@pytest.fixture
def cards(tmp_path: Path) -> Path:
    """The folder the bank begins with: one version."""
    folder = tmp_path / "cards"
    folder.mkdir()
    (folder / "1.json").write_text(json.dumps(FIRST | {"version": 1, "effective_from": "1990-01-01"}))
    return folder


@pytest.fixture
async def bank(running: Start, cards: Path) -> Delivering:
    """In stream time, so that the date of a version comes when the test says so."""
    return await running("stream", scorecards=cards)
