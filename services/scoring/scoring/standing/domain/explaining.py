"""Why this tier and what would change it, in English and in Chinese, for the customer and for staff.

The customer hears facts of the own account and what can be done; staff also hear points, band and dwell. Who was rated
automatically is told so, and that a person may be asked (PIPL, article 24).
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from scoring.scorecard.domain import Scorecard
from scoring.standing.domain.evidence import Evidence, reasons_in
from scoring.standing.domain.languages import Spoken, bound_of, day_of, name_of, tier_of, value_of
from scoring.standing.domain.reaching import Change, WayUp
from scoring.standing.domain.rounding import bounds_of
from scoring.standing.domain.state import Bank, Standing


class Texts(NamedTuple):
    """An explanation, by who reads it."""

    customer: Spoken
    staff: Spoken


_REVIEW = Spoken(
    "This was decided automatically. You may ask for a review by a person.",
    "本结果由系统自动评定。您可以要求人工复核。",
)

_BY_PEOPLE = Spoken("The tier was given by people of the bank.", "该级别由银行工作人员评定。")

_REFUSED = Spoken(
    "You have refused automated decisions: the tier stays as it is until people of the bank change it.",
    "您已拒绝自动化决策，级别维持不变，须由工作人员评定后方可调整。",
)
_REFUSED_FOR_STAFF = Spoken(
    "The customer has refused automated decisions: the tier stays as it is until people of the bank change it.",
    "客户已拒绝自动化决策，级别维持不变，须由工作人员评定后方可调整。",
)


def texts_of(standing: Standing, card: Scorecard, evidence: Sequence[Evidence], way: WayUp | None, bank: Bank) -> Texts:
    """Of a customer who was decided before; `evidence` and `way` are of the moment of asking."""
    assert standing.tier is not None and standing.tier_since is not None
    reasons = reasons_in(list(evidence))
    since, tier = day_of(_local(standing.tier_since, bank)), tier_of(standing.tier)
    customer = [
        Spoken(f"You have been in the tier {tier.en} since {since.en}.", f"您自{since.zh}起为{tier.zh}客户。"),
        *_what_counts(reasons, bank, with_points=False),
        *_what_would_do(way, bank, with_points=False),
        _by_whom(standing, _REFUSED) or _REVIEW,
    ]
    points, by_people = sum(item.points for item in evidence), _by_whom(standing, _REFUSED_FOR_STAFF)
    staff = [
        Spoken(
            f"Tier {tier.en} since {since.en}, {points} points by scorecard {card.version}.",
            f"自{since.zh}起为{tier.zh}，按第{card.version}版评分卡得{points}分。",
        ),
        *_what_counts(reasons, bank, with_points=True),
        *_what_would_do(way, bank, with_points=True),
        *([by_people] if by_people else _what_threatens(standing, card, bank)),
    ]
    return Texts(_joined(customer), _joined(staff))


def _by_whom(standing: Standing, refused: Spoken) -> Spoken | None:
    """None where no people have a hand in the tier. That they alone may change it does not say that they gave it."""
    if standing.override is not None:
        return _BY_PEOPLE
    return refused if standing.people_only else None


def _what_counts(reasons: Sequence[Evidence], bank: Bank, *, with_points: bool) -> list[Spoken]:
    if not reasons:
        return [Spoken("Nothing counts for less than usual.", "各项均不低于一般客户。")]
    said = [_reason(item, bank, with_points=with_points) for item in reasons]
    return [
        Spoken(
            f"What counts most against a higher tier: {'; '.join(one.en for one in said)}.",
            f"影响级别的主要因素：{'；'.join(one.zh for one in said)}。",
        )
    ]


def _reason(item: Evidence, bank: Bank, *, with_points: bool) -> Spoken:
    name, value = name_of(item.feature), value_of(item.value, item.feature.unit, bank)
    if not with_points:
        return Spoken(f"{name.en} ({value.en})", f"{name.zh}（{value.zh}）")
    usual = f"{item.feature.typical_points:.0f}"
    return Spoken(
        f"{name.en} ({value.en}: {item.points} points, usually {usual})",
        f"{name.zh}（{value.zh}：{item.points}分，一般客户{usual}分）",
    )


def _what_would_do(way: WayUp | None, bank: Bank, *, with_points: bool) -> list[Spoken]:
    if way is None:
        return []
    tier = tier_of(way.tier)
    gap = Spoken("", "")
    if with_points:
        gap = Spoken(f" ({way.missing} points are missing)", f"（还差{way.missing}分）")
    if not way.missing:
        return [Spoken(f"The tier {tier.en} is reached with the next review.", f"下次评定时可达到{tier.zh}。")]
    if not way.changes:
        return [Spoken(f"Nothing that is scored reaches {tier.en}{gap.en}.", f"现有评分项无法达到{tier.zh}{gap.zh}。")]
    wanted = [_wanted(change, bank) for change in way.changes]
    return [
        Spoken(
            f"{tier.en.capitalize()} would be reached with {' and '.join(one.en for one in wanted)}{gap.en}.",
            f"若{'，且'.join(one.zh for one in wanted)}，即可达到{tier.zh}{gap.zh}。",
        )
    ]


def _wanted(change: Change, bank: Bank) -> Spoken:
    name, unit = name_of(change.feature), change.feature.unit
    at_least, below = bounds_of(change, bank)
    if at_least is not None:
        least = bound_of(at_least, unit, bank)
        return Spoken(f"{name.en} of at least {least.en}", f"{name.zh}不低于{least.zh}")
    assert below is not None, "a change has one of the two"
    limit = bound_of(below, unit, bank)
    return Spoken(f"{name.en} below {limit.en}", f"{name.zh}低于{limit.zh}")


def _what_threatens(standing: Standing, card: Scorecard, bank: Bank) -> list[Spoken]:
    if standing.below_since is None:
        return []
    since = day_of(_local(standing.below_since, bank))
    until = day_of(_local(standing.below_since + card.thresholds.dwell, bank))
    return [
        Spoken(
            f"Points have been too low for it since {since.en}; the tier falls on {until.en} unless they rise.",
            f"自{since.zh}起得分偏低，若不回升，将于{until.zh}下调级别。",
        )
    ]


def _local(moment: datetime, bank: Bank) -> date:
    return moment.astimezone(bank.zone).date()


def _joined(said: Sequence[Spoken]) -> Spoken:
    return Spoken(" ".join(one.en for one in said), "".join(one.zh for one in said))
