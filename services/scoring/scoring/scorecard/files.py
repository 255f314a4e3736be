"""The scorecards a bank begins with: its own files, or the published ones."""

from collections.abc import Sequence
from pathlib import Path

from scoring.scorecard.documents import ScorecardDocument
from scoring.scorecard.domain import Scorecards
from scoring.version.files import read_files

PUBLISHED = Path(__file__).parent / "published"


def read_documents(currency: str, own: Path | None = None) -> tuple[ScorecardDocument, ...]:
    """All versions for this currency of a file or folder, by default the published ones. Raises DocumentInvalid."""
    return read_files(ScorecardDocument, own, PUBLISHED, currency)


def scorecards_of(documents: Sequence[ScorecardDocument]) -> Scorecards:
    """The versions as the rules take them. Raises ScorecardInvalid."""
    return Scorecards([document.card(document.version, document.begins) for document in documents])
