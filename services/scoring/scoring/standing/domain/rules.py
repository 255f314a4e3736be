"""What decisions are made by."""

from dataclasses import dataclass, field
from datetime import datetime

from scoring.exchange_rate.domain import Rates
from scoring.lifetime_value.domain.model import LifetimeModel, LifetimeModels
from scoring.scorecard.domain import Scorecard, Scorecards
from scoring.standing.domain.state import Bank


@dataclass(frozen=True, slots=True)
class Rules:
    """What decisions are made by: the bank, its scorecards, the models of what customers will bring, exchange rates."""

    bank: Bank
    cards: Scorecards
    models: LifetimeModels = field(default_factory=LifetimeModels)
    rates: Rates = field(default_factory=Rates)

    def model_for(self, at: datetime, *cards: Scorecard) -> LifetimeModel | None:
        """By which the lifetime value counts in a decision about `at`; None where none of the cards asks for it."""
        return self.models.deciding_at(at) if any(card.asks_for_lifetime_value for card in cards) else None
