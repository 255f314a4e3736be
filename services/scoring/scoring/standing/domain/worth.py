"""What the lifetime value has to do with a tier, in words: that it holds it, or could lead to the next one.

The customer hears what is looked at and no amount: it is what the bank expects to earn, and nothing to keep to.
"""

from scoring.scorecard.domain import Thresholds, Tier
from scoring.standing.domain.languages import Spoken, bound_of, value_of
from scoring.standing.domain.reaching import WayUp
from scoring.standing.domain.rounding import rounded_up
from scoring.standing.domain.state import Bank

_HELD = Spoken(
    "The tier rests on the business expected with you over the coming year, as estimated from how often and for how "
    "much you use your accounts.",
    "该等级依据预计未来一年与您的业务往来评定，该预计根据您使用账户的频率和金额估算。",
)
_LEADS = Spoken(
    "The business expected with you over the coming year, as estimated from how often and for how much you use your "
    "accounts, can lead there too.",
    "预计未来一年与您的业务往来较多时，也可达到该等级；该预计根据您使用账户的频率和金额估算。",
)


def is_held_by_value(limits: Thresholds, tier: Tier, points: int, value: float | None) -> bool:
    """Would points alone not hold this tier, though the lifetime value does?"""
    place = limits.tiers.index(tier) if tier in limits.tiers else 0
    return limits.reached(points, side=-1) < place <= limits.reached(points, value, side=-1)


def what_value_does(
    limits: Thresholds, tier: Tier, points: int, value: float | None, way: WayUp | None, bank: Bank, *, for_staff: bool
) -> list[Spoken]:
    """Nothing where no step of the ladder looks at it."""
    expected = value_of(value, "money", bank)
    if is_held_by_value(limits, tier, points, value):
        held = Spoken(
            f"The tier rests on an expected lifetime value of {expected.en}, not on points.",
            f"该等级依据预计客户价值{expected.zh}评定，而非得分。",
        )
        return [held if for_staff else _HELD]
    if way is None or way.value is None:
        return []
    least = bound_of(rounded_up(way.value, "money", bank), "money", bank)
    leads = Spoken(
        f"An expected lifetime value of at least {least.en} reaches it too; at present: {expected.en}.",
        f"预计客户价值不低于{least.zh}时亦可达到，目前为{expected.zh}。",
    )
    return [leads if for_staff else _LEADS]
