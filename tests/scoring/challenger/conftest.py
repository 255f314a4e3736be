"""People who release versions, over a bank that decides by what is on the accounts."""

import json
from pathlib import Path

import pytest

from tests.scoring.challenger.ring import CHAMPION
from tests.scoring.release.conftest import people

__all__ = ["people"]


@pytest.fixture
def cards(tmp_path: Path) -> Path:
    """The folder the bank begins with: the champion."""
    folder = tmp_path / "cards"
    folder.mkdir()
    (folder / "1.json").write_text(json.dumps(CHAMPION | {"version": 1, "effective_from": "1990-01-01"}))
    return folder
