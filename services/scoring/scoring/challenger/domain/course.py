"""A customer's course by the challenger, beside the one that counts: with a tier, a dwell and due times of its own.

It reads what is known of the customer and writes into nothing but itself.
"""

from dataclasses import dataclass
from datetime import datetime

from scoring.scorecard.domain import Tier
from scoring.standing.domain.evidence import values_of
from scoring.standing.domain.hysteresis import next_tier
from scoring.standing.domain.rules import Rules
from scoring.standing.domain.state import Standing
from scoring.standing.domain.tiering import next_due


@dataclass(slots=True)
class Shadow:
    """Where the challenger has one customer.

    `events`: so many were decided by both since `begun_at`; after `agreements` of them both had the same tier.
    """

    customer_id: str
    tier: Tier | None
    tier_since: datetime | None
    below_since: datetime | None
    begun_at: datetime
    points: int = 0
    due_at: datetime | None = None
    events: int = 0
    agreements: int = 0

    @classmethod
    def of(cls, standing: Standing, at: datetime) -> "Shadow":
        """Where the customer stands, as if the challenger came into force at `at`; nothing is decided yet.

        It begins where the scorecard's own course is, whatever tier people gave.
        """
        own = standing.course
        return cls(standing.customer_id, own.tier, own.since, standing.below_since, begun_at=at)

    def decide(self, standing: Standing, rules: Rules, at: datetime) -> None:
        """Decide as of `at`, by the challenger's hysteresis; `rules`: the bank's, with the challenger alone."""
        card = rules.cards.at(at)
        values = values_of(standing, at, rules.bank, rules.rates, rules.model_for(at, card))
        points, value = card.points_of(values), values.lifetime_value
        tier, self.below_since = next_tier(card.thresholds, self.tier, self.below_since, points, at, value)
        if tier != self.tier or self.tier_since is None:
            self.tier, self.tier_since = tier, at
        self.points = points
        self.due_at = next_due(rules, self.tier_since, self.below_since, at)

    def reach(self, standing: Standing, rules: Rules, until: datetime) -> None:
        """Decide what fell due by silence up to `until`, each time as of the moment it was due."""
        while self.due_at is not None and self.due_at <= until:
            self.decide(standing, rules, self.due_at)

    def meet(self, standing: Standing, rules: Rules, at: datetime) -> None:
        """Decide on an event that `standing` has been decided on just now; what fell due before comes first."""
        self.decide(standing, rules, at)
        self.events += 1
        self.agreements += self.tier == standing.course.tier
