"""Why this tier and what would change it, in English and in Chinese, for the customer and for staff.

The customer hears facts of the own account and what lasting change could do, and is promised nothing; staff also hear
points. Who was rated automatically is told so, and that a person may be asked (PIPL, article 24).
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from scoring.scorecard.domain import Scorecard
from scoring.standing.domain.evidence import Evidence
from scoring.standing.domain.languages import Spoken, day_of, tier_of
from scoring.standing.domain.people import TO_THE_SCORECARD, PeopleAct
from scoring.standing.domain.phrases import (
    ACTS,
    STAYS,
    STAYS_FOR_STAFF,
    joined,
    what_counts,
    what_is_short,
    what_would_do,
)
from scoring.standing.domain.placing import is_by_people
from scoring.standing.domain.reaching import WayUp
from scoring.standing.domain.state import Bank, Standing
from scoring.standing.domain.worth import holds, what_value_holds, what_value_reaches


class Texts(NamedTuple):
    """An explanation, by who reads it."""

    customer: Spoken
    staff: Spoken


REVIEW = Spoken(
    "This was decided automatically. You may ask for a review by a person.",
    "本结果由系统自动评定。您可以要求人工复核。",
)

_MAY_FALL = Spoken(
    "Since {since} what counts has been lower than this tier asks for; if that lasts, the tier may change from "
    "{until} on.",
    "自{since}起，部分项目低于该等级的要求；如未恢复，等级可能自{until}起调整。",
)
_FALLS = Spoken(
    "Points have been too low for it since {since}; the tier falls on {until} unless they rise.",
    "自{since}起得分偏低，若不回升，将于{until}下调等级。",
)

_BOTH_FALL = Spoken(
    "Points and lifetime value have both been too low for it since {since}; the tier falls on {until} unless one of "
    "them rises.",
    "自{since}起得分与预计客户价值均偏低，若均未回升，将于{until}下调等级。",
)


class _Case(NamedTuple):
    """What there is to tell of."""

    standing: Standing
    card: Scorecard
    evidence: Sequence[Evidence]
    way: WayUp | None
    bank: Bank
    value: float | None
    acted: Spoken | None

    @property
    def points(self) -> int:
        return sum(item.points for item in self.evidence)

    @property
    def is_safe(self) -> bool:
        """Does the ladder look at the lifetime value, and is the tier kept as of now?"""
        limits = self.card.thresholds
        return limits.looks_at_value and holds(limits, self.standing.tier or "", self.points, self.value)


def texts_of(
    standing: Standing,
    card: Scorecard,
    evidence: Sequence[Evidence],
    way: WayUp | None,
    bank: Bank,
    value: float | None = None,
    people_act: PeopleAct | None = None,
) -> Texts:
    """Of a customer decided before, as of the moment of asking; `people_act`: what led to the tier."""
    case = _Case(standing, card, evidence, way, bank, value, _acted(standing, people_act))
    return Texts(joined(_for_customer(case)), joined(_for_staff(case)))


def _for_customer(case: _Case) -> list[Spoken]:
    standing, bank, acted = case.standing, case.bank, case.acted
    tier, since = tier_of(standing.tier or ""), _since(standing, bank)
    by_people = _by_whom(standing, acted, STAYS)
    return [
        Spoken(f"Your customer tier has been {tier.en} since {since.en}.", f"您自{since.zh}起的客户等级为{tier.zh}。"),
        *([acted] if acted and acted is not by_people else []),
        *([] if by_people else _what_threatens(case, _MAY_FALL)),
        *_what_value_holds(case, for_staff=False),
        *what_counts(case.evidence, case.way, bank, is_falling=not by_people and standing.below_since is not None),
        *what_would_do(case.way, bank, with_points=False),
        *what_value_reaches(case.way, case.value, bank, for_staff=False),
        by_people or REVIEW,
    ]


def _for_staff(case: _Case) -> list[Spoken]:
    standing, bank, acted, version = case.standing, case.bank, case.acted, case.card.version
    tier, since = tier_of(standing.tier or "", with_id=True), _since(standing, bank)
    by_people = _by_whom(standing, acted, STAYS_FOR_STAFF)
    falls = _BOTH_FALL if case.card.thresholds.looks_at_value else _FALLS
    return [
        Spoken(
            f"Tier {tier.en} since {since.en}, {case.points} points by scorecard {version}.",
            f"自{since.zh}起等级为{tier.zh}，按第{version}版评分卡得{case.points}分。",
        ),
        *([acted] if acted and acted is not by_people else []),
        *_what_value_holds(case, for_staff=True),
        what_is_short(case.evidence, bank),
        *what_would_do(case.way, bank, with_points=True),
        *what_value_reaches(case.way, case.value, bank, for_staff=True),
        *([by_people] if by_people else _what_threatens(case, falls)),
    ]


def _what_value_holds(case: _Case, *, for_staff: bool) -> list[Spoken]:
    standing = case.standing
    if is_by_people(standing):
        return []
    is_falling = standing.below_since is not None and not case.is_safe
    limits, tier = case.card.thresholds, standing.tier or ""
    return what_value_holds(
        limits, tier, case.points, case.value, case.bank, is_falling=is_falling, for_staff=for_staff
    )


def _acted(standing: Standing, act: PeopleAct | None) -> Spoken | None:
    """What people did that led to the tier; nothing where the scorecard alone holds the customer there by now."""
    if act is None or not (act in TO_THE_SCORECARD or is_by_people(standing)):
        return None
    return ACTS[act]


def _by_whom(standing: Standing, acted: Spoken | None, stays: Sequence[Spoken]) -> Spoken | None:
    """None where no people have a hand in the tier. That they alone may change it does not say that they gave it.

    `stays`: what is said of each cause for which it stays; of several that hold, the first.
    """
    if standing.override is not None:
        return acted if acted is ACTS["override-replaced"] else ACTS["override-began"]
    causes = (standing.automation_refused, standing.consent_refused, standing.is_restricted)
    return next((said for said, holds in zip(stays, causes, strict=True) if holds), None)


def _since(standing: Standing, bank: Bank) -> Spoken:
    assert standing.tier_since is not None, "the customer was decided before"
    return day_of(_local(standing.tier_since, bank))


def _what_threatens(case: _Case, words: Spoken) -> list[Spoken]:
    below_since = case.standing.below_since
    if below_since is None or case.is_safe:
        return []
    since = day_of(_local(below_since, case.bank))
    until = day_of(_local(below_since + case.card.thresholds.dwell, case.bank))
    return [
        Spoken(words.en.format(since=since.en, until=until.en), words.zh.format(since=since.zh, until=until.zh)),
    ]


def _local(moment: datetime, bank: Bank) -> date:
    return moment.astimezone(bank.zone).date()
