"""Which tier follows from the points: with a band, so that nobody flaps, and a dwell, so that nobody falls at once.

Decided for every event at its own moment and, through `due_at`, by silence: whatever the size of a batch, and whether a
timer or the next event comes first, the decisions are the same, dates included.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from scoring.lifetime_value.domain.model import LifetimeModel, LifetimeModels
from scoring.scorecard.domain import Dimension, Place, Scorecard, Scorecards, Thresholds, Tier, Values
from scoring.standing.domain.assets import beginning_of, month_of
from scoring.standing.domain.evidence import Evidence, evidence_of, points_by_dimension, reasons_in, values_of
from scoring.standing.domain.state import Bank, Standing, state_hash


@dataclass(frozen=True, slots=True)
class Rules:
    """What decisions are made by: the bank, its scorecards, and the models of what customers will bring."""

    bank: Bank
    cards: Scorecards
    models: LifetimeModels = field(default_factory=LifetimeModels)

    def model_for(self, at: datetime, *cards: Scorecard) -> LifetimeModel | None:
        """By which the lifetime value counts in a decision about `at`; None where none of the cards asks for it."""
        return self.models.deciding_at(at) if any(card.asks_for_lifetime_value for card in cards) else None


@dataclass(frozen=True, slots=True)
class Decision:
    """A change of tier, or of its place when another ladder came into force; then `old_tier` is `tier`.

    `decided_at`: the moment it is about; a customer's first decision has no old tier.
    """

    customer_id: str
    revision: int
    old_tier: Tier | None
    tier: Tier
    points: int
    evidence: list[Evidence]
    card: Scorecard
    decided_at: datetime
    cause: Literal["event", "time"]
    values: Values
    below_since: datetime | None
    """Since when points had been too low for the old tier: with it and the values the tier can be decided again."""
    state_hash: str
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


def next_tier(
    limits: Thresholds, tier: Tier | None, below_since: datetime | None, points: int, at: datetime
) -> tuple[Tier, datetime | None]:
    """The tier from now on, and since when points are too low for it; None while they are not.

    Up at once, over the threshold by the band. Down only when points were below it by the band for the whole dwell, and
    then to the highest tier that they still hold. Who is in a tier that this ladder does not have is placed anew.
    """
    goal = settled(limits, tier, points)
    if tier is None or tier not in limits.tiers or limits.tiers.index(goal) >= limits.tiers.index(tier):
        return goal, None
    since = below_since or at
    return (goal, None) if at - since >= limits.dwell else (tier, since)


def settled(limits: Thresholds, tier: Tier | None, points: int) -> Tier:
    """Where a customer comes to be who keeps these points: the band counts, the dwell is over."""
    if tier is None or tier not in limits.tiers:
        return limits.tiers[limits.reached(points)]
    held = min(limits.tiers.index(tier), limits.reached(points, -limits.band))
    return limits.tiers[max(held, limits.reached(points, limits.band))]


def decide(
    standing: Standing, rules: Rules, at: datetime, cause: Literal["event", "time"] = "event"
) -> Decision | None:
    """Decide a customer again as of `at`, and when the next time is at the latest; returns a change of tier."""
    card = rules.cards.at(at)
    before = card if standing.decided_at is None else rules.cards.at(standing.decided_at)
    values = values_of(standing, at, rules.bank, rules.model_for(at, card))
    points = card.points_of(values)
    old, too_low_since = standing.tier, standing.below_since
    tier, below_since = next_tier(card.thresholds, old, too_low_since, points, at)
    since = at if tier != old or standing.tier_since is None else standing.tier_since
    standing.points, standing.decided_at, standing.below_since, standing.tier_since = points, at, below_since, since
    standing.due_at = next_due(rules, since, below_since, at)
    if tier == old and (before is card or before.thresholds.place_of(tier) == card.thresholds.place_of(tier)):
        return None
    standing.tier = tier
    standing.revision += 1
    evidence = evidence_of(card, values)
    known = state_hash(standing)
    return Decision(
        standing.customer_id,
        standing.revision,
        old,
        tier,
        points,
        evidence,
        card,
        at,
        cause,
        values,
        too_low_since,
        known,
    )


def next_due(rules: Rules, tier_since: datetime, below_since: datetime | None, at: datetime) -> datetime:
    """The next review, the end of a dwell, the next scorecard or, where it counts, the next month, whichever is first;
    always after `at`.

    Reviews lie on a grid that begins with the present tier: were each a review's length after the last event, every
    event would move the index of due times.
    """
    card, change = rules.cards.at(at), rules.cards.next_change(at)
    limits = card.thresholds
    due = tier_since + ((at - tier_since) // limits.review + 1) * limits.review
    if below_since is not None:
        due = min(due, below_since + limits.dwell)
    if card.turns_with_the_month:
        zone = rules.bank.zone
        due = min(due, beginning_of(month_of(at.astimezone(zone).date()) + 1, zone))
    return due if change is None else min(due, change)


def heed_versions(standing: Standing, cards: Scorecards) -> None:
    """Let a version that was approved after the last decision come first, though nobody has set the due time anew."""
    if standing.decided_at is not None and standing.due_at is not None:
        change = cards.next_change(standing.decided_at)
        if change is not None and change < standing.due_at:
            standing.due_at = change


def decide_due(standing: Standing, rules: Rules, until: datetime) -> list[Decision]:
    """Every decision that fell due up to `until`, each as of the moment it was due; those that changed the tier."""
    changes = []
    while standing.due_at is not None and standing.due_at <= until:
        change = decide(standing, rules, standing.due_at, "time")
        if change is not None:
            changes.append(change)
    return changes


def meet(standing: Standing, rules: Rules, at: datetime, fold: Callable[[Standing], None]) -> list[Decision]:
    """An event in a customer's course: what fell due before it, then its own effect, then the decision on it.

    Returns the changes of tier, in their order. Live or in a replay, this order is the same.
    """
    changes = decide_due(standing, rules, at)
    fold(standing)
    change = decide(standing, rules, at)
    return changes if change is None else [*changes, change]
