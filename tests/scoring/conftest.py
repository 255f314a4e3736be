"""The tests here are about scoring; see `tests/support/serving.py`. One feature lets points be reckoned by hand."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.scoring.entitlement.counter import Counter, counter_of
from tests.scoring.release.people import FIRST
from tests.support.delivering import Delivering
from tests.support.serving import SUBJECTS, Start, Subject
from tests.support.tokens import TestIssuer


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


@pytest.fixture
async def counter(bank: Delivering, issuer: TestIssuer) -> AsyncIterator[Counter]:
    """Who asks what customers are entitled to, and who changes it."""
    async with counter_of(bank, issuer) as found:
        yield found
