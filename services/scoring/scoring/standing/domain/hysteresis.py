"""Which tier follows from points and lifetime value.

With a band, so that nobody flaps, and a dwell, so that nobody falls at once.
"""

from datetime import datetime

from scoring.scorecard.domain import Thresholds, Tier


def next_tier(
    limits: Thresholds,
    tier: Tier | None,
    below_since: datetime | None,
    points: int,
    at: datetime,
    value: float | None = None,
) -> tuple[Tier, datetime | None]:
    """The tier from now on, and since when points and lifetime `value` are too low for it; None while they are not.

    Up at once, over the threshold by the band. Down only when both were below it by the band for the whole dwell, and
    then to the highest tier that they still hold. Who is in a tier that this ladder does not have is placed anew.
    """
    goal = settled(limits, tier, points, value)
    if tier is None or tier not in limits.tiers or limits.tiers.index(goal) >= limits.tiers.index(tier):
        return goal, None
    since = below_since or at
    return (goal, None) if at - since >= limits.dwell else (tier, since)


def settled(limits: Thresholds, tier: Tier | None, points: int, value: float | None = None) -> Tier:
    """Where a customer comes to be who keeps these points and this lifetime value: bands count, the dwell is over."""
    if tier is None or tier not in limits.tiers:
        return limits.tiers[limits.reached(points, value)]
    held = min(limits.tiers.index(tier), limits.reached(points, value, side=-1))
    return limits.tiers[max(held, limits.reached(points, value, side=1))]
