"""What counts as a departure is data, and a document that breaks a rule is refused by its field."""

import json
from pathlib import Path
from typing import Any

import pytest

from churn_alert.proof.documents import PUBLISHED, read_departure
from rapport.documents import DocumentInvalid


def test_the_published_document_is_read_with_its_author_and_reason() -> None:
    document = read_departure()
    assert document.author
    assert len(document.reason) > 40
    assert document.definition().window.days == document.departure.silent_days + document.departure.ahead_days
    assert document.definition_of_told().window.days == document.told_departure.ahead_days


@pytest.mark.parametrize(
    ("part", "field", "value"),
    [
        ("departure", "silent_days", 3),
        ("departure", "silent_days", "soon"),
        ("departure", "ahead_days", 0),
        ("departure", "whatever", 1),
        ("uplift", "leaving_with", 0.5),
        ("uplift", "alpha", 0),
        ("told_departure", "ahead_days", -1),
        ("recency", "silent_days", 6),
    ],
)
def test_what_breaks_a_rule_is_refused_by_name(tmp_path: Path, part: str, field: str, value: Any) -> None:
    said = json.loads(PUBLISHED.read_bytes())
    said[part][field] = value
    path = tmp_path / "own.json"
    path.write_text(json.dumps(said))
    with pytest.raises(DocumentInvalid, match=rf"own\.json: {part}") as refused:
        read_departure(path)
    assert field in str(refused.value)


def test_a_document_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentInvalid, match=r"none\.json: cannot be read"):
        read_departure(tmp_path / "none.json")


def test_a_rule_that_warns_of_who_is_gone_is_refused_and_one_that_is_not_written_warns_half_way(tmp_path: Path) -> None:
    said = json.loads(PUBLISHED.read_bytes())
    path = tmp_path / "own.json"
    path.write_text(json.dumps(said | {"recency": {"silent_days": said["departure"]["silent_days"]}}))
    with pytest.raises(DocumentInvalid, match=r"recency\.silent_days must be below departure\.silent_days"):
        read_departure(path)
    del said["recency"]
    path.write_text(json.dumps(said))
    assert read_departure(path).recency_days == 30
