"""What counts and what would change it, in both languages: of a standing now and of a decision of before alike."""

from collections.abc import Sequence

from scoring.standing.domain.evidence import Evidence, reasons_in
from scoring.standing.domain.languages import Spoken, name_of, reason_of, tier_of, wish_of
from scoring.standing.domain.people import PeopleAct
from scoring.standing.domain.reaching import WayUp
from scoring.standing.domain.state import Bank

ACTS: dict[PeopleAct, Spoken] = {
    "override-began": Spoken("The tier was given by people of the bank.", "该等级由银行工作人员评定。"),
    "override-replaced": Spoken(
        "The tier was given by people of the bank, in place of one that they had given before.",
        "该等级由银行工作人员重新评定，取代其此前评定的等级。",
    ),
    "override-ended": Spoken(
        "This followed when the time was over for which people of the bank had given another tier.",
        "银行工作人员此前评定的等级已到期，故作此调整。",
    ),
    "override-revoked": Spoken(
        "This followed when people of the bank withdrew the tier that they had given.",
        "银行工作人员已撤销其此前评定的等级，故作此调整。",
    ),
    "automation-refused": Spoken(
        "Automated decisions had been refused, so the tier was not decided by points.",
        "因已拒绝自动化决策，本次等级并非按得分评定。",
    ),
    "refusal-withdrawn": Spoken(
        "This followed when the refusal of automated decisions was taken back.",
        "此前对自动化决策的拒绝已撤回，故作此调整。",
    ),
    "consent-refused": Spoken(
        "Consent to automated tiering had been declined or withdrawn, so the tier was not decided by points.",
        "因未同意或已撤回同意自动化客户分层，本次等级并非按得分评定。",
    ),
    "consent-given": Spoken(
        "This followed when consent to automated tiering was given.",
        "因已同意自动化客户分层，故作此调整。",
    ),
    "relationship-restricted": Spoken(
        "From then on the tier was not decided by points.",
        "自此等级不再按得分评定。",
    ),
    "relationship-resumed": Spoken(
        "This followed when the tier was decided by points again.",
        "等级已恢复按得分评定，故作此调整。",
    ),
}
"""What people did that moved a tier, for the customer and for staff alike: so a restriction, which can tell of an
inquiry, is not named."""
REFUSED = Spoken(
    "You have refused automated decisions: the tier stays as it is until people of the bank change it.",
    "您已拒绝自动化决策，等级维持不变，须由工作人员评定后方可调整。",
)
REFUSED_FOR_STAFF = Spoken(
    "The customer has refused automated decisions: the tier stays as it is until people of the bank change it.",
    "客户已拒绝自动化决策，等级维持不变，须由工作人员评定后方可调整。",
)
NOT_CONSENTED = Spoken(
    "You have not consented to automated tiering, or have withdrawn your consent: the tier stays as it is until people "
    "of the bank change it.",
    "您未同意或已撤回同意自动化客户分层，等级维持不变，须由工作人员评定后方可调整。",
)
NOT_CONSENTED_FOR_STAFF = Spoken(
    "The customer has declined or withdrawn consent to automated tiering: the tier stays as it is until people of the "
    "bank change it.",
    "客户未同意或已撤回同意自动化客户分层，等级维持不变，须由工作人员评定后方可调整。",
)
UNSAID = Spoken(
    "The tier is not decided automatically at present: it stays as it is until people of the bank change it.",
    "该等级目前不作自动评定，维持不变，须由工作人员评定后方可调整。",
)
"""Of a restriction the customer is not told: it can tell of an inquiry."""
RESTRICTED_FOR_STAFF = Spoken(
    "The business relationship is restricted: the tier stays as it is until people of the bank change it.",
    "客户业务关系受限，等级维持不变，须由工作人员评定后方可调整。",
)
STAYS = (REFUSED, NOT_CONSENTED, UNSAID)
STAYS_FOR_STAFF = (REFUSED_FOR_STAFF, NOT_CONSENTED_FOR_STAFF, RESTRICTED_FOR_STAFF)
"""Why people alone may change a tier, the widest cause first."""
_NOTHING_SHORT = Spoken("Nothing counts for less than usual.", "各项均不低于一般客户。")


def what_counts(
    evidence: Sequence[Evidence], way: WayUp | None, bank: Bank, *, is_falling: bool = False
) -> list[Spoken]:
    """For the customer: what stands against rising, or is low while the tier may fall. Nothing where neither is so."""
    reasons = reasons_in(list(evidence))
    if way is None and not is_falling:
        return []
    if not reasons:
        return [_NOTHING_SHORT]
    # The amount of what the bank expects is for staff.
    said = _listed(
        [name_of(item.feature) if item.feature.is_expectation else reason_of(item, bank) for item in reasons]
    )
    if way is None:
        return [Spoken(f"Lower than usual: {said.en}.", f"低于一般水平的主要项目：{said.zh}。")]
    return [Spoken(f"What counts most against a higher tier: {said.en}.", f"影响等级提升的主要因素：{said.zh}。")]


def what_is_short(evidence: Sequence[Evidence], bank: Bank) -> Spoken:
    """For staff: the largest shortfalls, with points."""
    reasons = reasons_in(list(evidence))
    if not reasons:
        return _NOTHING_SHORT
    said = _listed([_with_points(item, bank) for item in reasons])
    return Spoken(f"Furthest below a typical customer: {said.en}.", f"低于一般客户最多的项目：{said.zh}。")


def _with_points(item: Evidence, bank: Bank) -> Spoken:
    said, usual = reason_of(item, bank), f"{item.feature.typical_points:.0f}"
    return Spoken(f"{said.en}: {item.points} points, usually {usual}", f"{said.zh}：{item.points}分，一般客户{usual}分")


def what_would_do(way: WayUp | None, bank: Bank, *, with_points: bool) -> list[Spoken]:
    """What would reach the next tier. Sums and averages follow slowly, so no moment is named and nothing promised."""
    if way is None:
        return []
    tier = tier_of(way.tier)
    if not way.missing:
        return [
            Spoken(
                f"By what is known so far, {tier.en} can be reached with the next review.",
                f"按目前情况，下次评定时有望达到{tier.zh}等级。",
            )
        ]
    gap = Spoken("", "")
    if with_points:
        gap = Spoken(f" ({way.missing} points are missing)", f"（还差{way.missing}分）")
    if not way.changes:
        return [
            Spoken(
                f"{tier.en} cannot be reached at present{gap.en}.", f"目前各评定项目均无法达到{tier.zh}等级{gap.zh}。"
            )
        ]
    wishes = _listed([wish_of(change, bank) for change in way.changes])
    return [
        Spoken(
            f"{tier.en} can be reached over time by keeping to this: {wishes.en}{gap.en}. The review then decides.",
            f"如持续满足以下条件，一段时间后有望达到{tier.zh}等级：{wishes.zh}{gap.zh}。届时以评定结果为准。",
        )
    ]


def joined(said: Sequence[Spoken]) -> Spoken:
    """Sentences as one text."""
    return Spoken(" ".join(one.en for one in said), "".join(one.zh for one in said))


def _listed(said: Sequence[Spoken]) -> Spoken:
    return Spoken("; ".join(one.en for one in said), "；".join(one.zh for one in said))
