"""The purposes of the bank as a document: what breaks the law's rules is refused with its field, and words once
published stay.
"""

import json
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from customer_profile.consent.documents import PUBLISHED, read_purposes
from rapport.documents import DocumentInvalid

DOCUMENT: dict[str, Any] = json.loads(PUBLISHED.read_text(encoding="utf-8"))
NOTICE = {"version": 1, "in_force_from": "2026-01-01T00:00:00Z", "text": {"zh": "告知", "en": "Notice"}}
DIGESTS = {
    "tiering": "9056cf4d5f633efb",
    "marketing-sms": "d6ebb4c027a77bd2",
    "marketing-phone": "362bb3360d8086a4",
    "marketing-app": "9de9c8378c97f534",
    "cross-selling": "3ec789e791185cb0",
    "churn-care": "83987972ae583cad e6cc0258d49c6243",
    "satisfaction-survey": "7d842b3bfc9e1fb6",
    "group-sharing": "841f78f739f5e4ab",
    "cross-border-transfer": "d76e3c4597edd015",
}
"""Of the notices of each published purpose: the ledger of a bank may hold them."""


def written(folder: Path, **changes: Any) -> Path:
    """The published document with its last purpose, that of transfers abroad, changed."""
    document = deepcopy(DOCUMENT)
    document["purposes"][-1] |= changes
    file = folder / "purposes.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"legal_bases": ["consent", "contract"]}, "legal_bases: consent stands alone"),
        ({"separate_consent": None}, "separate_consent: sensitive data need one"),
        ({"legal_bases": ["contract"], "notices": []}, "separate_consent: only a purpose that rests on consent"),
        ({"notices": []}, "notices: a purpose has them if, and only if, it rests on consent"),
        ({"notices": [NOTICE | {"version": 2}]}, "notices: versions count up from 1"),
        ({"notices": [NOTICE, NOTICE | {"version": 2}]}, "notices: each is in force later"),
        (
            {"notices": [NOTICE | {"data_categories": ["feedback"]}]},
            "notices: data_categories are some of the purpose's",
        ),
        ({"notices": [NOTICE | {"data_categories": ["accounts"]}]}, "notices: the last tells of all data_categories"),
        ({"notices": [NOTICE | {"data_categories": []}]}, "purposes.12.notices.0.data_categories"),
        ({"purpose": "tiering"}, "purposes: tiering stands there more than once"),
        ({"separate_consent": 24}, "purposes.12.separate_consent"),
        ({"data_categories": ["fingerprints"]}, "purposes.12.data_categories.0"),
        ({"surprise": 1}, "purposes.12.surprise"),
    ],
)
def test_a_document_that_breaks_a_rule_is_refused_with_its_field(
    tmp_path: Path, changes: dict[str, Any], rule: str
) -> None:
    with pytest.raises(DocumentInvalid, match=rule):
        read_purposes(written(tmp_path, **changes))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DocumentInvalid, match=r"nothing\.json: cannot be read"):
        read_purposes(tmp_path / "nothing.json")


def test_the_words_of_a_published_notice_are_never_changed() -> None:
    purposes = read_purposes().by_code.values()
    found = {one.code: " ".join(notice.digest[:16] for notice in one.notices) for one in purposes if one.notices}
    assert found == DIGESTS


def test_care_uses_feedback_and_consent_to_the_words_of_before_covers_none() -> None:
    care = read_purposes().by_code["churn-care"]
    before, now = care.notices
    assert {*care.told_of(now)} - {*care.told_of(before)} == {"feedback"}
    assert care.told_of(now) == care.data_categories


def test_a_customer_is_told_the_notice_that_is_in_force(tmp_path: Path) -> None:
    later = NOTICE | {"version": 2, "in_force_from": "2026-07-01T00:00:00Z"}
    purpose = read_purposes(written(tmp_path, notices=[NOTICE, later])).by_code["cross-border-transfer"]
    turn = datetime(2026, 7, 1, tzinfo=UTC)
    found = [purpose.notice_at(at) for at in (turn - timedelta(days=365), turn - timedelta(seconds=1), turn)]
    assert [notice and notice.version for notice in found] == [None, 1, 2]
