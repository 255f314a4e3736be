"""Scorecards as documents: read, checked, kept, and never altered under the same version."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from rapport.documents import DocumentInvalid
from rapport.settings import SettingsInvalid
from scoring.main import compose
from scoring.scorecard.domain import Values
from scoring.scorecard.files import PUBLISHED, read_documents, scorecards_of
from scoring.scorecard.handlers import keep_scorecards
from scoring.version.domain.life import VersionAltered
from tests.support.delivering import Delivering

FINGERPRINTS = {"retail-cny-1.json": "0803151e7d826e56", "retail-czk-1.json": "c36c2078f7f1c7f3"}
"""A published version is never altered: a change is the next version, in a file of its own."""


def test_published_scorecards_are_what_they_were_when_they_were_published() -> None:
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:16] for path in PUBLISHED.glob("*.json")}
    assert found == FINGERPRINTS


@pytest.mark.parametrize("currency", ["CNY", "CZK"])
def test_published_scorecards_are_of_known_features_in_minor_units(currency: str) -> None:
    (card,) = scorecards_of(read_documents(currency)).cards
    names = [feature.name for feature in card.features]
    assert names == [name for name in Values._fields if name in names]
    assert {feature.dimension for feature in card.features} >= {"value", "behaviour", "potential"}
    (document,) = read_documents(currency)
    assert card.features[0].edges[0] == document.features[0].edges[0] * 100


def written(folder: Path, **changes: Any) -> Path:
    """The folder of scorecards after a published one was added with changes."""
    document = json.loads((PUBLISHED / "retail-cny-1.json").read_text()) | changes
    cards = folder / "cards"
    cards.mkdir(exist_ok=True)
    (cards / f"{document['version']}.json").write_text(json.dumps(document))
    return cards


def test_a_bank_may_bring_scorecards_of_its_own(tmp_path: Path) -> None:
    written(tmp_path, name="our-own")
    folder = written(tmp_path, name="our-own", version=2, effective_from="2026-01-01")
    cards = scorecards_of(read_documents("CNY", folder))
    assert [card.version for card in cards.cards] == [1, 2]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"author": ""}, "author: String should have at least 1 character"),
        ({"surprise": 1}, "surprise: Extra inputs are not permitted"),
        ({"features": []}, "features: List should have at least 1 item"),
        ({"currency": "XXX"}, "currency: is not an active currency"),
        ({"currency": "USD"}, "scorecard: currency: there is none in CNY"),
        ({"thresholds": {"middle": 160, "high": 165, "band": 10, "dwell_days": 28, "review_days": 30}}, "bands"),
    ],
)
def test_a_document_at_fault_is_refused_with_the_reason(tmp_path: Path, changes: dict[str, Any], fault: str) -> None:
    with pytest.raises(DocumentInvalid, match=fault):
        scorecards_of(read_documents("CNY", written(tmp_path, **changes)))


def test_a_service_does_not_start_on_a_scorecard_at_fault(make_settings, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    settings = make_settings("wall", scorecards=written(tmp_path, version=0))
    with pytest.raises(SettingsInvalid, match="version"):
        compose(settings)


async def test_every_version_in_use_is_kept_once_and_an_altered_one_is_refused(
    service: Delivering, tmp_path: Path
) -> None:
    transactions = service.runtime.transactions
    await keep_scorecards(transactions, documents=read_documents("CNY"))
    await keep_scorecards(transactions, documents=read_documents("CNY"))
    (kept,) = await service.rows("SELECT version, document, effective_from FROM scorecards")
    assert (kept.version, kept.document["currency"], kept.effective_from.year) == (1, "CNY", 1990)
    altered = read_documents("CNY", written(tmp_path, reason="another reason"))
    with pytest.raises(VersionAltered, match="retail-cny 1 differs"):
        await keep_scorecards(transactions, documents=altered)
    assert kept.document["reason"] != "another reason"
