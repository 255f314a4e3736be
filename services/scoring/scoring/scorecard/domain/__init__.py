"""What a scorecard is: features in monotone bins, a ladder of tiers, versions in force from a date."""

from scoring.scorecard.domain.cards import (
    Scorecard,
    ScorecardInvalid,
    Scorecards,
)
from scoring.scorecard.domain.features import DIMENSIONS, Dimension, Feature, Unit, Values
from scoring.scorecard.domain.ladder import Place, Thresholds, Tier
from scoring.version.domain.faults import Fault

__all__ = [
    "DIMENSIONS",
    "Dimension",
    "Fault",
    "Feature",
    "Place",
    "Scorecard",
    "ScorecardInvalid",
    "Scorecards",
    "Thresholds",
    "Tier",
    "Unit",
    "Values",
]
