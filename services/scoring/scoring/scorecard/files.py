"""Scorecards as files in a folder: what a bank begins with, before a version is drafted over REST."""

from pathlib import Path

from pydantic import ValidationError

from scoring.scorecard.documents import ScorecardDocument
from scoring.scorecard.domain import ScorecardInvalid, Scorecards
from scoring.version.documents import in_words

PUBLISHED = Path(__file__).parent / "published"


def read_documents(currency: str, folder: Path | None = None) -> list[ScorecardDocument]:
    """All versions for this currency in a folder, by default the published ones. Raises ScorecardInvalid."""
    place = folder or PUBLISHED
    found = [read_file(path) for path in sorted(place.glob("*.json"))]
    mine = [document for document in found if document.currency == currency]
    if not mine:
        raise ScorecardInvalid(f"there is no scorecard in {currency} in {place}")
    return sorted(mine, key=lambda document: document.version)


def read_file(path: Path) -> ScorecardDocument:
    """One version. Raises ScorecardInvalid with every fault, OSError where the file cannot be read."""
    try:
        return ScorecardDocument.model_validate_json(path.read_bytes())
    except ValidationError as invalid:
        raise ScorecardInvalid(f"{path.name}: {in_words(invalid)}") from None


def scorecards_of(documents: list[ScorecardDocument]) -> Scorecards:
    """The versions as the rules take them. Raises ScorecardInvalid."""
    return Scorecards([document.card(document.version, document.begins) for document in documents])
