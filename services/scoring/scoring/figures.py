"""The gauges of scoring beside those that every service has."""

from scoring.challenger.handlers.jobs import AGREEMENT
from scoring.drift.handlers import INDICES
from scoring.fairness.handlers import SELECTION_RATES

FIGURES = (INDICES, SELECTION_RATES, AGREEMENT)
