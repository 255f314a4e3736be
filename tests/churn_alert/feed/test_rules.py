"""The rules of the feed as people write them: read once, and none that breaks a rule."""

import json
from pathlib import Path
from typing import Any

import pytest

from churn_alert.feed.documents import PUBLISHED
from rapport.settings import SettingsInvalid
from tests.support.serving import Subject


def rules_of(folder: Path, **fields: Any) -> Path:
    path = folder / "feed.json"
    path.write_text(json.dumps(json.loads(PUBLISHED.read_bytes()) | fields))
    return path


def test_its_rules_are_read_once_so_that_a_file_that_is_replaced_meanwhile_is_not_in_force_by_halves(
    subject: Subject, make_settings: Any, tmp_path: Path
) -> None:
    read = []

    class Noting(type(tmp_path)):  # type: ignore[misc]
        def read_bytes(self) -> bytes:
            read.append(self)
            return Path(self).read_bytes()

    subject.compose(make_settings(feed_rules=Noting(rules_of(tmp_path))))
    assert read == [tmp_path / "feed.json"]


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"quiet_hours": {"account-changed": 12}}, "quiet_hours.account-changed"),
        ({"quiet_hours": {}}, "quiet_hours"),
        ({"quiet_hours": {"transaction-recorded": 0}}, "quiet_hours.transaction-recorded"),
        ({"settle_minutes": -1}, "settle_minutes"),
        ({"tolerance": 3}, "tolerance"),
    ],
)
def test_nothing_starts_on_rules_that_break_one(
    subject: Subject, make_settings: Any, tmp_path: Path, fields: dict[str, Any], named: str
) -> None:
    with pytest.raises(SettingsInvalid, match=rf"feed rules feed\.json: {named}"):
        subject.compose(make_settings(feed_rules=rules_of(tmp_path, **fields)))
