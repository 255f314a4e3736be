"""The scorecards a bank begins with: its own files, or the published ones."""

from pathlib import Path

from scoring.scorecard.documents import ScorecardDocument
from scoring.scorecard.domain import Scorecards
from scoring.version.files import read_folder

PUBLISHED = Path(__file__).parent / "published"


def read_documents(currency: str, folder: Path | None = None) -> list[ScorecardDocument]:
    """All versions for this currency in a folder, by default the published ones. Raises DocumentInvalid."""
    return read_folder(ScorecardDocument, folder or PUBLISHED, currency)


def scorecards_of(documents: list[ScorecardDocument]) -> Scorecards:
    """The versions as the rules take them. Raises ScorecardInvalid."""
    return Scorecards([document.card(document.version, document.begins) for document in documents])
