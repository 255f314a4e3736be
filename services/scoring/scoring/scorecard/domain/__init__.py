"""What a scorecard is: features in monotone bins, a ladder of tiers, versions in force from a date."""

from scoring.scorecard.domain.cards import (
    Scorecard,
    ScorecardAltered,
    ScorecardInvalid,
    ScorecardNotFound,
    Scorecards,
)
from scoring.scorecard.domain.faults import Fault
from scoring.scorecard.domain.features import DIMENSIONS, Dimension, Feature, Unit, Values
from scoring.scorecard.domain.ladder import Place, Thresholds, Tier

__all__ = [
    "DIMENSIONS",
    "Dimension",
    "Fault",
    "Feature",
    "Place",
    "Scorecard",
    "ScorecardAltered",
    "ScorecardInvalid",
    "ScorecardNotFound",
    "Scorecards",
    "Thresholds",
    "Tier",
    "Unit",
    "Values",
]
