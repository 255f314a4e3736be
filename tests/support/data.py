"""Real data for tests, where it lies beside the checkout; never part of it."""

from pathlib import Path

import pytest

_DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def data_file(name: str) -> Path:
    """The file or folder of that name, or a skip that names what is missing."""
    path = _DATA / name
    if not path.exists():
        pytest.skip(f"real data is not here: ../shared/data/{name}")
    return path
