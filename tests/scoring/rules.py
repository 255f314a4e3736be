"""Scorecards small enough to reckon with, and the published ones."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from scoring.scorecard.domain import Feature, Scorecard, Scorecards, Thresholds
from scoring.scorecard.files import read_documents, scorecards_of
from scoring.standing.domain.rules import Rules
from scoring.standing.domain.state import Bank

BANK = Bank("CNY", 2, ZoneInfo("Asia/Shanghai"))
LIMITS = Thresholds(("low", "middle", "high"), (50, 80), band=5, dwell=timedelta(days=28), review=timedelta(days=30))
BALANCE = Feature(
    "average_balance", "value", "money", "average balance", (100_000.0, 1_000_000.0), (0, 60, 90), 0, 50.0
)
DAYS = Feature("active_days", "behaviour", "days", "active days", (1.0, 10.0), (0, 5, 10), 0, 8.0)
TREND = Feature("balance_trend", "potential", "ratio", "balance trend", (1.0,), (0, 4), 2, 3.0)
OVERDRAFTS = Feature("overdrafts", "risk", "times", "overdrafts", (0.5,), (6, 0), 6, 5.5)
PUBLISHED = Rules(BANK, scorecards_of(read_documents("CNY")))


def card(
    *features: Feature,
    version: int = 1,
    effective_from: datetime = datetime(1990, 1, 1, tzinfo=UTC),
    limits: Thresholds = LIMITS,
) -> Scorecard:
    """A scorecard of these features, by default of one in each dimension."""
    return Scorecard(
        name="test",
        version=version,
        currency="CNY",
        effective_from=effective_from,
        author="tests",
        reason="to reckon with",
        features=features or (BALANCE, DAYS, TREND, OVERDRAFTS),
        thresholds=limits,
    )


def rules(*cards: Scorecard) -> Rules:
    """Rules by these versions."""
    return Rules(BANK, Scorecards(cards or [card()]))
