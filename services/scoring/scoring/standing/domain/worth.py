"""What the lifetime value has to do with a tier, in words: that it holds it, falls short of it, could lead to the next.

The customer hears what is looked at and no amount: it is what the bank expects to earn, and nothing to keep to.
"""

from scoring.scorecard.domain import Thresholds, Tier
from scoring.standing.domain.hysteresis import settled
from scoring.standing.domain.languages import Spoken, bound_of, value_of
from scoring.standing.domain.reaching import WayUp
from scoring.standing.domain.rounding import rounded_up
from scoring.standing.domain.state import Bank

_HELD = Spoken(
    "The tier rests on the business expected with you over the coming year, as estimated from how often and for how "
    "much you use your accounts.",
    "该等级依据预计未来一年与您的业务往来评定，该预计根据您使用账户的频率和金额估算。",
)
_SHORT = Spoken(
    "The business expected with you over the coming year, as estimated from how often and for how much you use your "
    "accounts, is less than this tier asks for as well.",
    "预计未来一年与您的业务往来也低于该等级的要求；该预计根据您使用账户的频率和金额估算。",
)
_LEADS = Spoken(
    "The business expected with you over the coming year, as estimated from how often and for how much you use your "
    "accounts, can lead there too.",
    "预计未来一年与您的业务往来较多时，也可达到该等级；该预计根据您使用账户的频率和金额估算。",
)


def is_by_value(limits: Thresholds, old: Tier | None, tier: Tier, points: int, value: float | None) -> bool:
    """Was who came from `old` brought or kept there by the lifetime value, where points alone would not have?"""
    return settled(limits, old, points, value) == tier != settled(limits, old, points)


def holds(limits: Thresholds, tier: Tier, points: int, value: float | None) -> bool:
    """Do points or lifetime value keep this tier, its bands included?"""
    return tier in limits.tiers and limits.reached(points, value, side=-1) >= limits.tiers.index(tier)


def what_value_holds(
    limits: Thresholds, tier: Tier, points: int, value: float | None, bank: Bank, *, is_falling: bool, for_staff: bool
) -> list[Spoken]:
    """Of the tier a customer has: that it rests on the value, or that this falls short as well. Else nothing."""
    if holds(limits, tier, points, value) and not holds(limits, tier, points, None):
        return [_rests(value, bank, for_staff=for_staff)]
    expected = value_of(value, "money", bank)
    least = limits.value_of(tier, -1) if is_falling and tier in limits.tiers else None
    if least is None:
        return []
    asked = bound_of(rounded_up(least, "money", bank), "money", bank)
    short = Spoken(
        f"It would be kept by an expected lifetime value of at least {asked.en} too; at present: {expected.en}.",
        f"预计客户价值不低于{asked.zh}时亦可保持该等级，{_at_present(value, expected)}。",
    )
    return [short if for_staff else _SHORT]


def what_value_did(
    limits: Thresholds, old: Tier | None, tier: Tier, points: int, value: float | None, bank: Bank, *, for_staff: bool
) -> list[Spoken]:
    """Of a decision of before: that the tier rested on the value. Else nothing."""
    return [_rests(value, bank, for_staff=for_staff)] if is_by_value(limits, old, tier, points, value) else []


def _rests(value: float | None, bank: Bank, *, for_staff: bool) -> Spoken:
    expected = value_of(value, "money", bank)
    held = Spoken(
        f"The tier rests on an expected lifetime value of {expected.en}, not on points.",
        f"该等级依据预计客户价值{expected.zh}评定，而非得分。",
    )
    return held if for_staff else _HELD


def what_value_reaches(way: WayUp | None, value: float | None, bank: Bank, *, for_staff: bool) -> list[Spoken]:
    """Of the next tier; nothing where no value reaches it."""
    if way is None or way.value is None:
        return []
    least = bound_of(rounded_up(way.value, "money", bank), "money", bank)
    expected = value_of(value, "money", bank)
    leads = Spoken(
        f"An expected lifetime value of at least {least.en} reaches it too; at present: {expected.en}.",
        f"预计客户价值不低于{least.zh}时亦可达到，{_at_present(value, expected)}。",
    )
    return [leads if for_staff else _LEADS]


def _at_present(value: float | None, expected: Spoken) -> str:
    return f"目前{'' if value is None else '为'}{expected.zh}"
