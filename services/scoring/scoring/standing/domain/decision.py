"""A decision on a tier, with all that it was made of: enough to make it again."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from scoring.scorecard.domain import Dimension, Place, Scorecard, Tier, Values
from scoring.standing.domain.evidence import Evidence, points_by_dimension, reasons_in
from scoring.standing.domain.people import PeopleAct

Cause = Literal["event", "time", "override"]


@dataclass(frozen=True, slots=True)
class Decision:
    """A change of tier, or of its place when another ladder came into force; then `old_tier` is `tier`.

    `decided_at`: the moment it is about; a customer's first decision has no old tier. `people_act`: what people
    did, where that moved the tier; the points are those of that moment, and did not decide.
    """

    customer_id: str
    revision: int
    old_tier: Tier | None
    tier: Tier
    points: int
    evidence: list[Evidence]
    card: Scorecard
    decided_at: datetime
    cause: Cause
    values: Values
    below_since: datetime | None
    """Since when points and lifetime value had been too low for the old tier: with it and the values the tier can be
    decided again."""
    state_hash: str
    people_act: PeopleAct | None = None
    points_by_dimension: dict[Dimension, int] = field(init=False)
    reasons: list[Evidence] = field(init=False)
    """What holds the customer down, the largest shortfall first."""

    @property
    def place(self) -> Place:
        """Where the tier lies in its ladder."""
        place = self.card.thresholds.place_of(self.tier)
        assert place is not None, "a tier is decided by its own ladder"
        return place

    def __post_init__(self) -> None:
        object.__setattr__(self, "points_by_dimension", points_by_dimension(self.evidence))
        object.__setattr__(self, "reasons", reasons_in(self.evidence))
