"""Whoever looks for a document finds it in docs/README.md."""

from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("folder", ["decisions", "runbooks"])
def test_every_decision_and_runbook_is_listed(folder: str) -> None:
    listed = (DOCS / "README.md").read_text()
    missing = [path.name for path in sorted((DOCS / folder).glob("*.md")) if f"({folder}/{path.name})" not in listed]
    assert not missing


def test_a_number_is_of_one_decision() -> None:
    numbers = [path.name[:4] for path in (DOCS / "decisions").glob("*.md")]
    assert sorted(set(numbers)) == sorted(numbers)
