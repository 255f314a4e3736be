"""A decision of before in words, made again from what is stored of it by the version of the scorecard that made it."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from scoring.scorecard.domain import Scorecard, Tier, Values
from scoring.standing.domain.decision import Cause
from scoring.standing.domain.evidence import Evidence, evidence_of
from scoring.standing.domain.explaining import REVIEW, Texts
from scoring.standing.domain.languages import Spoken, day_of, tier_of
from scoring.standing.domain.people import TO_THE_SCORECARD, PeopleAct
from scoring.standing.domain.phrases import ACTS, joined, what_counts, what_is_short, what_would_do
from scoring.standing.domain.reaching import way_up
from scoring.standing.domain.state import Bank
from scoring.standing.domain.worth import what_value_did, what_value_reaches


class Past(NamedTuple):
    """What is told of a stored decision; `values` is None for decisions of long ago, and so may `people_act` be."""

    old_tier: Tier | None
    tier: Tier
    points: int
    scorecard_version: int
    cause: Cause
    decided_at: datetime
    values: Mapping[str, float | None] | None
    people_act: PeopleAct | None


_CAUSES: dict[Cause, Spoken] = {
    "event": Spoken("Something happened to the customer's accounts or products.", "起因：账户或产品发生变动。"),
    "time": Spoken("Time alone changed the points.", "起因：时间推移。"),
    "override": Spoken("An override by people of the bank began or ended.", "起因：银行工作人员的人工评定生效或结束。"),
}
_BY_PEOPLE = Spoken(
    "This follows from people of the bank having given a tier, or from that having ended.",
    "本次结果因银行工作人员的人工评定生效或结束。",
)
_AS_OF_THEN = Spoken("What follows is as things were then.", "以下内容以评定当时的情况为准。")
_NO_DETAILS = Spoken("The reasons of that time can no longer be given in detail.", "当时的具体依据已无法详述。")
_NO_VALUES = Spoken("The values it was made on were not kept.", "当时的数值未予保存，无法重述依据。")


def retold(past: Past, card: Scorecard | None, bank: Bank) -> Texts:
    """For the customer and for staff. `card`: the version that decided; None where it is not known here.

    What cannot be made again is said to be so.
    """
    evidence = evidence_of(card, Values(**past.values)) if card and past.values is not None else None  # type: ignore[arg-type]
    by_people = _by_people(past, card)
    acted = [] if past.people_act is None else [ACTS[past.people_act]]
    customer = [_moved(past, bank, for_staff=False), *acted]
    staff = [_moved(past, bank, for_staff=True), *(acted or [_CAUSES[past.cause]])]
    if card is None or evidence is None:
        customer.append(_NO_DETAILS)
        staff.append(_NO_VALUES if card else _unknown(past.scorecard_version))
    else:
        customer += _after(_AS_OF_THEN, _counted(past, card, evidence, bank, for_staff=False, by_people=by_people))
        staff += _after(_AS_OF_THEN, _counted(past, card, evidence, bank, for_staff=True, by_people=by_people))
    if by_people not in acted:
        customer.append(by_people or REVIEW)
        staff += [by_people] if by_people is ACTS["automation-refused"] else []
    return Texts(joined(customer), joined(staff))


def _counted(
    past: Past, card: Scorecard, evidence: list[Evidence], bank: Bank, *, for_staff: bool, by_people: Spoken | None
) -> list[Spoken]:
    # No points move a tier that people gave.
    value = (past.values or {}).get("lifetime_value")
    way = None if by_people else way_up(card, evidence, past.tier, value)
    counts = [what_is_short(evidence, bank)] if for_staff else what_counts(evidence, way, bank)
    held = (
        []
        if by_people
        else what_value_did(card.thresholds, past.old_tier, past.tier, past.points, value, bank, for_staff=for_staff)
    )
    reaches = what_value_reaches(way, value, bank, for_staff=for_staff)
    return [*held, *counts, *what_would_do(way, bank, with_points=for_staff), *reaches]


def _after(lead: Spoken, said: list[Spoken]) -> list[Spoken]:
    return [lead, *said] if said else []


def _by_people(past: Past, card: Scorecard | None) -> Spoken | None:
    """Where nobody kept what people did, a first tier that the points would not have given is of who had refused."""
    if past.people_act is not None:
        return None if past.people_act in TO_THE_SCORECARD else ACTS[past.people_act]
    if past.cause == "override":
        return _BY_PEOPLE
    if card is None or past.old_tier is not None:
        return None
    limits, value = card.thresholds, (past.values or {}).get("lifetime_value")
    return None if limits.tiers[limits.reached(past.points, value)] == past.tier else ACTS["automation-refused"]


def _moved(past: Past, bank: Bank, *, for_staff: bool) -> Spoken:
    day, tier = day_of(past.decided_at.astimezone(bank.zone).date()), tier_of(past.tier, with_id=for_staff)
    whose = Spoken("the tier", "客户等级") if for_staff else Spoken("your customer tier", "您的客户等级")
    by = Spoken("", "")
    if for_staff:
        version, points = past.scorecard_version, past.points
        by = Spoken(f": {points} points by scorecard {version}", f"：按第{version}版评分卡得{points}分")
    if past.old_tier is None:
        moved = Spoken(f"was first set to {tier.en}", f"首次评定为{tier.zh}")
    elif past.old_tier == past.tier:
        moved = Spoken(f"stayed {tier.en} as the ladder of tiers changed", f"在等级体系调整后仍为{tier.zh}")
    else:
        old = tier_of(past.old_tier, with_id=for_staff)
        moved = Spoken(f"changed from {old.en} to {tier.en}", f"由{old.zh}调整为{tier.zh}")
    return Spoken(f"On {day.en} {whose.en} {moved.en}{by.en}.", f"{day.zh}，{whose.zh}{moved.zh}{by.zh}。")


def _unknown(version: int) -> Spoken:
    return Spoken(
        f"Scorecard {version} is not known here, so the reasons cannot be given again.",
        f"此处没有第{version}版评分卡，无法重述依据。",
    )
