"""The judgement that precedes every fit: which features there are, what they mean, and which way each may count."""

from pathlib import Path

from scoring.scorecard.documents import ScorecardDocument
from scoring.scorecard.domain import Scorecard

EXPERT = ScorecardDocument.model_validate_json((Path(__file__).parent / "expert.json").read_bytes())


def scorecard_of(document: ScorecardDocument) -> Scorecard:
    """The same as the rules take it."""
    return document.card(document.version, document.begins)
